/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cli/options.h"

enum { ARGUMENTS = 12 };

static bool is_all, is_force;
static const char *bundle, *log_format;
static struct option_list environment;

static const struct option options[] = {
    OPTION_FLAG('a', "all", &is_all, "everything"),
    OPTION_FLAG('f', "force", &is_force, "whatever"),
    OPTION_VALUE('b', "bundle", "DIR", &bundle, "where"),
    OPTION_VALUE(0, "log-format", "FORMAT", &log_format, "how"),
    OPTION_LIST('e', "env", "NAME", &environment, "which"),
    {},
};

/* What came out, in one line: "all force bundle=x log-format=y: words". */
static const char *show(char *const *words)
{
    static char text[256];
    snprintf(text, sizeof(text), "%s%s", is_all ? "all " : "", is_force ? "force " : "");
    size_t used = strlen(text);
    if (bundle)
        used += (size_t) snprintf(text + used, sizeof(text) - used, "bundle=%s ", bundle);
    if (log_format)
        used += (size_t) snprintf(text + used, sizeof(text) - used, "format=%s ", log_format);
    used += (size_t) snprintf(text + used, sizeof(text) - used, ":");
    for (; *words; words++)
        used += (size_t) snprintf(text + used, sizeof(text) - used, " %s", *words);
    return text;
}

static bool wants_help;

/* LINE is split at blanks; "''" stands for the empty word. */
static struct error *read_line(const char *line, bool is_mixed, char **words)
{
    static char copy[256];
    snprintf(copy, sizeof(copy), "%s", line);
    size_t count = 0;
    char *rest = copy;
    for (char *word; (word = strsep(&rest, " ")) != NULL;) {
        assert_true(count + 1 < ARGUMENTS);
        if (*word)
            words[count++] = strcmp(word, "''") == 0 ? word + 2 : word;
    }
    words[count] = NULL;
    is_all = is_force = wants_help = false;
    bundle = log_format = NULL;
    static const struct command mixing = { .name = "go", .words = "<id>" },
                                ending = { .words = "[<word>...]" };
    return options_read(options, is_mixed ? &mixing : &ending, words, &wants_help);
}

struct row {
    const char *line;
    const char *expected;
};

// clang-format off
static const struct row mixed[] = {
    { "", ":" },
    { "id", ": id" },
    { "--all id", "all : id" },
    { "id --all", "all : id" },
    { "id -a 9", "all : id 9" },
    { "-a -f", "all force :" },
    { "-af", "all force :" },
    { "-fa id", "all force : id" },
    { "-all id", "all : id" },
    { "-force", "force :" },
    { "--all=true", "all :" },
    { "--all --all=false", ":" },
    { "-all=true", "all :" },
    { "-a=true", "all :" },
    { "--bundle x id", "bundle=x : id" },
    { "--bundle=x id", "bundle=x : id" },
    { "-bundle x id", "bundle=x : id" },
    { "-bundle=x id", "bundle=x : id" },
    { "-b x id", "bundle=x : id" },
    { "-bx id", "bundle=x : id" },
    { "-b=x id", "bundle=x : id" },
    { "-abx id", "all bundle=x : id" },
    { "-ab x id", "all bundle=x : id" },
    { "-afb=x", "all force bundle=x :" },
    { "-bundlex", "bundle=undlex :" },
    { "--bundle x --bundle y", "bundle=y :" },
    { "--bundle=", "bundle= :" },
    { "--bundle ''", "bundle= :" },
    { "--bundle=a=b", "bundle=a=b :" },
    { "--bundle --all", "bundle=--all :" },
    { "--bundle -- id", "bundle=-- : id" },
    { "--log-format=json --bundle x", "bundle=x format=json :" },
    { "-log-format json", "format=json :" },
    { "-- --all", ": --all" },
    { "id -- -a --", ": id -a --" },
    { "--all -- -f", "all : -f" },
    { "- --all", "all : -" },
    { "id ''", ": id " },
};

static const struct row first[] = {
    { "--all create --all -x --", "all : create --all -x --" },
    { "--bundle x create", "bundle=x : create" },
    { "create --bundle x", ": create --bundle x" },
    { "--all -- create -f", "all : create -f" },
    { "-- --all", ": --all" },
};

static const struct row bad[] = {
    { "--bundle", "flag needs an argument: --bundle" },
    { "-bundle", "flag needs an argument: --bundle" },
    { "id -b", "flag needs an argument: -b" },
    { "-ab", "flag needs an argument: -b" },
    { "--log-format", "flag needs an argument: --log-format" },
    { "--bundel x", "unknown option '--bundel'" },
    { "--bund x", "unknown option '--bund'" },
    { "--bundles=x", "unknown option '--bundles=x'" },
    { "-x", "unknown option '-x'" },
    { "-ax", "unknown option '-x'" },
    { "-xa", "unknown option '-xa'" },
    { "-9", "unknown option '-9'" },
    { "---all", "unknown option '---all'" },
    { "--=x", "unknown option '--=x'" },
    { "-=x", "unknown option '-=x'" },
    { "--all=yes", "--all takes no value but true and false, not 'yes'" },
    { "-a=no", "--all takes no value but true and false, not 'no'" },
    { "--all=", "--all takes no value but true and false, not ''" },
    { "--help=x", "unknown option '--help=x'" },
    { "--ALL", "unknown option '--ALL'" },
};
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void check_rows(const struct row *rows, size_t count, bool is_mixed)
{
    for (size_t i = 0; i < count; i++) {
        char *words[ARGUMENTS];
        struct error *error = read_line(rows[i].line, is_mixed, words);
        if (error)
            fail_msg("%s: %s", rows[i].line, error->text);
        assert_false(wants_help);
        if (strcmp(show(words), rows[i].expected) != 0)
            fail_msg("%s: '%s', not '%s'", rows[i].line, show(words), rows[i].expected);
    }
}

static void test_mixed(void **state)
{
    (void) state;
    check_rows(mixed, COUNT(mixed), true);
}

static void test_first(void **state)
{
    (void) state;
    check_rows(first, COUNT(first), false);
}

static void test_bad(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        char *words[ARGUMENTS];
        struct error *error = read_line(bad[i].line, true, words);
        if (!error)
            fail_msg("%s", bad[i].line);
        assert_string_equal(error->text, bad[i].expected);
        assert_int_equal(error->code, ERROR_USAGE);
        error_forget(error);
    }
}

static void test_lists(void **state)
{
    char *words[ARGUMENTS];

    (void) state;
    environment.n = 0;
    assert_null(read_line("-e a x --env=b --env c -ed", true, words));
    assert_int_equal(environment.n, 4);
    for (uint32_t i = 0; i < environment.n; i++)
        assert_int_equal(environment.v[i][0], "abcd"[i]);
    assert_string_equal(words[0], "x");

    environment.n = OPTION_LIST_SIZE;
    struct error *error = read_line("-e a", true, words);
    assert_non_null(error);
    assert_string_equal(error->text, "--env is given more than 4096 times");
    error_forget(error);
}

static void test_guess(void **state)
{
    (void) state;
    static const struct row guesses[] = {
        { "--bundel x", "did you mean '--bundle'?" },
        { "--al", "did you mean '--all'?" },
        { "-lal", "did you mean '--all'?" },
        { "--log-fromat=x", "did you mean '--log-format'?" },
        { "--hlep", "did you mean '--help'?" },
        { "--nonsense", "usage: tare go [OPTIONS] <id>" },
        { "-x", "usage: tare go [OPTIONS] <id>" },
    };
    for (size_t i = 0; i < COUNT(guesses); i++) {
        char *words[ARGUMENTS];
        struct error *error = read_line(guesses[i].line, true, words);
        assert_non_null(error);
        assert_string_equal(error->hint, guesses[i].expected);
        error_forget(error);
    }
}

static void test_help(void **state)
{
    (void) state;
    static const char *const lines[] = { "--help", "-h",      "-help",      "id --help",
                                         "-ah",    "-a -h x", "--help --x", "--bundle x --help" };
    for (size_t i = 0; i < COUNT(lines); i++) {
        char *words[ARGUMENTS];
        struct error *error = read_line(lines[i], true, words);
        if (error || !wants_help)
            fail_msg("%s", lines[i]);
    }
    char *words[ARGUMENTS];
    assert_null(read_line("-- --help", true, words));
    assert_false(wants_help);
    assert_null(read_line("create --help", false, words));
    assert_false(wants_help);
}

static void test_words(void **state)
{
    (void) state;
    const struct command two = { .name = "kill", .words = "<id> [<signal>]" };
    const struct command none = { .name = "list", .words = "" };
    const struct command rest = { .name = "ps", .words = "<id> [<argument>...]" };
    const struct command needed = { .name = "exec", .words = "<id> <argument>..." };
    static const char *const words[] = { "web", "9", "x", NULL };
    static const char *const nothing[] = { NULL };

    assert_null(options_check_words(&two, words + 2));
    assert_null(options_check_words(&two, words + 1));
    assert_null(options_check_words(&none, nothing));

    struct error *error = options_check_words(&two, nothing);
    assert_non_null(error);
    assert_string_equal(error->text, "<id> is missing");
    assert_string_equal(error->hint, "usage: tare kill [OPTIONS] <id> [<signal>]");
    assert_int_equal(error->code, ERROR_USAGE);
    error_forget(error);

    assert_false(options_take_rest(&two));
    assert_true(options_take_rest(&rest));
    assert_true(options_take_rest(&needed));
    assert_null(options_check_words(&rest, words));
    assert_null(options_check_words(&rest, words + 2));
    assert_null(options_check_words(&needed, words));
    error = options_check_words(&needed, words + 2);
    assert_non_null(error);
    assert_string_equal(error->text, "<argument>... is missing");
    error_forget(error);

    error = options_check_words(&two, words);
    assert_non_null(error);
    assert_string_equal(error->text, "'x' is one word too many");
    error_forget(error);

    error = options_check_words(&none, words + 2);
    assert_non_null(error);
    assert_string_equal(error->text, "'x' is one word too many");
    assert_string_equal(error->hint, "usage: tare list [OPTIONS]");
    error_forget(error);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "options and words stand in any order until --", test_mixed, NULL, NULL, NULL },
        { "before the command, the first word ends the options", test_first, NULL, NULL, NULL },
        { "what is no option is refused", test_bad, NULL, NULL, NULL },
        { "an option may be repeated", test_lists, NULL, NULL, NULL },
        { "an unknown option is answered with the nearest, or the usage", test_guess, NULL, NULL,
          NULL },
        { "help can be asked for anywhere", test_help, NULL, NULL, NULL },
        { "[OP5] [OP10] [OP13] words are counted", test_words, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
