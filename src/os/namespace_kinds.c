/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of namespaces, and which of them a failed call was to make; part of both programs. */

#include "os/namespace_kinds.h"

#include <sched.h>
#include <string.h>

#include "base/text.h"
#include "os/syscalls.h"

enum { LIST_SIZE = 64 };

const struct namespace_kind namespace_kinds[NAMESPACE_KINDS] = {
    { "user", CLONE_NEWUSER }, { "mnt", CLONE_NEWNS },    { "uts", CLONE_NEWUTS },
    { "ipc", CLONE_NEWIPC },   { "pid", CLONE_NEWPID },   { "cgroup", CLONE_NEWCGROUP },
    { "net", CLONE_NEWNET },   { "time", CLONE_NEWTIME },
};

fallible namespace_kinds_refused(const char *tried, enum error_call call, uint64_t flags)
{
    struct error *error = error_system("%s", tried);
    char list[LIST_SIZE] = "";
    size_t used = 0;

    for (int i = 0; i < NAMESPACE_KINDS; i++)
        if (flags & namespace_kinds[i].flag)
            used += text_format(list + used, sizeof(list) - used, "%s%s", used ? " " : "",
                                namespace_kinds[i].name);
    return error_call(error, call, used ? list : NULL);
}

uint64_t namespace_kinds_asked(const struct error *error)
{
    uint64_t flags = 0;
    bool may_be = error->call == CALL_CLONE || error->call == CALL_UNSHARE;

    for (const char *at = error->object; may_be && *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        for (int i = 0; i < NAMESPACE_KINDS; i++)
            if (length == strlen(namespace_kinds[i].name) &&
                memcmp(at, namespace_kinds[i].name, length) == 0)
                flags |= namespace_kinds[i].flag;
        at += length;
    }
    return flags;
}
