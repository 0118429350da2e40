/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct oci_vm;

/* `vm` (config-vm.md): what the schema cannot say of it, that its paths are absolute.  ERROR_CONFIG
 * with the path's field.  NULL is fine. */
fallible virtual_machine_check(const struct oci_vm *vm);
