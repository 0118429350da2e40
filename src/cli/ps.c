/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare ps: the processes of a container, as their numbers, or as what ps(1) says of them.
 *
 * ps is asked for all processes of the host, whatever its options ask for, and what stands below
 * "PID" in its table decides which rows are shown.  A row is not split at blanks: a process can
 * call itself "a 1".  In the C locale every column is as many bytes wide as it looks.
 */
#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/text.h"
#include "cgroup/cgroup.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/visit.h"
#include "container/container.h"
#include "os/program.h"
#include "os/tty.h"

enum { TABLE_SIZE_MAX = 32 << 20, PID_MAX = 1 << 30 };

static const char *format = "table";
static struct cgroup_processes processes;

/* Where the numbers stand in a table. */
struct column {
    size_t begin, end;
};

static fallible list_processes(const struct container *container, struct invocation *invocation)
{
    return container_list_processes(container, invocation->arena, &processes);
}

static fallible print_json(void)
{
    try(output_text("["));
    for (size_t i = 0; i < processes.n; i++)
        try(output_print(STDOUT_FILENO, "%s%d", i ? "," : "", processes.v[i]));
    return output_text("]\n");
}

/* "ps", then the words behind the id, or -ef. */
static fallible make_arguments(const char *const *words, struct arena *arena,
                               const char *const **arguments)
{
    static const char *const usual[] = { "ps", "-ef", NULL };
    const char **made;
    size_t count = 0;

    *arguments = usual;
    if (!*words)
        return OK;
    while (words[count])
        count++;
    try_new(made, arena, count + 2);
    made[0] = "ps";
    memcpy(made + 1, words, count * sizeof(*words));
    *arguments = made;
    return OK;
}

/* For a terminal ps cuts its rows, or not, with ww; our pipe hides that from it. */
static fallible run_ps(const char *const *words, struct arena *arena, const char **table)
{
    const char *environment[] = { "LC_ALL=C", NULL, NULL };
    char path[PROGRAM_PATH_SIZE];
    struct winsize size;
    struct program ps = { .path = path, .env = environment, .file = -1, .directory = -1 };

    if (tty_read_size(STDOUT_FILENO, &size) && size.ws_col)
        try_print(environment[1], arena, "COLUMNS=%d", size.ws_col);
    try(make_arguments(words, arena, &ps.args));
    try(error_hint(program_find("ps", path), "--format json needs no ps"));
    return program_read(&ps, TABLE_SIZE_MAX, arena, table);
}

static size_t word_length(const char *word)
{
    return strcspn(word, " \n");
}

static fallible find_column(const char *head, struct column *column)
{
    const char *word = head + strspn(head, " ");

    while (*word && *word != '\n') {
        size_t length = word_length(word);
        if (length == strlen("PID") && text_starts(word, "PID")) {
            column->begin = (size_t) (word - head);
            column->end = column->begin + length;
            return OK;
        }
        word += length;
        word += strspn(word, " ");
    }
    return error_hint(error_new(ERROR_PROGRAM, "the table of ps has no column PID"),
                      "let ps show it, as with: -o pid,args");
}

/* The number that reaches below the title; 0 when there is none, as in the rows of threads. */
static pid_t read_pid(const char *row, const struct column *column)
{
    char number[16];
    size_t length = strcspn(row, "\n"), begin = column->begin;
    uint64_t pid = 0;

    if (length < column->end)
        return 0;
    while (begin < column->end && row[begin] == ' ')
        begin++;
    if (begin == column->end)
        return 0;
    while (begin > 0 && row[begin - 1] != ' ')
        begin--;
    text_format(number, sizeof(number), "%.*s", (int) word_length(row + begin), row + begin);
    return text_to_unsigned(number, PID_MAX, &pid) ? (pid_t) pid : 0;
}

/* The title, and the rows of those processes. */
static fallible print_table(const char *table)
{
    struct column column = { 0 };

    try(find_column(table, &column));
    for (const char *row = table; *row;) {
        size_t length = strcspn(row, "\n") + 1;
        if (!row[length - 1])
            length--;
        if (row == table || cgroup_has_process(&processes, read_pid(row, &column)))
            try(output_bytes(row, length));
        row += length;
    }
    return OK;
}

static fallible run(struct invocation *invocation)
{
    const char *const *words = invocation->words + 1;
    const char *table;
    bool is_json = text_equal(format, "json");

    if (!is_json && !text_equal(format, "table"))
        return error_new(ERROR_USAGE, "--format '%s' is neither table nor json", format);
    if (*words && text_equal(*words, "--"))
        words++;
    if (is_json && *words)
        return error_new(ERROR_USAGE, "'%s': options of ps are for --format table alone", *words);
    try(visit_container_unlocked(invocation, list_processes));
    if (is_json)
        return print_json();
    try(run_ps(words, invocation->arena, &table));
    return print_table(table);
}

static const struct option options[] = {
    OPTION_VALUE('f', "format", "FORMAT", &format,
                 "what ps tells of them, or their numbers: table or json"),
    {},
};

const struct command ps_command = {
    .name = "ps",
    .words = "<id> [<ps-option>...]",
    .about = "list the processes of a container; ps is called with -ef unless told otherwise",
    .options = options,
    .run = run,
};
