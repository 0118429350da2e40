/* SPDX-License-Identifier: Apache-2.0 */
/* The command line, from argv to the exit status.  Here alone errors are reported. */

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error_names.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/causes.h"
#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/output.h"
#include "os/deadline.h"
#include "os/fd.h"
#include "os/memory.h"

/* Room, not memory: only pages that are touched cost any. */
enum { ARENA_SIZE = 64 << 20, LAUNCH_ARENA_SIZE = 256 << 20, PREFIX_SIZE = 256, USAGE_STATUS = 64 };

/* What the command line says. */
struct call {
    const struct command *command; /* NULL: nothing */
    char **words;                  /* empty until they have been told from the options */
};

static bool is_one_of(const char *word, const char *const *known)
{
    while (*known && !text_equal(word, *known))
        known++;
    return *known;
}

static fallible check_globals(void)
{
    static const char *const managers[] = { "cgroupfs", "disabled", "systemd", NULL };
    static const char *const answers[] = { "true", "false", "auto", NULL };
    const struct global_options *given = &global_options;

    try(options_check_value("log", given->log));
    if (given->cgroup_manager && !is_one_of(given->cgroup_manager, managers))
        return error_new(ERROR_USAGE,
                         "--cgroup-manager '%s' is none of cgroupfs, systemd and disabled",
                         given->cgroup_manager);
    if (given->rootless && !is_one_of(given->rootless, answers))
        return error_new(ERROR_USAGE, "--rootless '%s' is none of true, false and auto",
                         given->rootless);
    return OK;
}

/* --help behind a command is that word of `help`; alone it is `help`. */
static fallible turn_to_help(struct call *call)
{
    static char *words[2];

    if (call->command && call->command->find)
        try(call->command->find());
    words[0] = call->command ? (char *) call->command->name : NULL;
    call->command = &help_command;
    call->words = words;
    return OK;
}

static fallible set_deadline(void)
{
    uint64_t nanoseconds;

    if (!global_options.timeout)
        return OK;
    try(duration_read_option("timeout", global_options.timeout, &nanoseconds));
    deadline_set(nanoseconds);
    return OK;
}

static fallible read_command(char **arguments, struct call *call)
{
    bool wants_help = false;

    try(options_read(global_option_table, NULL, arguments, &wants_help));
    if (wants_help)
        return turn_to_help(call);
    try(check_globals());
    try(set_deadline());
    if (global_options.is_version) {
        call->command = &version_command;
        return OK;
    }
    if (!*arguments)
        return OK;
    try(help_find_command(*arguments++, &call->command));
    try(options_read(call->command->options, call->command, arguments, &wants_help));
    call->words = arguments;
    if (wants_help)
        return turn_to_help(call);
    return options_check_words(call->command, (const char *const *) call->words);
}

static fallible open_log(void)
{
    const struct log_options options = {
        .target = global_options.log,
        .format = global_options.log_format,
        .level = global_options.log_level,
        .is_debug = global_options.is_debug,
    };
    return log_open(&options);
}

static fallible execute(const struct call *call, int *status)
{
    struct arena arena = { 0 };
    struct invocation invocation = {
        .words = (const char *const *) call->words,
        .arena = &arena,
        .arena_fd = -1,
    };

    if (call->command->launches)
        try(memory_open_shared(&arena, LAUNCH_ARENA_SIZE, &invocation.arena_fd));
    else
        try(memory_open_private(&arena, ARENA_SIZE));
    struct error *error = call->command->run(&invocation);
    *status = invocation.status;
    return error; /* the arena goes with the process */
}

/* "create 'web'" */
static void print_prefix(char *prefix, const struct call *call)
{
    prefix[0] = '\0';
    if (!call->command)
        return;
    bool takes_command = call->command->takes_command && call->command->takes_command();
    if (text_starts(call->command->words, "<id>") && *call->words && !takes_command)
        text_format(prefix, PREFIX_SIZE, "%s '%s'", call->command->name, *call->words);
    else
        text_format(prefix, PREFIX_SIZE, "%s", call->command->name);
}

static int report(const struct call *call, struct error *error)
{
    char prefix[PREFIX_SIZE];
    int failure = call->command ? call->command->failure_status : 0;
    int status = error_status(error, failure ? failure : EXIT_FAILURE);

    error = causes_explain(error);
    print_prefix(prefix, call);
    /* Who has read enough wants no message. */
    if (!output_is_unread())
        log_error(prefix, error);
    error_forget(error);
    return status;
}

/* A handler, not SIG_IGN: that would be inherited by what is executed. */
static void see_failed_write(int signal)
{
    (void) signal;
}

/* A write to a closed pipe or beyond RLIMIT_FSIZE is an error, not our end.  A caller that ignores
 * SIGCHLD would have the kernel throw away how our children ended. */
static void take_signals(void)
{
    const struct sigaction seen = { .sa_handler = see_failed_write, .sa_flags = SA_RESTART };
    const struct sigaction plain = { .sa_handler = SIG_DFL };

    sigaction(SIGPIPE, &seen, NULL);
    sigaction(SIGXFSZ, &seen, NULL);
    sigaction(SIGCHLD, &plain, NULL);
}

int cli_run(int argc, char **argv)
{
    struct call call = { .words = (char *[]){ NULL } };
    int status = 0;

    take_signals();
    struct error *error = fd_open_standard();
    if (!error)
        error = read_command(argv + (argc > 0), &call);
    if (!error && call.command && call.command->prepare)
        error = call.command->prepare();

    /* The log is opened for a wrong command line as well, and must hear of that. */
    struct error *log_error = open_log();
    if (error)
        error_forget(log_error);
    else
        error = log_error;

    if (!error && !call.command) {
        error = help_print_all(STDERR_FILENO);
        status = USAGE_STATUS;
    } else if (!error) {
        error = execute(&call, &status);
    }
    int failed = error ? report(&call, error) : 0;
    return status ? status : failed; /* a process that has failed is heard first */
}
