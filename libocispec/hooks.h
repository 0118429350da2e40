/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/schema.h"

/* config.md#posix-platform-hooks: one program; timeout in seconds. */
struct oci_hook {
    const char *path;             /* "path", required */
    struct oci_string_array args; /* "args" */
    struct oci_string_array env;  /* "env" */
    struct oci_opt_i32 timeout;   /* "timeout" */
};
OCI_ARRAY_OF(hook);
extern const struct oci_schema oci_hook_schema;

/* config.md#posix-platform-hooks: programs to run around the life of the container. */
struct oci_hooks {
    struct oci_hook_array prestart;         /* "prestart" */
    struct oci_hook_array create_runtime;   /* "createRuntime" */
    struct oci_hook_array create_container; /* "createContainer" */
    struct oci_hook_array start_container;  /* "startContainer" */
    struct oci_hook_array poststart;        /* "poststart" */
    struct oci_hook_array poststop;         /* "poststop" */
};
extern const struct oci_schema oci_hooks_schema;
