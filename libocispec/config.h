/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/hooks.h"
#include "libocispec/linux.h"
#include "libocispec/mount.h"
#include "libocispec/process.h"
#include "libocispec/resources.h"
#include "libocispec/schema.h"
#include "libocispec/seccomp.h"
#include "libocispec/vm.h"

/* config.md: the document config.json. */
struct oci_config {
    const char *oci_version;           /* "ociVersion", required */
    struct oci_root *root;             /* "root", required on Linux */
    struct oci_mount_array mounts;     /* "mounts" */
    struct oci_process *process;       /* "process" */
    const char *hostname;              /* "hostname" */
    const char *domainname;            /* "domainname" */
    struct oci_hooks *hooks;           /* "hooks" */
    struct oci_string_map annotations; /* "annotations" */
    struct oci_linux *linux_;          /* "linux" */
    struct oci_vm *vm;                 /* "vm" */
};
extern const struct oci_schema oci_config_schema;
