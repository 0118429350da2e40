/* SPDX-License-Identifier: Apache-2.0 */
/* process/signals: the words for signals. */
#include <signal.h>

#include "tests/unit/process/checks.h"

#include "process/signals.h"

static void expect(const char *text, int number)
{
    int signal = -1;
    assert_ok(signals_parse(text, &signal));
    if (signal != number)
        fail_msg("\"%s\" is %d, not %d", text, signal, number);
}

static void knows_names(void **state)
{
    (void) state;
    static const struct {
        const char *name;
        int number;
    } names[] = {
        { "HUP", SIGHUP },       { "INT", SIGINT },   { "QUIT", SIGQUIT },   { "ILL", SIGILL },
        { "TRAP", SIGTRAP },     { "ABRT", SIGABRT }, { "IOT", SIGABRT },    { "BUS", SIGBUS },
        { "FPE", SIGFPE },       { "KILL", SIGKILL }, { "USR1", SIGUSR1 },   { "SEGV", SIGSEGV },
        { "USR2", SIGUSR2 },     { "PIPE", SIGPIPE }, { "ALRM", SIGALRM },   { "TERM", SIGTERM },
        { "STKFLT", SIGSTKFLT }, { "CHLD", SIGCHLD }, { "CLD", SIGCHLD },    { "CONT", SIGCONT },
        { "STOP", SIGSTOP },     { "TSTP", SIGTSTP }, { "TTIN", SIGTTIN },   { "TTOU", SIGTTOU },
        { "URG", SIGURG },       { "XCPU", SIGXCPU }, { "XFSZ", SIGXFSZ },   { "PROF", SIGPROF },
        { "VTALRM", SIGVTALRM }, { "IO", SIGIO },     { "WINCH", SIGWINCH }, { "POLL", SIGIO },
        { "PWR", SIGPWR },       { "SYS", SIGSYS },   { "UNUSED", SIGSYS },  { "RTMIN", 34 },
        { "RTMAX", 64 },
    };
    for (size_t i = 0; i < LENGTH(names); i++) {
        char with_prefix[32], lower[32];
        snprintf(with_prefix, sizeof(with_prefix), "SIG%s", names[i].name);
        expect(names[i].name, names[i].number);
        expect(with_prefix, names[i].number);
        for (size_t c = 0; c < sizeof(lower); c++)
            lower[c] = (char) (with_prefix[c] | (with_prefix[c] >= 'A' ? 0x20 : 0));
        expect(lower, names[i].number);
        expect(lower + 3, names[i].number);
    }
}

static void knows_every_number(void **state)
{
    (void) state;
    for (int number = 1; number <= 64; number++) {
        char text[8];
        snprintf(text, sizeof(text), "%d", number);
        expect(text, number);
    }
}

static void knows_real_time_forms(void **state)
{
    (void) state;
    expect("RTMIN+0", 34);
    expect("RTMIN+3", 37);
    expect("SIGRTMIN+3", 37);
    expect("sigrtmin+30", 64);
    expect("RTMAX-0", 64);
    expect("SIGRTMAX-1", 63);
    expect("rtmax-30", 34);
}

static void refuses_everything_else(void **state)
{
    (void) state;
    static const char *const bad[] = {
        "",           "0",
        "65",         "-1",
        "+9",         " 9",
        "9 ",         "0x9",
        "9x",         "1e1",
        "SIG",        "SIG9",
        "SIGSIGHUP",  "TERMX",
        "TER",        " TERM",
        "RTMIN+31",   "RTMAX-31",
        "RTMIN-1",    "RTMAX+1",
        "RTMIN+",     "RTMIN+ 1",
        "RTMIN++1",   "RTMIN+-1",
        "RT",         "RTMIN+18446744073709551616",
        "4294967305", "18446744073709551625",
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        int signal = -1;
        assert_error(signals_parse(bad[i], &signal), ERROR_USAGE, NULL, "is no signal");
        assert_int_equal(signal, -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_names),
        cmocka_unit_test(knows_every_number),
        cmocka_unit_test(knows_real_time_forms),
        cmocka_unit_test(refuses_everything_else),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("process/signals", tests, NULL, NULL);
}
