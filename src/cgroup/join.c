/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec: the cgroup of a process that comes into a container.
 *
 * Names are compared part by part: "/tare/web" has no part in "/tare/web2".
 */
#include "cgroup/join.h"

#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/path.h"
#include "os/proc.h"

enum { LINES_SIZE = 2 * CGROUP_PATH_SIZE };

fallible join_below(int cgroup, const char *path, int *directory)
{
    char whole[CGROUP_PATH_SIZE];

    text_format(whole, sizeof(whole), "%s%s", path[0] == '/' ? "" : "/", path);
    bool is_top = text_equal(whole, "/");
    const char *fault = is_top ? NULL : cgroup_path_fault(whole);
    if (fault)
        return error_new(ERROR_CGROUP, "cgroup '%s': %s", path, fault);
    auto_close int opened =
        openat(cgroup, is_top ? "." : whole + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (opened < 0)
        return error_errno(ERROR_CGROUP, "open cgroup '%s' of the container", path);
    *directory = take_fd(&opened);
    return OK;
}

/* What is behind BEGINNING in PATH: "" or "/..."; NULL if it does not begin so. */
static const char *skip_parts(const char *path, const char *beginning)
{
    size_t length = strlen(beginning);
    bool is_below = text_starts(path, beginning) && (!path[length] || path[length] == '/');
    return is_below ? path + length : NULL;
}

/* /proc/PID/cgroup, cgroups(7): version 2 has the line "0::". */
fallible join_beside(int cgroup, const char *cgroup_path, pid_t pid, int *directory)
{
    char file[32], text[LINES_SIZE];
    int proc;

    text_format(file, sizeof(file), "%d/cgroup", (int) pid);
    try(proc_mounted(&proc));
    try(proc_read(proc, file, text, sizeof(text)));
    char *line = text_starts(text, "0::") ? text : strstr(text, "\n0::");
    if (!line)
        return error_new(ERROR_CGROUP, "process %d is in no cgroup of version 2", (int) pid);
    char *path = strchr(line, '/');
    if (!path)
        return error_new(ERROR_CGROUP, "the cgroup of process %d has no path", (int) pid);
    *strchrnul(path, '\n') = '\0';
    const char *below = skip_parts(path, cgroup_path);
    if (!below)
        return error_new(ERROR_CGROUP, "process %d is in cgroup %s, not below %s", (int) pid, path,
                         cgroup_path);
    return join_below(cgroup, *below ? below : "/", directory);
}
