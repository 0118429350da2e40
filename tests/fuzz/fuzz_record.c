/* SPDX-License-Identifier: Apache-2.0 */
/* state.json, which others may have written.  What is taken for a record can be saved, and is then
 * read as the same: saved again, it has the same bytes. */

#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "state/record.h"

static char path[] = "/dev/shm/tare-fuzz-XXXXXX";
static struct entry entry = { .directory = -1, .id = "fuzz" };

static void remove_directory(void)
{
    unlinkat(entry.directory, RECORD_FILE, 0);
    rmdir(path);
}

static void make_directory(void)
{
    if (entry.directory >= 0)
        return;
    if (!mkdtemp(path))
        abort();
    entry.directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (entry.directory < 0 || atexit(remove_directory))
        abort();
}

static void write_record(const void *bytes, size_t size)
{
    int fd = openat(entry.directory, RECORD_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, bytes, size) != (ssize_t) size || close(fd))
        abort();
}

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

    make_directory();
    char *text = fuzz_begin(data, size);
    write_record(text, size);
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
