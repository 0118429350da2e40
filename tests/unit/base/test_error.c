/* SPDX-License-Identifier: Apache-2.0 */
/* base/error: nesting, cutting, the slots, and errors that arrive as hostile bytes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/list.h"

enum { SLOTS = 4 };

static fallible fail_inside(void)
{
    errno = EPERM;
    return error_system("RLIMIT_%s to %llu", "NOFILE", 18446744073709551615ULL);
}

static fallible fail_outside(void)
{
    try_within(fail_inside(), "set %s", "rlimits");
    return OK;
}

static fallible pass(void)
{
    try(OK);
    try_within(OK, "never %d", 1);
    return error_within(error_hint(error_field(OK, "f"), "h"), "never");
}

static void nests_from_the_inside_out(void **state)
{
    (void) state;
    struct error *error = error_within(fail_outside(), "create '%s'", "web");
    assert_string_equal(error->text,
                        "create 'web': set rlimits: RLIMIT_NOFILE to 18446744073709551615");
    assert_int_equal(error->code, ERROR_SYSTEM);
    assert_int_equal(error->number, EPERM);
    error_forget(error);
    assert_null(pass());
}

static void keeps_code_and_number(void **state)
{
    (void) state;
    errno = EBUSY;
    struct error *plain = error_new(ERROR_STATE, "a");
    struct error *kernel = error_errno(ERROR_MOUNT, "b");
    assert_int_equal(plain->code, ERROR_STATE);
    assert_int_equal(plain->number, 0);
    assert_int_equal(kernel->code, ERROR_MOUNT);
    assert_int_equal(kernel->number, EBUSY);
    error_forget(plain);
    error_forget(kernel);
}

static void names_the_field(void **state)
{
    (void) state;
    struct error *wrong = error_config("process.rlimits[1].soft", "%d is too %s", 7, "high");
    assert_int_equal(wrong->code, ERROR_CONFIG);
    assert_string_equal(wrong->field, "process.rlimits[1].soft");
    assert_string_equal(wrong->text, "process.rlimits[1].soft: 7 is too high");
    assert_int_equal(wrong->line, 0);
    wrong = error_field(wrong, "other");
    assert_string_equal(wrong->field, "process.rlimits[1].soft");
    error_forget(wrong);

    struct error *unmet = error_unsupported("linux.seccomp", "not in this version");
    assert_int_equal(unmet->code, ERROR_UNSUPPORTED);
    assert_string_equal(unmet->text, "linux.seccomp: not in this version");
    error_forget(unmet);

    struct error *later = error_field(error_new(ERROR_SYSTEM, "x"), "mounts[%d]", 2);
    assert_string_equal(later->field, "mounts[2]");
    assert_string_equal(later->text, "x");
    error_forget(later);
}

static void keeps_the_first_hint(void **state)
{
    (void) state;
    struct error *error = error_hint(error_new(ERROR_CGROUP, "x"), "try %s", "this");
    error = error_hint(error, "or that");
    assert_string_equal(error->hint, "try this");
    error_forget(error);
}

static void cuts_at_the_end_with_dots(void **state)
{
    (void) state;
    char *long_text = test_calloc(1, 2 * ERROR_TEXT_SIZE);
    memset(long_text, 'x', 2 * ERROR_TEXT_SIZE - 1);

    struct error *error = error_new(ERROR_SYSTEM, "%s", long_text);
    error = error_hint(error_field(error, "%s", long_text), "%s", long_text);
    assert_int_equal(strlen(error->text), ERROR_TEXT_SIZE - 1);
    assert_int_equal(strlen(error->hint), ERROR_HINT_SIZE - 1);
    assert_int_equal(strlen(error->field), ERROR_FIELD_SIZE - 1);
    assert_string_equal(error->text + ERROR_TEXT_SIZE - 5, "x...");

    error = error_within(error, "front");
    assert_memory_equal(error->text, "front: xxx", 10);
    assert_int_equal(strlen(error->text), ERROR_TEXT_SIZE - 1);
    assert_string_equal(error->text + ERROR_TEXT_SIZE - 5, "x...");
    error_forget(error);
    test_free(long_text);
}

static void keeps_a_text_that_just_fits(void **state)
{
    (void) state;
    char text[ERROR_TEXT_SIZE];
    memset(text, 'y', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    struct error *error = error_new(ERROR_SYSTEM, "%s", text);
    assert_string_equal(error->text, text);
    error_forget(error);
}

static void cuts_between_characters(void **state)
{
    (void) state;
    char text[ERROR_TEXT_SIZE + 8];
    for (size_t i = 0; i + 1 < sizeof(text); i++)
        text[i] = i % 2 ? '\xa9' : '\xc3';
    text[sizeof(text) - 1] = '\0';

    struct error *even = error_new(ERROR_SYSTEM, "%s", text);
    struct error *odd = error_new(ERROR_SYSTEM, "_%s", text);
    const char *last = strstr(even->text, "...");
    assert_true(last && last[-2] == '\xc3' && last[-1] == '\xa9');
    last = strstr(odd->text, "...");
    assert_true(last && last[-2] == '\xc3' && last[-1] == '\xa9');
    error_forget(even);
    error_forget(odd);
}

static void may_quote_itself(void **state)
{
    (void) state;
    struct error *error = error_new(ERROR_SYSTEM, "inner");
    error = error_within(error, "saw '%s'", error->text);
    assert_string_equal(error->text, "saw 'inner': inner");
    error_forget(error);
}

static void reports_with_all_slots_taken(void **state)
{
    (void) state;
    struct error *taken[SLOTS];
    for (int i = 0; i < SLOTS; i++)
        taken[i] = error_new(ERROR_SYSTEM, "number %d", i);

    struct error *extra = error_new(ERROR_STATE, "one more");
    assert_string_equal(extra->text, "one more");
    extra = error_hint(error_new(ERROR_MOUNT, "and another"), "new");
    assert_string_equal(extra->text, "and another");
    for (int i = 0; i < SLOTS; i++) {
        char expected[] = { 'n', 'u', 'm', 'b', 'e', 'r', ' ', (char) ('0' + i), '\0' };
        assert_ptr_not_equal(extra, taken[i]);
        assert_string_equal(taken[i]->text, expected);
    }
    error_forget(extra);
    error_forget(taken[2]);
    struct error *again = error_new(ERROR_SYSTEM, "again");
    assert_ptr_equal(again, taken[2]);
    for (int i = 0; i < SLOTS; i++)
        error_forget(taken[i]);
}

static void starts_a_slot_afresh(void **state)
{
    (void) state;
    errno = EIO;
    struct error *error = error_hint(error_field(error_system("x"), "f"), "h");
    error_forget(error);
    error = error_new(ERROR_STATE, "y");
    assert_string_equal(error->hint, "");
    assert_string_equal(error->field, "");
    assert_int_equal(error->number, 0);
    error_forget(error);
}

static void asks_for_an_errno(void **state)
{
    (void) state;
    errno = ENOENT;
    struct error *error = error_system("x");
    assert_false(error_forget_if(error, EPERM));
    assert_true(error->is_taken);
    assert_true(error_forget_if(error, ENOENT));
    assert_false(error->is_taken);
    assert_false(error_forget_if(OK, ENOENT));
    error_forget(OK);
}

static void receives_an_error_as_it_was(void **state)
{
    (void) state;
    errno = EACCES;
    struct error *sent = error_hint(error_errno(ERROR_MOUNT, "mount '\xc3\xa9'"), "advice");
    sent = error_field(sent, "mounts[0]");
    sent->line = 7;
    sent->ending = ENDING_SIGNAL;
    sent->cause = "E-X";
    sent = error_call(sent, CALL_MOVE_MOUNT, "/a\nb");
    struct error *received = error_receive(sent);
    assert_ptr_not_equal(sent, received);
    assert_int_equal(received->code, ERROR_MOUNT);
    assert_int_equal(received->number, EACCES);
    assert_int_equal(received->line, 0); /* only the host knows of documents and causes */
    assert_null(received->cause);
    assert_int_equal(received->call, CALL_MOVE_MOUNT);
    assert_int_equal(received->ending, ENDING_SIGNAL);
    assert_string_equal(received->object, "/a?b");
    assert_string_equal(received->text, "mount '\xc3\xa9'");
    assert_string_equal(received->hint, "advice");
    assert_string_equal(received->field, "mounts[0]");
    error_forget(sent);
    error_forget(received);
}

static void receives_hostile_bytes(void **state)
{
    (void) state;
    static struct error bytes;
    memset(&bytes, 0xff, sizeof(bytes));
    struct error *error = error_receive(&bytes);
    assert_int_equal(error->code, ERROR_PROTOCOL);
    error_forget(error);

    memset(&bytes, 'A', sizeof(bytes));
    bytes.code = ERROR_CODES;
    error = error_receive(&bytes);
    assert_int_equal(error->code, ERROR_PROTOCOL);
    error_forget(error);
    bytes.code = ERROR_NONE;
    error = error_receive(&bytes);
    assert_int_equal(error->code, ERROR_PROTOCOL);
    error_forget(error);

    bytes.code = ERROR_MOUNT;
    memcpy(bytes.text, "a\x1b[2J\nb\x7f\r\t\x01", 11);
    error = error_receive(&bytes);
    assert_int_equal(error->code, ERROR_MOUNT);
    assert_int_equal(error->ending, ENDING_NONE);
    assert_int_equal(error->number, 0);
    assert_memory_equal(error->text, "a?[2J?b????AAA", 14);
    assert_int_equal(strlen(error->text), ERROR_TEXT_SIZE - 1);
    assert_int_equal(strlen(error->hint), ERROR_HINT_SIZE - 1);
    assert_int_equal(strlen(error->field), ERROR_FIELD_SIZE - 1);
    error_forget(error);
}

/* Leaves something where the buffers of a function will lie. */
static __attribute__((noinline)) void litter_the_stack(void)
{
    volatile char litter[8 * ERROR_TEXT_SIZE];
    for (size_t i = 0; i < sizeof(litter); i++)
        litter[i] = 'x';
}

/* It is sent as it lies there. */
static void has_nothing_of_the_stack(void **state)
{
    (void) state;
    struct error *error = error_new(ERROR_SYSTEM, "no luck");
    litter_the_stack();
    error = error_within(error, "break");
    assert_string_equal(error->text, "break: no luck");
    for (size_t i = strlen(error->text); i < ERROR_TEXT_SIZE; i++)
        assert_int_equal(error->text[i], '\0');
    error_forget(error);
}

static void receives_no_foreign_numbers(void **state)
{
    (void) state;
    static const int numbers[][2] = { { -1, 0 },      { 4096, 0 },      { INT32_MIN, 0 },
                                      { 4095, 4095 }, { EPERM, EPERM }, { 0, 0 } };
    static struct error bytes = { .code = ERROR_SYSTEM };
    for (size_t i = 0; i < LENGTH(numbers); i++) {
        bytes.number = numbers[i][0];
        struct error *error = error_receive(&bytes);
        assert_int_equal(error->number, numbers[i][1]);
        error_forget(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nests_from_the_inside_out),
        cmocka_unit_test(keeps_code_and_number),
        cmocka_unit_test(names_the_field),
        cmocka_unit_test(keeps_the_first_hint),
        cmocka_unit_test(cuts_at_the_end_with_dots),
        cmocka_unit_test(keeps_a_text_that_just_fits),
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(may_quote_itself),
        cmocka_unit_test(reports_with_all_slots_taken),
        cmocka_unit_test(starts_a_slot_afresh),
        cmocka_unit_test(asks_for_an_errno),
        cmocka_unit_test(has_nothing_of_the_stack),
        cmocka_unit_test(receives_an_error_as_it_was),
        { "makes hostile bytes safe (R16)", receives_hostile_bytes, NULL, NULL, NULL },
        { "takes no errno that is none (R16)", receives_no_foreign_numbers, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
