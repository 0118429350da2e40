/* SPDX-License-Identifier: Apache-2.0 */
/* linux.timeOffsets.  The kernel takes offsets only as long as nobody lives in the time namespace;
 * whoever has made it by unshare(2) does not live in it, but the children will. */

#include "namespace/time_ns.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/text.h"
#include "libocispec/linux.h"
#include "os/proc.h"
#include "os/syscalls.h"

enum { SECOND = 1000000000, FILE_SIZE = 256, CLOCKS = 2 };

static const char field[] = "linux.timeOffsets";

/* As the file names them. */
static const char *const clocks[CLOCKS] = { "monotonic", "boottime" };

static bool is_clock(const char *name)
{
    for (size_t i = 0; i < LENGTH(clocks); i++)
        if (text_equal(clocks[i], name))
            return true;
    return false;
}

static fallible add_offset(const struct oci_time_offset_entry *entry, struct arena *arena,
                           struct time_ns_plan *plan)
{
    const struct oci_time_offset *offset = entry->value;
    char place[ERROR_FIELD_SIZE];

    if (!is_clock(entry->key)) {
        text_format(place, sizeof(place), "%s.%s", field, entry->key);
        return error_config(place,
                            "\"%s\" is no clock that has an offset: monotonic and boottime "
                            "have one",
                            entry->key);
    }
    if (offset->nanosecs.value >= SECOND) {
        text_format(place, sizeof(place), "%s.%s.nanosecs", field, entry->key);
        return error_config(place, "%u is a second or more", offset->nanosecs.value);
    }
    if (offset->secs.value || offset->nanosecs.value)
        try_print(plan->offsets, arena, "%s%s %lld %u\n", plan->offsets ? plan->offsets : "",
                  entry->key, (long long) offset->secs.value, offset->nanosecs.value);
    return OK;
}

fallible time_ns_plan(const struct oci_linux *linux_, uint64_t created, struct arena *arena,
                      struct time_ns_plan *plan)
{
    struct time_ns_plan made = { 0 };
    uint32_t n = linux_ ? linux_->time_offsets.n : 0;

    if (n && !(created & CLONE_NEWTIME))
        return error_hint(error_config(field, "there is no new time namespace to set them in"),
                          "list a time namespace without a path in linux.namespaces");
    for (uint32_t i = 0; i < n; i++)
        try(add_offset(&linux_->time_offsets.v[i], arena, &made));
    *plan = made;
    return OK;
}

/* "monotonic           3600         0": the file pads with blanks; the number of a line of ours. */
static bool has_line(const char *text, const char *line, size_t length)
{
    for (const char *at = text; *at; at = strchrnul(at, '\n'), at += *at == '\n') {
        const char *wanted = line;
        const char *found = at;
        while (wanted < line + length && *found == *wanted) {
            found++;
            if (*wanted++ == ' ')
                found += strspn(found, " ");
        }
        if (wanted == line + length)
            return true;
    }
    return false;
}

static fallible verify(const char *offsets, const char *text)
{
    for (const char *line = offsets; *line;) {
        size_t length = strcspn(line, "\n") + 1;
        if (!has_line(text, line, length))
            return error_new(ERROR_READ_BACK, "the offset %.*s was set, but the kernel says \"%s\"",
                             (int) length - 1, line, text);
        line += length;
    }
    return OK;
}

static fallible set(const struct time_ns_plan *plan, int proc, const char *path)
{
    char text[FILE_SIZE];
    struct error *error = proc_write(proc, path, plan->offsets);

    if (error && error->number == ERANGE)
        return error_hint(error, "with the offset the clock would be negative, or too far ahead");
    if (error && error->number == ENOENT)
        return error_hint(error, "the kernel has no time namespaces (Linux 5.6, CONFIG_TIME_NS)");
    try(error);
    try(proc_read(proc, path, text, sizeof(text)));
    return verify(plan->offsets, text);
}

fallible time_ns_set(const struct time_ns_plan *plan, pid_t pid)
{
    int proc;
    char path[48];

    text_format(path, sizeof(path), "%d/timens_offsets", (int) pid);
    try(proc_mounted(&proc));
    return error_field(set(plan, proc, path), "%s", field);
}
