/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about an error of which nobody has known more than its errno. */

#include "cli/advice.h"

#include <errno.h>
#include <linux/capability.h>

#include "base/text.h"
#include "os/self.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum { LIST_SIZE = 256 };

static const struct {
    int number;
    const char *text;
} advices[] = {
    { ENOSYS, "tare needs Linux 5.10; a sandbox may hide parts of it" },
    { EMFILE, "the caller's limit on open files is too low: RLIMIT_NOFILE, ulimit -n" },
    { ENFILE, "the machine has as many open files as /proc/sys/fs/file-max allows" },
};

/* Those that tare uses; where CAP_SYS_RESOURCE is needed it is named there. */
static const struct {
    unsigned number;
    const char *name;
} capabilities[] = {
    { CAP_CHOWN, "CAP_CHOWN" },
    { CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE" },
    { CAP_FOWNER, "CAP_FOWNER" },
    { CAP_KILL, "CAP_KILL" },
    { CAP_SETGID, "CAP_SETGID" },
    { CAP_SETUID, "CAP_SETUID" },
    { CAP_SETPCAP, "CAP_SETPCAP" },
    { CAP_NET_ADMIN, "CAP_NET_ADMIN" },
    { CAP_SYS_CHROOT, "CAP_SYS_CHROOT" },
    { CAP_SYS_PTRACE, "CAP_SYS_PTRACE" },
    { CAP_SYS_ADMIN, "CAP_SYS_ADMIN" },
    { CAP_SYS_NICE, "CAP_SYS_NICE" },
    { CAP_MKNOD, "CAP_MKNOD" },
};

/* The names of those that we lack, with commas; "" if it is none. */
static void list_lacking(char list[LIST_SIZE])
{
    size_t length = 0;

    list[0] = '\0';
    for (size_t i = 0; i < LENGTH(capabilities) && length < LIST_SIZE; i++)
        if (!self_has_capability(capabilities[i].number))
            length += text_format(list + length, LIST_SIZE - length, "%s%s", length ? ", " : "",
                                  capabilities[i].name);
}

fallible advice_add(struct error *error)
{
    char list[LIST_SIZE];

    if (!error)
        return OK;
    for (size_t i = 0; i < LENGTH(advices); i++)
        if (advices[i].number == error->number)
            return error_hint(error, "%s", advices[i].text);
    if ((error->number != EPERM && error->number != EACCES) || self_user() != 0)
        return error;
    list_lacking(list);
    if (!list[0])
        return error;
    return error_hint(error, "root lacks %s here: what tare is in has to be given that", list);
}
