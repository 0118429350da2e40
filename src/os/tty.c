/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's terminal; serves process.terminal in the foreground.
 *
 * What surprises: who changes a terminal from the background is stopped by the kernel; that is the
 * wanted thing, so nothing here holds SIGTTOU back.  Where somebody else does, the kernel lets the
 * change through, and the terminal would be another job's: we refrain.
 */
#include "os/tty.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

bool tty_read_size(int fd, struct winsize *size)
{
    return !ioctl(fd, TIOCGWINSZ, size);
}

fallible tty_set_size(int fd, const struct winsize *size)
{
    if (ioctl(fd, TIOCSWINSZ, size))
        return error_system("set the size of a terminal");
    return OK;
}

bool tty_is_background(int fd)
{
    pid_t foreground = tcgetpgrp(fd);
    return foreground >= 0 && foreground != getpgrp();
}

static bool is_stoppable(void)
{
    struct sigaction action;
    sigset_t blocked;

    return !sigaction(SIGTTOU, NULL, &action) && action.sa_handler != SIG_IGN &&
           !sigprocmask(SIG_BLOCK, NULL, &blocked) && !sigismember(&blocked, SIGTTOU);
}

static int set(int fd, const struct termios *settings)
{
    int result;
    do
        result = tcsetattr(fd, TCSANOW, settings);
    while (result < 0 && errno == EINTR);
    return result;
}

fallible tty_make_raw(int fd, struct termios *before)
{
    struct termios settings;
    if (tcgetattr(fd, &settings))
        return error_system("read the settings of a terminal");
    if (tty_is_background(fd) && !is_stoppable()) {
        errno = EIO;
        return error_system("make a terminal raw from the background");
    }
    *before = settings;
    cfmakeraw(&settings);
    if (set(fd, &settings))
        return error_system("make a terminal raw");
    return OK;
}

void tty_restore(int fd, const struct termios *before)
{
    if (!tty_is_background(fd))
        set(fd, before);
}

int tty_read_end_of_input(int fd, bool *is_by_line)
{
    struct termios settings;
    if (tcgetattr(fd, &settings) || !(settings.c_lflag & ICANON || settings.c_oflag & OPOST))
        return -1;
    *is_by_line = settings.c_lflag & ICANON;
    return settings.c_cc[VEOF] == _POSIX_VDISABLE ? -1 : settings.c_cc[VEOF];
}
