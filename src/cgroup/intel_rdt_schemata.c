/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.intelRdt: whether a group has the schemata that are asked for [RDT10].
 *
 * Cache masks are hexadecimal and bandwidths decimal; for comparing them that makes no difference
 * but for what the kernel rounds.
 */
#include "cgroup/intel_rdt_schemata.h"

#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/text.h"
#include "cgroup/file.h"

enum { NUMBER_SIZE = 32, PATH_SIZE = 64, BANDWIDTH_MOST = 1 << 30 };

/* Where the next setting of a text begins, and the resource of the line that it stands in. */
struct reader {
    const char *at;
    struct schemata_word name;
    bool is_wrong; /* a line was no such line */
};

static struct schemata_word trim(const char *begin, const char *end)
{
    while (begin < end && *begin == ' ')
        begin++;
    while (begin < end && end[-1] == ' ')
        end--;
    return (struct schemata_word){ begin, (int) (end - begin) };
}

/* Reads "NAME:" where a line begins. */
static bool read_name(struct reader *reader)
{
    const char *colon = reader->at + strcspn(reader->at, ":\n");

    reader->name = trim(reader->at, colon);
    reader->is_wrong |= *colon != ':' || !reader->name.length;
    reader->at = *colon == ':' ? colon + 1 : colon;
    return !reader->is_wrong;
}

/* Reads "DOMAIN=VALUE" with what ends it; false at the end, or where that is something else. */
static bool read_setting(struct reader *reader, struct schemata_setting *setting)
{
    if (!*reader->at || (!reader->name.length && !read_name(reader)))
        return false;
    const char *end = reader->at + strcspn(reader->at, ";\n");
    const char *sign = memchr(reader->at, '=', (size_t) (end - reader->at));
    if (!sign) {
        reader->is_wrong = true;
        return false;
    }
    setting->name = reader->name;
    setting->domain = trim(reader->at, sign);
    setting->value = trim(sign + 1, end);
    reader->is_wrong |= !setting->domain.length || !setting->value.length;
    end += *end == ';';
    if (*end == '\n' || !*end)
        reader->name.length = 0;
    reader->at = end + (*end == '\n');
    return !reader->is_wrong;
}

bool schemata_are_valid(const char *lines)
{
    struct reader reader = { .at = lines };
    struct schemata_setting setting;
    bool has_some = false;

    while (read_setting(&reader, &setting))
        has_some = true;
    return has_some && !reader.is_wrong;
}

/* A number without what does not count: "00ff" and "0xFF" begin alike then. */
static struct schemata_word strip(struct schemata_word word)
{
    if (word.length > 2 && word.at[0] == '0' && (word.at[1] | 0x20) == 'x')
        word = (struct schemata_word){ word.at + 2, word.length - 2 };
    while (word.length > 1 && *word.at == '0')
        word = (struct schemata_word){ word.at + 1, word.length - 1 };
    return word;
}

static bool is_same_number(struct schemata_word a, struct schemata_word b)
{
    a = strip(a);
    b = strip(b);
    return a.length == b.length && !strncasecmp(a.at, b.at, (size_t) a.length);
}

static bool is_same_name(struct schemata_word a, struct schemata_word b)
{
    return a.length == b.length && !memcmp(a.at, b.at, (size_t) a.length);
}

/* The value that a text gives to the same domain of the same resource, last. */
static struct schemata_word find_value(const char *text, const struct schemata_setting *wanted)
{
    struct reader reader = { .at = text };
    struct schemata_setting setting;
    struct schemata_word value = { "", 0 };

    while (read_setting(&reader, &setting))
        if (is_same_name(setting.name, wanted->name) &&
            is_same_number(setting.domain, wanted->domain))
            value = setting.value;
    return value;
}

static bool read_number(struct schemata_word word, uint64_t *number)
{
    char text[NUMBER_SIZE];

    return text_format(text, sizeof(text), "%.*s", word.length, word.at) < sizeof(text) &&
           text_to_unsigned(text, BANDWIDTH_MOST, number);
}

/* Resources that have such a file are bandwidths in percent or in steps of the processor. */
static bool read_step(int root, struct schemata_word name, uint64_t *step)
{
    char path[PATH_SIZE], text[NUMBER_SIZE];

    if (text_format(path, sizeof(path), "info/%.*s/bandwidth_gran", name.length, name.at) >=
        sizeof(path))
        return false;
    struct error *error = cgroup_file_read(root, path, text, sizeof(text));
    bool has_step = !error;
    error_forget(error);
    if (has_step)
        text[strcspn(text, "\n")] = '\0';
    return has_step && text_to_unsigned(text, BANDWIDTH_MOST, step) && *step;
}

static bool is_rounded(int root, const struct schemata_setting *wanted, struct schemata_word found)
{
    uint64_t asked, got, step;

    return read_number(strip(wanted->value), &asked) && read_number(strip(found), &got) &&
           read_step(root, wanted->name, &step) && got == (asked + step - 1) / step * step;
}

bool schemata_differ(const char *wanted, const char *found, int root,
                     struct schemata_difference *difference)
{
    struct reader reader = { .at = wanted };
    struct schemata_setting setting;

    while (read_setting(&reader, &setting)) {
        if (find_value(wanted, &setting).at != setting.value.at)
            continue;
        struct schemata_word value = find_value(found, &setting);
        if (is_same_number(setting.value, value) || is_rounded(root, &setting, value))
            continue;
        *difference = (struct schemata_difference){ setting, value };
        return true;
    }
    return false;
}
