/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct oci_config;

/*
 * The rules of config.json that no single feature owns (config.md, spec-matrix "EV"): ociVersion,
 * empty annotation keys, and every field that this version does not honour, refused by name.
 * Features check their own fields when they plan.
 */
fallible validate_config(const struct oci_config *config);
