/* SPDX-License-Identifier: Apache-2.0 */
/* What systemd is told of a container.  The first line is linux.cgroupsPath, the second the
 * annotation run.oci.systemd.subgroup, and the others are NAME=VALUE of org.systemd.property.NAME.
 * What comes of them are lines of the language that src/scope.c reads, and no value can make one of
 * its own. */

#include "tests/fuzz/fuzz.h"

#include <stdio.h>

#include "base/text.h"
#include "cgroup/scope.h"
#include "cgroup/scope_text.h"
#include "libocispec/schema.h"

enum { PATH, SUBGROUP, PROPERTIES, LINES = 64, KEY_SIZE = 256, DEPTH_MOST = 16 };

/* Whether TEXT is a signature of basic types, arrays and structs. */
static bool is_signature(const char *text)
{
    return *text && !text[strspn(text, "a(bynqiuxtds)")];
}

static bool is_line(const char *line, unsigned *depth)
{
    if (text_starts(line, "property ")) {
        const char *name = line + strlen("property "), *type = strchr(name, ' ');
        return *depth == 0 && type && type > name && is_signature(type + 1);
    }
    if (text_starts(line, "a ") || text_starts(line, "r "))
        return (*depth)++ < DEPTH_MOST && is_signature(line + 2);
    if (text_equal(line, "."))
        return (*depth)-- > 0;
    return line[0] == '=' && line[1] && strchr("bynqiuxtds", line[1]) && line[2] == ' ';
}

static void check_text(char *text)
{
    unsigned depth = 0;

    for (char *end; *text; text = end + 1) {
        end = strchr(text, '\n');
        if (!end)
            abort();
        *end = '\0';
        if (!is_line(text, &depth))
            abort();
    }
    if (depth)
        abort();
}

static void check_name(const char *asked, const char *subgroup)
{
    struct scope_plan plan = { 0 };
    struct error *error = scope_name(asked, "fuzz", &arena, &plan);

    if (!error && (strpbrk(plan.unit, "/\n") || strpbrk(plan.slice, "/\n") ||
                   !text_ends(plan.slice, ".slice")))
        abort();
    fuzz_judge(error);
    error = scope_name_subgroup(subgroup, &arena, &plan);
    if (!error && strpbrk(plan.subgroup, "/\n"))
        abort();
    fuzz_judge(error);
}

static void check_annotations(char **lines, uint32_t n)
{
    static char keys[LINES][KEY_SIZE];
    struct oci_string_entry entries[LINES];
    struct scope_text text = { .arena = &arena };

    for (uint32_t i = 0; i < n; i++) {
        size_t length = strcspn(lines[i], "=");
        snprintf(keys[i], KEY_SIZE, "org.systemd.property.%.*s", (int) length, lines[i]);
        const char *value = lines[i] + length;
        entries[i] = (struct oci_string_entry){ keys[i], value + (*value == '=') };
    }
    const struct oci_string_map annotations = { entries, n };
    struct error *error = scope_add_annotations(&annotations, &text);
    if (!error && text.v)
        check_text(text.v);
    fuzz_judge(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *lines[LINES], *text = fuzz_begin_text(data, size);
    uint32_t n = fuzz_lines(text, lines, LINES);

    if (n >= PROPERTIES) {
        check_name(lines[PATH], lines[SUBGROUP]);
        check_annotations(lines + PROPERTIES, n - PROPERTIES);
    }
    fuzz_end(text);
    return 0;
}
