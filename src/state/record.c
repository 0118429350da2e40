/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is remembered of a container: "state.json" (ST1-ST6).
 *
 * It is ours alone, and is still read as if it were not (T31): later commands signal the process
 * and remove the cgroup that it names.
 */
#include "state/record.h"

#include <errno.h>
#include <string.h>

#include "base/allocate.h"
#include "base/text.h"
#include "libocispec/json.h"
#include "libocispec/utf8.h"
#include "os/boot.h"

// clang-format off
static const struct oci_field record_fields[] = {
    OCI_FIELD(record, oci_version,        "ociVersion",       STR,     REQ),
    OCI_FIELD(record, id,                 "id",               STR,     REQ),
    OCI_FIELD(record, bundle,             "bundle",           STR,     REQ),
    OCI_FIELD(record, rootfs,             "rootfs",           STR,     REQ),
    OCI_FIELD(record, created,            "created",          STR,     REQ),
    OCI_FIELD(record, owner,              "owner",            STR,     REQ),
    OCI_FIELD(record, pid,                "pid",              I32,     OPT),
    OCI_FIELD(record, started,            "started",          U64,     OPT),
    OCI_FIELD(record, boot,               "boot",             STR,     OPT),
    OCI_FIELD(record, has_pid_namespace,  "hasPidNamespace",  BOOL,    OPT),
    OCI_FIELD(record, has_process,        "hasProcess",       BOOL,    OPT),
    OCI_FIELD(record, cgroup_mount,       "cgroupMount",      STR,     OPT),
    OCI_FIELD(record, cgroup_path,        "cgroupPath",       STR,     OPT),
    OCI_FIELD(record, cgroup_kept,        "cgroupKept",       U32,     OPT),
    OCI_FIELD(record, scope,              "scope",            STR,     OPT),
    OCI_FIELD(record, has_other_devices,  "hasOtherDevices",  BOOL,    OPT),
    OCI_FIELD(record, cgroup_before,      "cgroupBefore",     STRS,    OPT),
    OCI_FIELD(record, cgroup_owners,      "cgroupOwners",     STRS,    OPT),
    OCI_FIELD(record, rdt_group,          "rdtGroup",         STR,     OPT),
    OCI_FIELD(record, rdt_is_own,         "rdtIsOwn",         BOOL,    OPT),
    OCI_FIELD(record, rdt_monitors,       "rdtMonitors",      BOOL,    OPT),
    OCI_FIELD(record, oom_kills,          "oomKills",         U64,     OPT),
    OCI_FIELD(record, annotations,        "annotations",      STR_MAP, OPT),
    OCI_FIELD_OF(record, hooks,           "hooks",            OBJ,     oci_hooks, OPT),
};
// clang-format on
static const struct oci_schema record_schema = OCI_SCHEMA(record, record_fields);

/* The names of host directories may be any bytes; JSON cannot hold them all. */
static fallible check_utf8(const char *path)
{
    size_t length = path ? strlen(path) : 0;
    if (!path || utf8_prefix(path, length) == length)
        return OK;
    return error_new(ERROR_BUNDLE, "the path %s is not UTF-8, and could not be remembered", path);
}

fallible record_save(const struct entry *entry, const struct record *record, struct arena *arena)
{
    try(check_utf8(record->bundle));
    try(check_utf8(record->rootfs));

    size_t length;
    const char *text = oci_encode(&record_schema, record, true, arena, &length);
    if (!text)
        return error_within(allocate_failed(), "write '%s' of container \"%s\"", RECORD_FILE,
                            entry->id);
    return entry_write(entry, RECORD_FILE, text, length);
}

fallible record_note_pid(const struct entry *entry, struct record *record, pid_t pid,
                         unsigned long long started, struct arena *arena)
{
    char id[BOOT_ID_SIZE] = "";
    bool outlives;

    record->pid = (struct oci_opt_i32){ pid, true };
    record->started = (struct oci_opt_u64){ started, true };
    try(entry_outlives_boot(entry, &outlives));
    if (outlives)
        boot_read_id(id);
    if (id[0])
        try_print(record->boot, arena, "%s", id);
    return OK;
}

/* A unit that makes a container at each boot gives it a like number, at a like time. */
bool record_is_of_this_boot(const struct record *record)
{
    char id[BOOT_ID_SIZE];

    if (!record->boot)
        return true;
    boot_read_id(id);
    return !id[0] || text_equal(record->boot, id);
}

bool record_keeps_cgroup(const struct record *record)
{
    return record->cgroup_path && record->cgroup_kept.value >= strlen(record->cgroup_path);
}

struct oci_state record_describe(const struct record *record, enum oci_status status, int32_t pid)
{
    return (struct oci_state){
        .oci_version = record->oci_version,
        .id = record->id,
        .status = (uint8_t) status,
        .pid = { pid, true },
        .bundle = record->bundle,
        .annotations = record->annotations,
        .rootfs = record->rootfs,
        .created = record->created,
        .owner = record->owner,
    };
}

/* One name below the root of resctrl, or that root. */
static bool is_group_name(const char *name)
{
    return text_equal(name, "/") ||
           (*name && !strchr(name, '/') && !text_equal(name, ".") && !text_equal(name, ".."));
}

/* Why a record that decodes cannot be ours, or NULL. */
static const char *find_fault(const struct entry *entry, const struct record *record)
{
    if (!text_equal(record->id, entry->id))
        return "it is of another container";
    if (record->bundle[0] != '/' || record->rootfs[0] != '/')
        return "a path in it is not absolute";
    if (record->pid.present != record->started.present)
        return "it has a pid without a start time, or the reverse";
    if (record->pid.present && record->pid.value <= 0)
        return "the pid is not one";
    if (!record->cgroup_mount != !record->cgroup_path ||
        record->cgroup_kept.present != !!record->cgroup_path)
        return "it has half of a cgroup";
    if (record->cgroup_path && (record->cgroup_mount[0] != '/' || record->cgroup_path[0] != '/'))
        return "the cgroup in it is not absolute";
    if (record->scope && !text_ends(record->scope, ".scope"))
        return "the unit in it is no scope";
    if (record->rdt_group && !is_group_name(record->rdt_group))
        return "the resctrl group in it is none";
    return NULL;
}

static fallible parse(const struct entry *entry, const char *text, size_t length,
                      struct arena *arena, const struct record **record)
{
    struct oci_problem problem;
    const struct record *found = oci_decode(&record_schema, arena, text, length, &problem);
    if (!found)
        return error_new(ERROR_RECORD, "%zu:%zu: %s%s%s", problem.line, problem.column,
                         problem.path, problem.path[0] ? ": " : "", problem.reason);
    const char *fault = find_fault(entry, found);
    if (fault)
        return error_new(ERROR_RECORD, "%s", fault);
    *record = found;
    return OK;
}

fallible record_load(const struct entry *entry, struct arena *arena, struct record *record)
{
    struct entry_text json;
    struct error *failed = entry_read(entry, RECORD_FILE, JSON_SIZE_MAX, arena, &json);
    if (failed && failed->number == ENOENT)
        return error_hint(failed, "it is just being made or removed; or who did that was killed, "
                                  "and 'tare gc' removes the rest");
    try(failed);

    const struct record *found;
    try_within(parse(entry, json.text, json.length, arena, &found), "read '%s' of container \"%s\"",
               RECORD_FILE, entry->id);
    *record = *found;
    return OK;
}
