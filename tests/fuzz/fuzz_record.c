/* SPDX-License-Identifier: Apache-2.0 */
/* state.json, which others may have written.  What is taken for a record can be saved, and is then
 * read as the same: saved again, it has the same bytes. */

#include "tests/fuzz/fuzz_directory.h"

#include "state/record.h"

static struct entry entry = { .directory = -1, .id = "fuzz" };

static struct entry_text save(const struct record *record)
{
    struct entry_text saved;

    if (record_save(&entry, record, &arena) ||
        entry_read(&entry, RECORD_FILE, FUZZ_ARENA / 4, &arena, &saved))
        abort();
    return saved;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct record record, again;

    fuzz_make_directory("0");
    entry.directory = fuzz_directory;
    char *text = fuzz_begin(data, size);
    fuzz_write_file(RECORD_FILE, text, size);
    struct error *error = record_load(&entry, &arena, &record);
    fuzz_judge(error);
    if (!error) {
        struct entry_text first = save(&record);
        if (record_load(&entry, &arena, &again))
            abort();
        struct entry_text second = save(&again);
        if (first.length != second.length || memcmp(first.text, second.text, first.length))
            abort();
    }
    fuzz_end(text);
    return 0;
}
