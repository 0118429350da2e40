/* SPDX-License-Identifier: Apache-2.0 */
/* process.terminal, inside.  What surprises: the slave is opened through the master, by
 * TIOCGPTPEER, since its name could lead elsewhere (R6); and the size and the controlling terminal
 * are set while the other end is still ours. */

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/fd.h"
#include "os/path.h"
#include "process/terminal.h"

/* Documentation/admin-guide/devices.txt: Unix98 pty slaves, 256 minor numbers to each major. */
enum { FIRST_SLAVE_MAJOR = 136, LAST_SLAVE_MAJOR = 143, MINORS = 256 };

static fallible verify_devpts(int fd, const char *name)
{
    struct statfs status;
    if (fstatfs(fd, &status))
        return error_system("ask for the filesystem of %s", name);
    if (status.f_type != DEVPTS_SUPER_MAGIC)
        return error_new(ERROR_PATH, "%s is not on a devpts", name);
    return OK;
}

/* A devpts has no symbolic links: below one, names lead nowhere else. */
static fallible open_master(int root, int *master)
{
    auto_close int devpts = -1, opened = -1;
    try(path_open(root, "/dev/pts", O_PATH | O_DIRECTORY, &devpts));
    try(verify_devpts(devpts, "/dev/pts"));
    struct error *failure =
        path_open(devpts, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC, &opened);
    if (failure && failure->number == ENOSPC)
        return error_hint(failure, "as many terminals as kernel.pty.max, or the devpts' option "
                                   "max, allows are open");
    if (failure && failure->number == EACCES)
        return error_hint(failure, "the devpts on /dev/pts must not have the option nodev");
    try(failure);
    try(verify_devpts(opened, "/dev/pts/ptmx"));
    *master = take_fd(&opened);
    return OK;
}

/* Whether SLAVE is NUMBER of the same devpts as MASTER. */
static bool is_pair(const struct stat *master, const struct stat *slave, unsigned number)
{
    unsigned long block = major(slave->st_rdev);
    return S_ISCHR(slave->st_mode) && slave->st_dev == master->st_dev &&
           block >= FIRST_SLAVE_MAJOR && block <= LAST_SLAVE_MAJOR &&
           (block - FIRST_SLAVE_MAJOR) * MINORS + minor(slave->st_rdev) == number;
}

static fallible open_slave(int master, uid_t uid, struct terminal *terminal)
{
    const int unlocked = 0;
    struct stat ours, theirs;
    unsigned number;

    if (ioctl(master, TIOCSPTLCK, &unlocked) || ioctl(master, TIOCGPTN, &number))
        return error_system("unlock a terminal");
    auto_close int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0)
        return error_system("open the other end of /dev/pts/%u", number);
    try(verify_devpts(slave, "the other end of a terminal"));
    if (fstat(master, &ours) || fstat(slave, &theirs))
        return error_system("look at /dev/pts/%u", number);
    if (!is_pair(&ours, &theirs, number))
        return error_new(ERROR_PATH, "/dev/pts/%u is not the other end of the terminal", number);
    /* The group is what the devpts' option gid says. */
    if (theirs.st_uid != uid && fchown(slave, uid, (gid_t) -1))
        return error_call(error_system("give /dev/pts/%u to uid %u", number, uid), CALL_CHOWN,
                          NULL);
    terminal->number = number;
    terminal->slave = take_fd(&slave);
    return OK;
}

static fallible set_size(const struct terminal_plan *plan, int master)
{
    const struct winsize size = { .ws_row = plan->rows, .ws_col = plan->columns };
    if (plan->has_size && ioctl(master, TIOCSWINSZ, &size))
        return error_system("set its size to %u rows, %u columns", plan->rows, plan->columns);
    return OK;
}

fallible terminal_open(const struct terminal_plan *plan, uid_t uid, int root,
                       struct terminal *terminal)
{
    auto_close int master = -1;

    try(open_master(root, &master));
    try(set_size(plan, master));
    try(open_slave(master, uid, terminal));
    if (ioctl(terminal->slave, TIOCSCTTY, 0))
        return error_system("make /dev/pts/%u the controlling terminal", terminal->number);
    terminal->master = take_fd(&master);
    return OK;
}

fallible terminal_hand_over(const struct terminal_plan *plan, struct terminal *terminal)
{
    char name[32];

    text_format(name, sizeof(name), "/dev/pts/%u", terminal->number);
    struct error *error = fd_send(plan->socket, name, terminal->master);
    if (error && (error->number == EPIPE || error->number == ECONNRESET))
        error = error_hint(error, "whoever listened at --console-socket has gone");
    close_fd(&terminal->master);
    close(plan->socket);
    return error;
}

fallible terminal_become_standard(int *slave)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (dup2(*slave, fd) < 0)
            return error_system("make the terminal descriptor %d", fd);
    close_fd(slave);
    return OK;
}
