/* SPDX-License-Identifier: Apache-2.0 */
/* The document that `state` prints and hooks read, and the one sent to a seccomp listener. */
#include "libocispec/state.h"

static const char *const status_names[] = {
    [OCI_STATUS_CREATING] = "creating", [OCI_STATUS_CREATED] = "created",
    [OCI_STATUS_RUNNING] = "running",   [OCI_STATUS_STOPPED] = "stopped",
    [OCI_STATUS_PAUSED] = "paused",
};
const struct oci_enum oci_status_names = OCI_ENUM(status_names);

static const struct oci_field waiting_fields[] = {
    OCI_FIELD(oci_waiting, what, "what", STR, REQ),
    OCI_FIELD(oci_waiting, hook, "hook", STR, OPT),
    OCI_FIELD(oci_waiting, cgroup, "cgroup", STR, OPT),
    OCI_FIELD(oci_waiting, process, "process", I32, OPT),
    OCI_FIELD(oci_waiting, command, "command", STR, OPT),
    OCI_FIELD(oci_waiting, since, "since", STR, OPT),
    OCI_FIELD(oci_waiting, is_stopped, "isStopped", BOOL, OPT),
};
const struct oci_schema oci_waiting_schema = OCI_SCHEMA(oci_waiting, waiting_fields);

static const struct oci_field state_fields[] = {
    OCI_FIELD(oci_state, oci_version, "ociVersion", STR, REQ),
    OCI_FIELD(oci_state, id, "id", STR, REQ),
    OCI_FIELD_OF(oci_state, status, "status", ENUM, oci_status, REQ),
    OCI_FIELD(oci_state, pid, "pid", I32, OPT),
    OCI_FIELD(oci_state, bundle, "bundle", STR, REQ),
    OCI_FIELD(oci_state, annotations, "annotations", STR_MAP, OPT),
    OCI_FIELD(oci_state, rootfs, "rootfs", STR, OPT),
    OCI_FIELD(oci_state, created, "created", STR, OPT),
    OCI_FIELD(oci_state, owner, "owner", STR, OPT),
    OCI_FIELD(oci_state, oom_killed, "oomKilled", BOOL, OPT),
    OCI_FIELD_OF(oci_state, waits_for, "waitsFor", OBJ, oci_waiting, OPT),
};
const struct oci_schema oci_state_schema = OCI_SCHEMA(oci_state, state_fields);

static const struct oci_field process_state_fields[] = {
    OCI_FIELD(oci_process_state, oci_version, "ociVersion", STR, REQ),
    OCI_FIELD(oci_process_state, fds, "fds", STRS, OPT),
    OCI_FIELD(oci_process_state, pid, "pid", I32, REQ),
    OCI_FIELD(oci_process_state, metadata, "metadata", STR, OPT),
    OCI_FIELD_OF(oci_process_state, state, "state", OBJ, oci_state, REQ),
};
const struct oci_schema oci_process_state_schema =
    OCI_SCHEMA(oci_process_state, process_state_fields);
