/* SPDX-License-Identifier: Apache-2.0 */
/* `hooks` of config.json.  A hook without env has an empty environment, not ours. */
#include "libocispec/hooks.h"

static const struct oci_field hook_fields[] = {
    OCI_FIELD(oci_hook, path, "path", STR, REQ),
    OCI_FIELD(oci_hook, args, "args", STRS, OPT),
    OCI_FIELD(oci_hook, env, "env", STRS, OPT),
    OCI_FIELD(oci_hook, timeout, "timeout", I32, OPT),
};
const struct oci_schema oci_hook_schema = OCI_SCHEMA(oci_hook, hook_fields);

static const struct oci_field hooks_fields[] = {
    OCI_FIELD_OF(oci_hooks, prestart, "prestart", ARR, oci_hook, OPT),
    OCI_FIELD_OF(oci_hooks, create_runtime, "createRuntime", ARR, oci_hook, OPT),
    OCI_FIELD_OF(oci_hooks, create_container, "createContainer", ARR, oci_hook, OPT),
    OCI_FIELD_OF(oci_hooks, start_container, "startContainer", ARR, oci_hook, OPT),
    OCI_FIELD_OF(oci_hooks, poststart, "poststart", ARR, oci_hook, OPT),
    OCI_FIELD_OF(oci_hooks, poststop, "poststop", ARR, oci_hook, OPT),
};
const struct oci_schema oci_hooks_schema = OCI_SCHEMA(oci_hooks, hooks_fields);
