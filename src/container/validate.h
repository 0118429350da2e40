/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct oci_config;
struct oci_process;

/*
 * The rules of config.json that no single feature owns (config.md): ociVersion,
 * empty annotation keys, and every field that this version does not honour, refused by name.
 * Features check their own fields when they plan.
 */
fallible validate_config(const struct oci_config *config);

/* Those of them that are about one process, for exec.  Fields are named as in config.json. */
fallible validate_process(const struct oci_process *process);
