/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The annotations org.systemd.property.NAME: values in the text format of GVariant, as engines and
 * users of other runtimes write them: KillSignal "15", TimeoutStopUSec "uint64 10000000",
 * CollectMode "'inactive-or-failed'".
 *
 * The type of an array is that of its first element, and stands before it: an array is read twice.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/text.h"
#include "cgroup/scope_text.h"

enum { DEPTH_MAX = 3, TYPE_SIZE = 48, WORD_SIZE = 64, STRING_SIZE = 1024 };

struct reading {
    const char *at;
    struct scope_text *text; /* NULL: only the type is wanted */
    const char *fault;
};

static const struct {
    const char *word;
    char type;
} keywords[] = {
    { "boolean", 'b' }, { "byte", 'y' },  { "int16", 'n' },  { "uint16", 'q' }, { "int32", 'i' },
    { "uint32", 'u' },  { "int64", 'x' }, { "uint64", 't' }, { "double", 'd' }, { "string", 's' },
};

static const struct {
    char type;
    int64_t least;
    uint64_t most;
} numbers[] = {
    { 'y', 0, UINT8_MAX },         { 'n', INT16_MIN, INT16_MAX }, { 'q', 0, UINT16_MAX },
    { 'i', INT32_MIN, INT32_MAX }, { 'u', 0, UINT32_MAX },        { 'x', INT64_MIN, INT64_MAX },
    { 't', 0, UINT64_MAX },
};

static void skip_spaces(struct reading *reading)
{
    while (*reading->at == ' ' || *reading->at == '\t')
        reading->at++;
}

static bool take(struct reading *reading, char wanted)
{
    skip_spaces(reading);
    if (*reading->at != wanted)
        return false;
    reading->at++;
    return true;
}

static void refuse(struct reading *reading, const char *fault)
{
    if (!reading->fault)
        reading->fault = fault;
}

/* Letters, digits and what numbers have; "" at anything else. */
static void take_word(struct reading *reading, char *word)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789+-.";
    size_t length = strspn(reading->at, letters);

    if (length >= WORD_SIZE) {
        refuse(reading, "it has too long a word");
        length = 0;
    }
    memcpy(word, reading->at, length);
    word[length] = '\0';
    reading->at += length;
}

/* Whether what is to come is of the wanted type, "" for any, and that then. */
static bool settle(struct reading *reading, char *wanted, const char *type)
{
    if (*wanted && !text_equal(wanted, type)) {
        refuse(reading, "its parts are of different types");
        return false;
    }
    text_format(wanted, TYPE_SIZE, "%s", type);
    return true;
}

static fallible add_basic(struct reading *reading, char type, const char *value)
{
    return reading->text ? scope_text_add(reading->text, "=%c %s\n", type, value) : OK;
}

static bool is_in_range(char type, const char *word)
{
    uint64_t natural;
    int64_t whole;

    word += *word == '+';
    for (size_t i = 0; i < LENGTH(numbers); i++)
        if (numbers[i].type == type)
            return text_to_unsigned(word, numbers[i].most, &natural) ||
                   (numbers[i].least && text_to_signed(word, numbers[i].least, 0, &whole));
    return false;
}

static const char *skip_digits(const char *word, bool *has_digits)
{
    const char *end = word + strspn(word, "0123456789");

    *has_digits |= end > word;
    return end;
}

static bool is_double(const char *word)
{
    bool has_digits = false, has_exponent = true;

    word = skip_digits(word + (*word == '-' || *word == '+'), &has_digits);
    if (*word == '.')
        word = skip_digits(word + 1, &has_digits);
    if (*word == 'e') {
        word += 1 + (word[1] == '-' || word[1] == '+');
        has_exponent = false;
        word = skip_digits(word, &has_exponent);
    }
    return has_digits && has_exponent && !*word;
}

/* Without a type a number is an int32, or a double if it is written like one. */
static fallible read_number(struct reading *reading, char *wanted, const char *word)
{
    if (!*wanted)
        text_format(wanted, TYPE_SIZE, "%c", strpbrk(word, ".e") ? 'd' : 'i');
    bool is_good = wanted[0] == 'd' ? is_double(word) : is_in_range(wanted[0], word);
    if (wanted[1] || !strchr("ynqiuxtd", wanted[0]))
        refuse(reading, "there is a number in the place of something else");
    else if (!is_good)
        refuse(reading, "a number is none, or out of the range of its type");
    return reading->fault ? OK : add_basic(reading, wanted[0], word + (*word == '+'));
}

static bool is_number(const char *word)
{
    word += *word == '-' || *word == '+';
    return *word >= '0' && *word <= '9';
}

/* 'text' or "text", with \\ before a quote or another \\. */
static fallible read_string(struct reading *reading, char *wanted)
{
    char string[STRING_SIZE], quote = *reading->at++;
    size_t length = 0;

    if (!*wanted)
        text_format(wanted, TYPE_SIZE, "s");
    if (wanted[1] || wanted[0] != 's')
        refuse(reading, "there is a string in the place of something else");
    for (; *reading->at && *reading->at != quote && length < STRING_SIZE - 1; reading->at++) {
        if (*reading->at == '\\' && !strchr("\\'\"", *++reading->at))
            refuse(reading, "a \\ stands before what is neither a quote nor a \\");
        if ((unsigned char) *reading->at < ' ') {
            refuse(reading, "a string has a control character, or no end");
            return OK;
        }
        string[length++] = *reading->at;
    }
    string[length] = '\0';
    if (*reading->at != quote)
        refuse(reading, length < STRING_SIZE - 1 ? "a string has no end" : "a string is too long");
    else
        reading->at++;
    return reading->fault ? OK : add_basic(reading, wanted[0], string);
}

static fallible read_value(struct reading *reading, char *wanted, unsigned depth);

static fallible read_elements(struct reading *reading, char *element, unsigned depth)
{
    if (take(reading, ']'))
        return OK;
    do
        try(read_value(reading, element, depth));
    while (!reading->fault && take(reading, ','));
    if (!reading->fault && !take(reading, ']'))
        refuse(reading, "an array has no end");
    return OK;
}

static fallible read_array(struct reading *reading, char *wanted, unsigned depth)
{
    char element[TYPE_SIZE] = "", type[TYPE_SIZE];
    struct reading first = { .at = reading->at };

    if (*wanted && *wanted != 'a') {
        refuse(reading, "there is an array in the place of something else");
        return OK;
    }
    if (*wanted)
        text_format(element, sizeof(element), "%s", wanted + 1);
    try(read_elements(&first, element, depth));
    reading->fault = first.fault;
    if (!*element)
        refuse(reading, "an empty array needs a type, as in @as []");
    if (text_format(type, sizeof(type), "a%s", element) >= sizeof(type))
        refuse(reading, "its type is too long");
    if (reading->fault || !settle(reading, wanted, type))
        return OK;
    if (reading->text)
        try(scope_text_add(reading->text, "a %s\n", element));
    try(read_elements(reading, element, depth));
    return reading->text && !reading->fault ? scope_text_add(reading->text, ".\n") : OK;
}

static fallible read_members(struct reading *reading, char *members, unsigned depth)
{
    size_t length = 0;

    members[0] = '\0';
    while (!reading->fault && !take(reading, ')')) {
        char member[TYPE_SIZE] = "";
        if (length && !take(reading, ','))
            refuse(reading, "a tuple has no end");
        if (length && take(reading, ')'))
            return OK;
        if (reading->fault)
            return OK;
        try(read_value(reading, member, depth));
        length += text_format(members + length, TYPE_SIZE - length, "%s", member);
        if (length >= TYPE_SIZE - 2)
            refuse(reading, "its type is too long");
    }
    if (!length)
        refuse(reading, "a tuple is empty");
    return OK;
}

/* What type its parts shall have is not handed on: each says it itself. */
static fallible read_tuple(struct reading *reading, char *wanted, unsigned depth)
{
    char members[TYPE_SIZE], type[TYPE_SIZE + 2];
    struct reading first = { .at = reading->at };

    try(read_members(&first, members, depth));
    reading->fault = first.fault;
    text_format(type, sizeof(type), "(%s)", members);
    if (reading->fault || !settle(reading, wanted, type))
        return OK;
    if (reading->text)
        try(scope_text_add(reading->text, "r %s\n", members));
    try(read_members(reading, members, depth));
    return reading->text && !reading->fault ? scope_text_add(reading->text, ".\n") : OK;
}

/* @as, @a(ss): what is basic, in arrays and tuples. */
static fallible read_typed(struct reading *reading, char *wanted, unsigned depth)
{
    char type[TYPE_SIZE];
    size_t length = strspn(++reading->at, "a(bynqiuxtds)");

    if (!length || length >= sizeof(type) || strchr("a(", reading->at[length - 1])) {
        refuse(reading, "behind @ stands no type");
        return OK;
    }
    text_format(type, sizeof(type), "%.*s", (int) length, reading->at);
    reading->at += length;
    return settle(reading, wanted, type) ? read_value(reading, wanted, depth) : OK;
}

static fallible read_keyword(struct reading *reading, char *wanted, const char *word,
                             unsigned depth)
{
    if (text_equal(word, "true") || text_equal(word, "false"))
        return settle(reading, wanted, "b") ? add_basic(reading, 'b', *word == 't' ? "1" : "0")
                                            : OK;
    for (size_t i = 0; i < LENGTH(keywords); i++)
        if (text_equal(keywords[i].word, word)) {
            const char type[] = { keywords[i].type, '\0' };
            return settle(reading, wanted, type) ? read_value(reading, wanted, depth) : OK;
        }
    refuse(reading, "a word is neither a type nor a value (text stands in quotes)");
    return OK;
}

/* Which type WANTED it must have, "" if any; then it is that which it has. */
static fallible read_value(struct reading *reading, char *wanted, unsigned depth)
{
    char word[WORD_SIZE];

    skip_spaces(reading);
    if (depth > DEPTH_MAX)
        refuse(reading, "it is nested too deep");
    if (reading->fault)
        return OK;
    if (*reading->at == '\'' || *reading->at == '"')
        return read_string(reading, wanted);
    if (take(reading, '['))
        return read_array(reading, wanted, depth + 1);
    if (take(reading, '('))
        return read_tuple(reading, wanted, depth + 1);
    if (*reading->at == '@')
        return read_typed(reading, wanted, depth + 1);
    take_word(reading, word);
    if (!*word)
        refuse(reading,
               *reading->at ? "variants and dictionaries are not taken" : "a value is missing");
    if (reading->fault)
        return OK;
    return is_number(word) ? read_number(reading, wanted, word)
                           : read_keyword(reading, wanted, word, depth + 1);
}

static fallible read_all(struct reading *reading, char *type)
{
    try(read_value(reading, type, 0));
    skip_spaces(reading);
    if (*reading->at)
        refuse(reading, "there is something behind the value");
    return OK;
}

fallible scope_add_variant(const char *name, const char *value, struct scope_text *text,
                           const char **fault)
{
    char type[TYPE_SIZE] = "";
    struct reading reading = { .at = value };

    try(read_all(&reading, type));
    *fault = reading.fault;
    if (reading.fault)
        return OK;
    try(scope_text_add(text, "property %s %s\n", name, type));
    reading = (struct reading){ .at = value, .text = text };
    return read_all(&reading, type);
}
