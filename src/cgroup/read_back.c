/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources: whether the kernel has taken a limit as it was meant.  One row a file. */

#include "cgroup/read_back.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/list.h"
#include "base/number_set.h"
#include "base/text.h"
#include "cgroup/byte_size.h"
#include "cgroup/file.h"
#include "cgroup/hugetlb.h"

enum { WORD_SIZE = 64 };

/* The next word of a line, at most SIZE - 1 bytes of it; "" at its end. */
static const char *take_word(const char *at, char *word, size_t size)
{
    size_t length = 0;

    while (*at == ' ' || *at == '\t')
        at++;
    for (; *at && !strchr(" \t\n", *at); at++)
        if (length + 1 < size)
            word[length++] = *at;
    word[length] = '\0';
    return at;
}

static bool words_agree(const char *file, const char *value, const char *text)
{
    char wanted[WORD_SIZE], got[WORD_SIZE];

    (void) file;
    value = take_word(value, wanted, sizeof(wanted));
    while (wanted[0]) {
        text = take_word(text, got, sizeof(got));
        if (!text_equal(wanted, got))
            return false;
        value = take_word(value, wanted, sizeof(wanted));
    }
    return true;
}

/* Bytes in pages; what is too much, and "max", is MOST. */
static bool parse_pages(const char *text, uint64_t most, uint64_t *pages)
{
    char word[WORD_SIZE];
    uint64_t bytes;

    take_word(text, word, sizeof(word));
    if (!byte_size_parse(word, &bytes))
        return false;
    bytes /= (uint64_t) sysconf(_SC_PAGESIZE);
    *pages = bytes < most ? bytes : most;
    return true;
}

static uint64_t most_pages(void)
{
    return (uint64_t) LONG_MAX / (uint64_t) sysconf(_SC_PAGESIZE); /* PAGE_COUNTER_MAX */
}

static bool bytes_agree(const char *file, const char *value, const char *text)
{
    uint64_t wanted, got;

    (void) file;
    return !parse_pages(value, most_pages(), &wanted) ||
           (parse_pages(text, most_pages(), &got) && wanted == got);
}

/* Rounded down to huge pages. */
static bool huge_pages_agree(const char *file, const char *value, const char *text)
{
    uint64_t wanted, got, kilobytes;

    if (!hugetlb_take_size(file + strlen("hugetlb."), &kilobytes))
        return true;
    uint64_t page = (uint64_t) sysconf(_SC_PAGESIZE) / 1024;
    uint64_t pages = kilobytes > page ? kilobytes / page : 1;
    return !parse_pages(value, most_pages(), &wanted) ||
           (parse_pages(text, most_pages(), &got) && wanted / pages == got / pages);
}

static bool sets_agree(const char *file, const char *value, const char *text)
{
    struct number_set wanted, got;

    (void) file;
    return !number_set_parse(value, &wanted) ||
           (number_set_parse(text, &got) && number_set_equal(&wanted, &got));
}

/* From where on a number is no limit to the kernel, and is printed as "max". */
static uint64_t find_most(const char *key)
{
    if (text_starts(key, "hca_"))
        return INT32_MAX;
    return text_starts(key + (*key != '\0'), "iops") ? UINT32_MAX : UINT64_MAX;
}

/* "wbps=1000" of the line, whose words may stand in any order; what it has not is "max". */
static bool line_has(const char *line, const char *wanted)
{
    const char *equals = strchr(wanted, '=');
    size_t key = equals ? (size_t) (equals - wanted) + 1 : 0;
    char got[WORD_SIZE];
    uint64_t number;
    bool is_max =
        equals &&
        (text_equal(equals + 1, "max") ||
         (text_to_unsigned(equals + 1, UINT64_MAX, &number) && number >= find_most(wanted)));

    for (line = take_word(line, got, sizeof(got)); got[0]; line = take_word(line, got, sizeof(got)))
        if (text_equal(got, wanted))
            return true;
        else if (key && strncmp(got, wanted, key) == 0)
            return is_max && text_equal(got + key, "max");
    return is_max;
}

/* The rest of the line that begins with the word; "" when there is none. */
static const char *find_line(const char *text, const char *word)
{
    char first[WORD_SIZE];

    while (*text) {
        const char *rest = take_word(text, first, sizeof(first));
        if (text_equal(first, word))
            return rest;
        text = strchrnul(text, '\n');
        text += *text == '\n';
    }
    return text;
}

/* Files with a line for each device: "8:0 rbps=max wbps=1000". */
static bool lines_agree(const char *file, const char *value, const char *text)
{
    char word[WORD_SIZE];

    (void) file;
    value = take_word(value, word, sizeof(word));
    const char *line = find_line(text, word);
    for (value = take_word(value, word, sizeof(word)); word[0];
         value = take_word(value, word, sizeof(word)))
        if (!line_has(line, word))
            return false;
    return true;
}

/* "100" is short for "default 100"; "8:0 default" takes the line away. */
static bool weights_agree(const char *file, const char *value, const char *text)
{
    char word[WORD_SIZE];
    const char *behind = take_word(value, word, sizeof(word));

    if (text_equal(behind, " default"))
        return !*find_line(text, word);
    if (*behind == ' ')
        return lines_agree(file, value, text);
    return line_has(find_line(text, "default"), word);
}

static const struct form {
    const char *file; /* a '*' at the end stands for any rest */
    bool (*agrees)(const char *file, const char *value, const char *text);
    const char *effective; /* what holds, of what is asked for */
} forms[] = {
    { "cpu.idle", words_agree, NULL },
    { "cpu.max", words_agree, NULL },
    { "cpu.max.burst", words_agree, NULL },
    { "cpu.weight", words_agree, NULL },
    { "cpu.weight.nice", words_agree, NULL },
    { "cpuset.cpus", sets_agree, "cpuset.cpus.effective" },
    { "cpuset.mems", sets_agree, "cpuset.mems.effective" },
    { "hugetlb.*", huge_pages_agree, NULL },
    { "io.bfq.weight", weights_agree, NULL },
    { "io.max", lines_agree, NULL },
    { "io.weight", weights_agree, NULL },
    { "memory.high", bytes_agree, NULL },
    { "memory.low", bytes_agree, NULL },
    { "memory.max", bytes_agree, NULL },
    { "memory.min", bytes_agree, NULL },
    { "memory.oom.group", words_agree, NULL },
    { "memory.swap.high", bytes_agree, NULL },
    { "memory.swap.max", bytes_agree, NULL },
    { "memory.zswap.max", bytes_agree, NULL },
    { "pids.max", words_agree, NULL },
    { "rdma.max", lines_agree, NULL },
};

static const struct form *find_form(const char *file)
{
    for (size_t i = 0; i < LENGTH(forms); i++) {
        size_t length = strlen(forms[i].file);
        bool is_pattern = forms[i].file[length - 1] == '*';
        if (is_pattern ? !strncmp(file, forms[i].file, length - 1)
                       : text_equal(file, forms[i].file))
            return &forms[i];
    }
    return NULL;
}

bool read_back_agrees(const char *file, const char *value, const char *text)
{
    const struct form *form = find_form(file);
    return !form || form->agrees(file, value, text);
}

static fallible report(const char *file, const char *value, const char *text)
{
    int length = (int) strcspn(text, "\n");
    return error_new(ERROR_READ_BACK, "'%s' was written to %s, and the kernel says '%.*s'", value,
                     file, length, text);
}

/* Those above may have none of them: then the kernel takes all that those have. */
static fallible check_effective(int directory, const char *file, const char *value)
{
    struct number_set wanted, got;
    char text[CGROUP_FILE_SIZE];

    try(cgroup_file_read(directory, file, text, sizeof(text)));
    if (!number_set_parse(value, &wanted))
        return OK;
    if (number_set_parse(text, &got) && number_set_has(&wanted, &got))
        return OK;
    return error_hint(report(file, value, text), "the cgroups above leave none of them to it");
}

fallible read_back(int directory, const char *file, const char *value)
{
    const struct form *form = find_form(file);
    char text[CGROUP_FILE_SIZE];

    if (!form)
        return OK;
    try(cgroup_file_read(directory, file, text, sizeof(text)));
    if (!form->agrees(file, value, text))
        return report(file, value, text);
    return form->effective ? check_effective(directory, form->effective, value) : OK;
}
