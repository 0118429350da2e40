/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel can do, asked in vain: each call gets arguments that it refuses, as EINVAL or
 * EBADF, if only it is there.  Serves check. */

#include "os/kernel.h"

#include <stdlib.h>
#include <sys/utsname.h>

#include "base/list.h"
#include "base/text.h"
#include "os/syscalls.h"

enum { LEAST_MAJOR = 5, LEAST_MINOR = 10 };

fallible kernel_check_version(char name[KERNEL_NAME_SIZE])
{
    struct utsname host;
    char *end;

    if (uname(&host))
        return error_system("ask for the kernel's version");
    text_format(name, KERNEL_NAME_SIZE, "%s %s, %s", host.sysname, host.release, host.machine);
    unsigned long major = strtoul(host.release, &end, 10);
    unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
    if (major > LEAST_MAJOR || (major == LEAST_MAJOR && minor >= LEAST_MINOR))
        return OK;
    return error_new(ERROR_UNSUPPORTED, "%s is older than %d.%d", name, LEAST_MAJOR, LEAST_MINOR);
}

static long ask_openat2(void)
{
    return syscall(SYS_openat2, -1, "", NULL, 0);
}

static long ask_clone3(void)
{
    return syscall(SYS_clone3, NULL, 0);
}

static long ask_close_range(void)
{
    return syscall(SYS_close_range, 1, 0, 0);
}

static long ask_faccessat2(void)
{
    return syscall(SYS_faccessat2, -1, ".", -1, 0);
}

static const struct {
    const char *name;
    long (*ask)(void);
} calls[] = {
    { "openat2", ask_openat2 },
    { "clone3", ask_clone3 },
    { "close_range", ask_close_range },
    { "faccessat2", ask_faccessat2 },
};

size_t kernel_list_missing(char *names, size_t size)
{
    size_t length = 0, count = 0;

    names[0] = '\0';
    for (size_t i = 0; i < LENGTH(calls); i++) {
        if (calls[i].ask() >= 0 || (errno != ENOSYS && errno != EPERM))
            continue;
        size_t room = length < size ? size - length : 0;
        length +=
            text_format(names + size - room, room, "%s%s", count++ ? ", " : "", calls[i].name);
    }
    return count;
}
