/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.cgroupsPath: what may be the name of a cgroup.
 *
 * A newline in one would forge lines of /proc/PID/cgroup; the kernel refuses only that.
 */
#include "cgroup/path.h"

#include <string.h>

#include "base/text.h"
#include "libocispec/utf8.h"

enum { PART_MAX = 255 };

static const char *part_fault(const char *part, size_t length)
{
    if (length == 0)
        return "a part of it is empty";
    if (length > PART_MAX)
        return "a part of it is longer than 255 bytes";
    if (part[0] == '.' && (length == 1 || (length == 2 && part[1] == '.')))
        return "a part of it is '.' or '..'";
    for (size_t i = 0; i < length; i++)
        if ((unsigned char) part[i] < 0x20 || part[i] == 0x7f)
            return "it has a control character";
    return NULL;
}

const char *cgroup_path_fault(const char *path)
{
    size_t length = strlen(path);
    if (length > CGROUP_PATH_MAX)
        return "it is too long";
    if (utf8_prefix(path, length) != length)
        return "it is not UTF-8";

    for (const char *slash = path; *slash == '/';) {
        const char *part = slash + 1;
        slash = strchrnul(part, '/');
        const char *fault = part_fault(part, (size_t) (slash - part));
        if (fault)
            return fault;
    }
    return NULL;
}

bool cgroup_path_is_systemd(const char *text)
{
    unsigned colons = 0;
    for (const char *at = text; *at; at++) {
        if (*at == '/')
            return false;
        colons += *at == ':';
    }
    return colons == 2;
}

fallible cgroup_path_join(const char *mount, const char *path, char *out)
{
    const char *fault = path[0] == '/' ? cgroup_path_fault(path) : "it is not absolute";
    if (fault)
        return error_new(ERROR_CGROUP, "'%s' is not the path of a cgroup: %s", path, fault);
    if (text_format(out, CGROUP_PATH_SIZE, "%s%s", mount, path) >= CGROUP_PATH_SIZE)
        return error_new(ERROR_CGROUP, "the path of cgroup %s is too long", path);
    return OK;
}
