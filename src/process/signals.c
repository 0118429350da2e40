/* SPDX-License-Identifier: Apache-2.0 */
/* The words for signals.  Real-time signals count from 34, as for glibc, kill(1) and systemd (whose
 * SIGRTMIN+3 halts a container), whatever libc tare is built with. */

#include "process/signals.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/list.h"
#include "base/nearest.h"
#include "base/text.h"

enum { REALTIME_FIRST = 34, REALTIME_LAST = 64 };

// clang-format off
static const struct {
    const char *name;
    int number;
} signals[] = {
    { "HUP", SIGHUP },       { "INT", SIGINT },     { "QUIT", SIGQUIT },   { "ILL", SIGILL },
    { "TRAP", SIGTRAP },     { "ABRT", SIGABRT },   { "IOT", SIGIOT },     { "BUS", SIGBUS },
    { "FPE", SIGFPE },       { "KILL", SIGKILL },   { "USR1", SIGUSR1 },   { "SEGV", SIGSEGV },
    { "USR2", SIGUSR2 },     { "PIPE", SIGPIPE },   { "ALRM", SIGALRM },   { "TERM", SIGTERM },
    { "STKFLT", SIGSTKFLT }, { "CHLD", SIGCHLD },   { "CLD", SIGCHLD },    { "CONT", SIGCONT },
    { "STOP", SIGSTOP },     { "TSTP", SIGTSTP },   { "TTIN", SIGTTIN },   { "TTOU", SIGTTOU },
    { "URG", SIGURG },       { "XCPU", SIGXCPU },   { "XFSZ", SIGXFSZ },   { "VTALRM", SIGVTALRM },
    { "PROF", SIGPROF },     { "WINCH", SIGWINCH }, { "IO", SIGIO },       { "POLL", SIGPOLL },
    { "PWR", SIGPWR },       { "SYS", SIGSYS },     { "UNUSED", SIGSYS },
    { "RTMIN", REALTIME_FIRST },                    { "RTMAX", REALTIME_LAST },
};
// clang-format on

static int find_name(const char *name)
{
    for (size_t i = 0; i < LENGTH(signals); i++)
        if (strcasecmp(signals[i].name, name) == 0)
            return signals[i].number;
    return 0;
}

/* "RTMIN+3", "RTMAX-1"; 0 for anything else. */
static int find_realtime(const char *name)
{
    uint64_t distance = 0;
    uint64_t most = REALTIME_LAST - REALTIME_FIRST;
    if (strncasecmp(name, "RTMIN+", 6) == 0 && text_to_unsigned(name + 6, most, &distance))
        return REALTIME_FIRST + (int) distance;
    if (strncasecmp(name, "RTMAX-", 6) == 0 && text_to_unsigned(name + 6, most, &distance))
        return REALTIME_LAST - (int) distance;
    return 0;
}

static fallible refuse(const char *text, const char *name)
{
    struct error *error = error_new(ERROR_USAGE, "\"%s\" is no signal", text);
    struct nearest nearest = { .word = name };

    for (size_t i = 0; i < LENGTH(signals); i++)
        nearest_consider(&nearest, signals[i].name);
    if (nearest.best)
        return error_hint(error, "did you mean '%s'?", nearest.best);
    return error_hint(error, "it is a name, as TERM or RTMIN+3, or a number from 1 to %d",
                      REALTIME_LAST);
}

fallible signals_parse(const char *text, int *signal)
{
    uint64_t number = 0;
    int found = 0;
    const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
    if (text_to_unsigned(text, REALTIME_LAST, &number))
        found = (int) number;
    else if (!(found = find_name(name)))
        found = find_realtime(name);
    if (found == 0)
        return refuse(text, name);
    *signal = found;
    return OK;
}
