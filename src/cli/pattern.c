/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions, as a machine that is in many states at once (Thompson).  What surprises: a
 * part is written down before it is known whether it is repeated; so jumps are relative, and what
 * is already there can be moved up. */

#include "cli/pattern.h"

#include <string.h>

enum { DEPTH_MOST = 32 };

struct reader {
    const char *whole, *at;
    struct pattern *pattern;
    int depth;
};

static fallible refuse(const struct reader *reader, const char *why)
{
    return error_new(ERROR_USAGE, "--regex: '%s': %s at '%s'", reader->whole, why, reader->at);
}

static fallible append(struct reader *reader, struct pattern_step step)
{
    if (reader->pattern->count == PATTERN_SIZE)
        return refuse(reader, "it is too long");
    reader->pattern->steps[reader->pattern->count++] = step;
    return OK;
}

/* In front of what begins at FROM. */
static fallible insert(struct reader *reader, int from, struct pattern_step step)
{
    struct pattern_step *steps = reader->pattern->steps;
    int moved = reader->pattern->count - from;

    try(append(reader, step));
    memmove(steps + from + 1, steps + from, (size_t) moved * sizeof(*steps));
    steps[from] = step;
    return OK;
}

static void include(struct pattern_step *step, unsigned char first, unsigned char last)
{
    for (unsigned letter = first; letter <= last && letter < 128; letter++)
        step->set[letter / 64] |= UINT64_C(1) << letter % 64;
}

/* Behind the bracket; one that comes first is a letter. */
static fallible read_set(struct reader *reader)
{
    struct pattern_step step = { .kind = PATTERN_SET };
    bool is_negated = *reader->at == '^';
    const char *first = reader->at += is_negated;

    for (; *reader->at && (*reader->at != ']' || reader->at == first); reader->at++) {
        unsigned char from = (unsigned char) reader->at[0], to = from;
        if (from == '[' && strchr(":.=", reader->at[1]))
            return refuse(reader, "named classes are not known");
        if (reader->at[1] == '-' && reader->at[2] && reader->at[2] != ']') {
            reader->at += 2;
            to = (unsigned char) *reader->at;
        }
        if (to < from)
            return refuse(reader, "the range is empty");
        include(&step, from, to);
    }
    if (!*reader->at)
        return refuse(reader, "']' is missing");
    reader->at++;
    for (int i = 0; i < 2 && is_negated; i++)
        step.set[i] = ~step.set[i];
    return append(reader, step);
}

static fallible read_letter(struct reader *reader)
{
    struct pattern_step step = { .kind = PATTERN_SET };

    reader->at += *reader->at == '\\';
    if (!*reader->at)
        return refuse(reader, "nothing is behind the '\\'");
    include(&step, (unsigned char) *reader->at, (unsigned char) *reader->at);
    reader->at++;
    return append(reader, step);
}

static fallible read_any(struct reader *reader)
{
    const struct pattern_step any = { .kind = PATTERN_SET, .set = { UINT64_MAX, UINT64_MAX } };

    reader->at++;
    return append(reader, any);
}

static fallible read_choice(struct reader *reader);

static fallible read_group(struct reader *reader)
{
    reader->at++;
    if (reader->depth++ == DEPTH_MOST)
        return refuse(reader, "it is too deep");
    try(read_choice(reader));
    reader->depth--;
    if (*reader->at != ')')
        return refuse(reader, "')' is missing");
    reader->at++;
    return OK;
}

static fallible read_atom(struct reader *reader)
{
    const struct pattern_step begin = { .kind = PATTERN_BEGIN }, end = { .kind = PATTERN_END };

    switch (*reader->at) {
    case '(':
        return read_group(reader);
    case '[':
        reader->at++;
        return read_set(reader);
    case '.':
        return read_any(reader);
    case '^':
        reader->at++;
        return append(reader, begin);
    case '$':
        reader->at++;
        return append(reader, end);
    case '*':
    case '+':
    case '?':
        return refuse(reader, "nothing is there to be repeated");
    case '{':
        return refuse(reader, "bounds are not known");
    default:
        return read_letter(reader);
    }
}

static fallible repeat(struct reader *reader, int from)
{
    int length = reader->pattern->count - from;
    const struct pattern_step over = { PATTERN_SPLIT, 1, length + 1, { 0 } };
    const struct pattern_step loop = { PATTERN_SPLIT, 1, length + 2, { 0 } };
    const struct pattern_step back = { PATTERN_JUMP, -length - 1, 0, { 0 } };
    const struct pattern_step again = { PATTERN_SPLIT, -length, 1, { 0 } };

    switch (*reader->at++) {
    case '?':
        return insert(reader, from, over);
    case '+':
        return append(reader, again);
    default:
        try(insert(reader, from, loop));
        return append(reader, back);
    }
}

static fallible read_sequence(struct reader *reader)
{
    while (*reader->at && *reader->at != '|' && *reader->at != ')') {
        int from = reader->pattern->count;
        try(read_atom(reader));
        while (*reader->at && strchr("*+?", *reader->at))
            try(repeat(reader, from));
    }
    return OK;
}

static fallible read_choice(struct reader *reader)
{
    int from = reader->pattern->count;

    try(read_sequence(reader));
    while (*reader->at == '|') {
        int length = reader->pattern->count - from;
        struct pattern_step jump = { .kind = PATTERN_JUMP };
        reader->at++;
        try(insert(reader, from, (struct pattern_step){ PATTERN_SPLIT, 1, length + 2, { 0 } }));
        int place = reader->pattern->count;
        try(append(reader, jump));
        try(read_sequence(reader));
        reader->pattern->steps[place].first = reader->pattern->count - place;
    }
    return OK;
}

fallible pattern_read(const char *text, struct pattern *pattern)
{
    struct reader reader = { .whole = text, .at = text, .pattern = pattern };

    pattern->count = 0;
    if (!*text)
        return error_new(ERROR_USAGE, "--regex: the expression is empty");
    try(read_choice(&reader));
    return *reader.at ? refuse(&reader, "'(' is missing") : OK;
}

/* The states that the machine is in; the last is the end. */
struct states {
    bool v[PATTERN_SIZE + 1];
};

struct match {
    const struct pattern *pattern;
    const char *text, *at;
    struct states now;
};

/* Enters a state, and what can be reached from there without a letter. */
static void enter(struct match *match, int state)
{
    int waiting[PATTERN_SIZE + 1], count = 0;

    while (true) {
        if (!match->now.v[state]) {
            const struct pattern_step *step = &match->pattern->steps[state];
            match->now.v[state] = true;
            bool is_end = state == match->pattern->count;
            if (!is_end && step->kind == PATTERN_SPLIT)
                waiting[count++] = state + step->second;
            bool is_free = !is_end && (step->kind == PATTERN_SPLIT || step->kind == PATTERN_JUMP);
            bool holds = !is_end && ((step->kind == PATTERN_BEGIN && match->at == match->text) ||
                                     (step->kind == PATTERN_END && !*match->at));
            if (is_free || holds) {
                state += is_free ? step->first : 1;
                continue;
            }
        }
        if (!count)
            return;
        state = waiting[--count];
    }
}

static void take_letter(struct match *match)
{
    const struct states before = match->now;
    unsigned char letter = (unsigned char) *match->at++;

    match->now = (struct states){ { false } };
    for (int i = 0; i < match->pattern->count; i++) {
        const struct pattern_step *step = &match->pattern->steps[i];
        if (before.v[i] && step->kind == PATTERN_SET && letter < 128 &&
            step->set[letter / 64] >> letter % 64 & 1)
            enter(match, i + 1);
    }
}

bool pattern_matches(const struct pattern *pattern, const char *text)
{
    struct match match = { .pattern = pattern, .text = text, .at = text };

    while (true) {
        enter(&match, 0);
        if (match.now.v[pattern->count])
            return true;
        if (!*match.at)
            return false;
        take_letter(&match);
    }
}
