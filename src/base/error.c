/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors in fixed slots; serves every field of config.json.
 *
 * An error never fails to be made: with all slots taken one spare is written over, so that the
 * newest error is reported and an older, leaked one is what gets lost.
 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

enum { SLOTS = 4, LAST_ERRNO = 4095 };

static struct error slots[SLOTS];
static struct error spare;

static struct error *take_slot(enum error_code code, int number)
{
    struct error *slot = &spare;
    for (int i = 0; i < SLOTS && slot == &spare; i++)
        if (!slots[i].is_taken)
            slot = &slots[i];

    memset(slot, 0, sizeof(*slot));
    slot->code = code;
    slot->number = number;
    slot->is_taken = true;
    return slot;
}

/* Marks a text that did not fit, without leaving half of a UTF-8 character before the dots. */
static void mark_cut(char *text, size_t size)
{
    size_t end = size - sizeof("...");
    while (end > 0 && ((unsigned char) text[end] & 0xc0) == 0x80)
        end--;
    memcpy(text + end, "...", sizeof("..."));
}

static void print_list(char *text, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void print_list(char *text, size_t size, const char *format, va_list args)
{
    if (text_format_list(text, size, format, args) >= size)
        mark_cut(text, size);
}

static void print(char *text, size_t size, const char *format, ...) PRINTF(3, 4);

static void print(char *text, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_list(text, size, format, args);
    va_end(args);
}

/* The text says the field as well, so that a line without a position still names it. */
static void print_field(struct error *error, const char *field, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void print_field(struct error *error, const char *field, const char *format, va_list args)
{
    char reason[ERROR_TEXT_SIZE];
    print_list(reason, sizeof(reason), format, args);
    print(error->field, sizeof(error->field), "%s", field);
    print(error->text, sizeof(error->text), "%s: %s", field, reason);
}

fallible error_new(enum error_code code, const char *format, ...)
{
    struct error *error = take_slot(code, 0);
    va_list args;
    va_start(args, format);
    print_list(error->text, sizeof(error->text), format, args);
    va_end(args);
    return error;
}

fallible error_system(const char *format, ...)
{
    struct error *error = take_slot(ERROR_SYSTEM, errno);
    va_list args;
    va_start(args, format);
    print_list(error->text, sizeof(error->text), format, args);
    va_end(args);
    return error;
}

fallible error_errno(enum error_code code, const char *format, ...)
{
    struct error *error = take_slot(code, errno);
    va_list args;
    va_start(args, format);
    print_list(error->text, sizeof(error->text), format, args);
    va_end(args);
    return error;
}

fallible error_config(const char *field, const char *format, ...)
{
    struct error *error = take_slot(ERROR_CONFIG, 0);
    va_list args;
    va_start(args, format);
    print_field(error, field, format, args);
    va_end(args);
    return error;
}

fallible error_unsupported(const char *field, const char *format, ...)
{
    struct error *error = take_slot(ERROR_UNSUPPORTED, 0);
    va_list args;
    va_start(args, format);
    print_field(error, field, format, args);
    va_end(args);
    return error;
}

fallible error_within(struct error *error, const char *format, ...)
{
    if (!error)
        return OK;

    char doing[ERROR_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    print_list(doing, sizeof(doing), format, args);
    va_end(args);

    char whole[ERROR_TEXT_SIZE];
    print(whole, sizeof(whole), "%s: %s", doing, error->text);
    memcpy(error->text, whole, strlen(whole) + 1); /* what lies behind is our stack's */
    return error;
}

fallible error_hint(struct error *error, const char *format, ...)
{
    if (!error || error->hint[0])
        return error;

    va_list args;
    va_start(args, format);
    print_list(error->hint, sizeof(error->hint), format, args);
    va_end(args);
    return error;
}

fallible error_field(struct error *error, const char *format, ...)
{
    if (!error || error->field[0])
        return error;

    va_list args;
    va_start(args, format);
    print_list(error->field, sizeof(error->field), format, args);
    va_end(args);
    return error;
}

fallible error_call(struct error *error, enum error_call call, const char *object)
{
    if (!error)
        return OK;

    if (!error->call)
        error->call = call;
    if (object && !error->object[0])
        print(error->object, sizeof(error->object), "%s", object);
    return error;
}

/* Copies a string that may lack its end and may hold anything. */
static void copy_safely(char *out, const char *bytes, size_t size)
{
    size_t i = 0;
    for (; i < size - 1 && bytes[i]; i++) {
        unsigned char byte = (unsigned char) bytes[i];
        out[i] = bytes[i];
        if (byte < 0x20 || byte == 0x7f)
            out[i] = '?';
    }
    out[i] = '\0';
}

fallible error_receive(const struct error *bytes)
{
    /* Read as plain numbers: an enum with a foreign value must not be looked at. */
    unsigned code, call, ending;
    memcpy(&code, &bytes->code, sizeof(code));
    memcpy(&call, &bytes->call, sizeof(call));
    memcpy(&ending, &bytes->ending, sizeof(ending));

    if (code == ERROR_NONE || code >= ERROR_CODES)
        return error_new(ERROR_PROTOCOL, "received an error with the unknown code %u", code);

    bool has_number = bytes->number >= 0 && bytes->number <= LAST_ERRNO;
    struct error *error = take_slot((enum error_code) code, has_number ? bytes->number : 0);
    error->call = call < ERROR_CALLS ? (enum error_call) call : CALL_NONE;
    error->ending = ending < ERROR_ENDINGS ? (enum error_ending) ending : ENDING_NONE;
    error->is_received = true;
    copy_safely(error->field, bytes->field, sizeof(error->field));
    copy_safely(error->object, bytes->object, sizeof(error->object));
    copy_safely(error->text, bytes->text, sizeof(error->text));
    copy_safely(error->hint, bytes->hint, sizeof(error->hint));
    return error;
}

void error_forget(struct error *error)
{
    if (error)
        error->is_taken = false;
}

bool error_forget_if(struct error *error, int number)
{
    if (!error || error->number != number)
        return false;
    error_forget(error);
    return true;
}
