/* SPDX-License-Identifier: Apache-2.0 */
/* Serves no field, but what linux.resources leads to.  What surprises: a file of a cgroup may be
 * read again by the same descriptor, from its start, and then says what is true now. */

#include "cgroup/stats.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/directory.h"

enum { NUMBER_SIZE = 32 };

static const char *const names[STATS_FILES] = {
    [STATS_CPU] = "cpu.stat",
    [STATS_CPU_PRESSURE] = "cpu.pressure",
    [STATS_CPUS] = "cpuset.cpus.effective",
    [STATS_MEMS] = "cpuset.mems.effective",
    [STATS_MEMORY] = "memory.current",
    [STATS_MEMORY_PEAK] = "memory.peak",
    [STATS_MEMORY_MAX] = "memory.max",
    [STATS_MEMORY_STAT] = "memory.stat",
    [STATS_MEMORY_EVENTS] = "memory.events",
    [STATS_MEMORY_PRESSURE] = "memory.pressure",
    [STATS_SWAP] = "memory.swap.current",
    [STATS_SWAP_MAX] = "memory.swap.max",
    [STATS_SWAP_EVENTS] = "memory.swap.events",
    [STATS_PIDS] = "pids.current",
    [STATS_PIDS_MAX] = "pids.max",
    [STATS_IO] = "io.stat",
    [STATS_IO_PRESSURE] = "io.pressure",
};

static fallible open_file(int directory, const char *name, int *file)
{
    int opened = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (opened < 0 && errno != ENOENT)
        return error_errno(ERROR_CGROUP, "open %s", name);
    *file = opened;
    return OK;
}

/* "hugetlb.2MB.current": true, and the size is "2MB". */
static bool is_of_pages(const char *name, char size[STATS_PAGE_SIZE])
{
    static const char before[] = "hugetlb.", behind[] = ".current";
    size_t length = strlen(name), around = strlen(before) + strlen(behind);

    if (!text_starts(name, before) || !text_ends(name, behind) || length <= around ||
        length - around >= STATS_PAGE_SIZE)
        return false;
    text_format(size, STATS_PAGE_SIZE, "%.*s", (int) (length - around), name + strlen(before));
    return !strchr(size, '.'); /* hugetlb.2MB.rsvd.current */
}

static fallible open_pages(int directory, const char *size, struct stats *stats)
{
    struct stats_pages *pages = &stats->pages[stats->page_count];
    char name[STATS_PAGE_SIZE + 24];

    if (stats->page_count == STATS_PAGES)
        return OK;
    *pages = (struct stats_pages){ .current = -1, .events = -1 };
    text_format(pages->size, sizeof(pages->size), "%s", size);
    stats->page_count++;
    text_format(name, sizeof(name), "hugetlb.%s.current", size);
    try(open_file(directory, name, &pages->current));
    text_format(name, sizeof(name), "hugetlb.%s.events", size);
    return open_file(directory, name, &pages->events);
}

static fallible open_all_pages(int directory, struct stats *stats)
{
    auto_close int listed = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct directory names_in;
    struct directory_entry entry;
    char size[STATS_PAGE_SIZE];

    if (listed < 0)
        return error_errno(ERROR_CGROUP, "list the cgroup");
    try(directory_begin(listed, &names_in));
    for (;;) {
        try(directory_next(&names_in, &entry));
        if (!entry.name)
            return OK;
        if (is_of_pages(entry.name, size))
            try(open_pages(directory, size, stats));
    }
}

fallible stats_open(int directory, struct stats *stats)
{
    struct error *error = OK;

    *stats = (struct stats){ 0 };
    for (int i = 0; i < STATS_FILES; i++)
        stats->files[i] = -1;
    for (int i = 0; i < STATS_FILES && !error; i++)
        error = open_file(directory, names[i], &stats->files[i]);
    if (!error)
        error = open_all_pages(directory, stats);
    if (error)
        stats_close(stats);
    return error;
}

void stats_close(struct stats *stats)
{
    for (int i = 0; i < STATS_FILES; i++)
        close_fd(&stats->files[i]);
    for (uint32_t i = 0; i < stats->page_count; i++) {
        close_fd(&stats->pages[i].current);
        close_fd(&stats->pages[i].events);
    }
}

struct reading {
    bool is_there, is_whole;
};

/* What there is room for.  ENODEV: hidden by now, see stats_check(). */
static fallible read_some(int file, char *text, size_t size, struct reading *reading)
{
    size_t length = 0;
    ssize_t got = file < 0 ? 0 : 1;

    while (got > 0 && length < size - 1) {
        got = pread(file, text + length, size - 1 - length, (off_t) length);
        length += got > 0 ? (size_t) got : 0;
    }
    text[got < 0 ? 0 : length] = '\0';
    *reading = (struct reading){ .is_there = file >= 0 && got >= 0, .is_whole = got <= 0 };
    if (got < 0 && errno != ENODEV)
        return error_errno(ERROR_CGROUP, "read what the cgroup has counted");
    return OK;
}

static fallible read_whole(int file, char *text, size_t size, bool *is_there)
{
    struct reading reading;

    try(read_some(file, text, size, &reading));
    *is_there = reading.is_there;
    return reading.is_whole
               ? OK
               : error_new(ERROR_CGROUP, "a file of the cgroup has more than %zu bytes", size);
}

fallible stats_read(int file, char *text, size_t size)
{
    bool is_there;

    return read_whole(file, text, size, &is_there);
}

fallible stats_read_lines(int file, char *text, size_t size)
{
    struct reading reading;

    try(read_some(file, text, size, &reading));
    char *end = reading.is_whole ? NULL : strrchr(text, '\n');
    if (!reading.is_whole)
        text[end ? end + 1 - text : 0] = '\0';
    return OK;
}

fallible stats_read_number(int file, struct stats_number *number)
{
    struct stats_number found = { 0 };
    char text[NUMBER_SIZE];

    try(read_whole(file, text, sizeof(text), &found.is_there));
    text[strcspn(text, "\n")] = '\0';
    if (text_equal(text, "max"))
        found.value = UINT64_MAX;
    else if (found.is_there && !text_to_unsigned(text, UINT64_MAX, &found.value))
        return error_new(ERROR_CGROUP, "the cgroup has '%s' for a number", text);
    *number = found;
    return OK;
}

fallible stats_check(const struct stats *stats)
{
    int file = stats->files[STATS_CPU];
    char byte;

    if (file >= 0 && pread(file, &byte, sizeof(byte), 0) < 0)
        return error_errno(ERROR_CGROUP, "read what the cgroup has counted");
    return OK;
}
