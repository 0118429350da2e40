/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The init program as a file that nobody can change (security rule R7).
 *
 * The file may be run by all, as every memfd may, for in a new user namespace its owner is a
 * stranger; and no writable descriptor of a file on a tmpfs may be left when it is run (ETXTBSY),
 * which memfds are exempt of.
 */
#include "os/sealed_self.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/embedded_init.h"
#include "os/fd.h"
#include "os/mount_api.h"
#include "os/mount_attributes.h"
#include "os/syscalls.h"

static const char file_name[] = "tare-init";

enum {
    READ_BY_ALL = 0444,
    RUN_BY_ALL = 0111,
    SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE,
};

static fallible fill(int fd)
{
    return fd_write_all(fd, embedded_init_begin,
                        (size_t) (embedded_init_end - embedded_init_begin));
}

static fallible seal(int fd)
{
    if (!fcntl(fd, F_ADD_SEALS, SEALS | F_SEAL_EXEC))
        return OK;
    if (errno == EINVAL && !fcntl(fd, F_ADD_SEALS, SEALS)) /* before Linux 6.3 */
        return OK;
    return error_system("seal the init program");
}

static int make_memfd(void)
{
    int fd = memfd_create(file_name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
    if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
        fd = memfd_create(file_name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return fd;
}

static fallible hide(int fd)
{
    if (fchmod(fd, RUN_BY_ALL))
        return error_system("let nobody read the init program");
    return OK;
}

static fallible open_memfd(bool is_hidden, int *fd)
{
    auto_close int file = make_memfd();
    if (file < 0)
        return error_system("make a memory file for the init program");
    try(fill(file));
    try(seal(file));
    if (is_hidden)
        try(hide(file));
    *fd = take_fd(&file);
    return OK;
}

static fallible write_file(int directory)
{
    auto_close int file =
        openat(directory, file_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0)
        return error_system("make a file for the init program");
    try(fill(file));
    if (fchmod(file, RUN_BY_ALL | READ_BY_ALL))
        return error_system("let the init program be run");
    return OK;
}

/* Where vm.memfd_noexec=2 lets no memory file be run: a file without a name, on a filesystem that
 * is mounted nowhere and read-only before anybody else sees it. */
static fallible open_on_tmpfs(bool is_hidden, int *fd)
{
    const char *options[] = { "mode=0755", "size=16m", "nr_inodes=4" };
    const struct mount_filesystem filesystem = {
        .type = "tmpfs",
        .source = "tare",
        .options = options,
        .option_count = 3,
        .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
    };
    const struct mount_change change = { .set = MOUNT_ATTR_RDONLY };

    auto_close int tree = -1;
    try(mount_new(&filesystem, &tree));
    try(write_file(tree));
    auto_close int file = openat(tree, file_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0 || unlinkat(tree, file_name, 0))
        return error_system("reopen the init program");
    if (is_hidden)
        try(hide(file));
    try(mount_change_detached(tree, &change));
    *fd = take_fd(&file);
    return OK;
}

fallible sealed_self_open(bool is_hidden, int *fd)
{
    struct error *error = open_memfd(is_hidden, fd);
    if (error_forget_if(error, EACCES))
        error = open_on_tmpfs(is_hidden, fd);
    return error_within(error, "prepare the init program");
}
