/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * What a cgroup has used and counted: the files of cgroups(7), Documentation/admin-guide/
 * cgroup-v2.rst, that say so.  They are opened once and read again and again, so that the reader
 * need not be able to open anything.  Which are there depends on the controllers and the kernel,
 * and they can go one by one, when a controller is taken back or cgroup.pressure switched off; what
 * is not there reads as absent.  Errors are ERROR_CGROUP.
 */
enum stats_file {
    STATS_CPU,
    STATS_CPU_PRESSURE,
    STATS_CPUS,
    STATS_MEMS,
    STATS_MEMORY,
    STATS_MEMORY_PEAK,
    STATS_MEMORY_MAX,
    STATS_MEMORY_STAT,
    STATS_MEMORY_EVENTS,
    STATS_MEMORY_PRESSURE,
    STATS_SWAP,
    STATS_SWAP_MAX,
    STATS_SWAP_EVENTS,
    STATS_PIDS,
    STATS_PIDS_MAX,
    STATS_IO,
    STATS_IO_PRESSURE,
    STATS_FILES,
};

enum { STATS_PAGES = 16, STATS_PAGE_SIZE = 16, STATS_TEXT_SIZE = 1 << 17 };

/* Huge pages of one size, "2MB". */
struct stats_pages {
    char size[STATS_PAGE_SIZE];
    int current, events;
};

struct stats {
    int files[STATS_FILES]; /* -1: not there */
    struct stats_pages pages[STATS_PAGES];
    uint32_t page_count;
};

/* Opens what there is in the cgroup DIRECTORY, which stays the caller's. */
fallible stats_open(int directory, struct stats *stats);
void stats_close(struct stats *stats);

/* Fails with ENODEV when not a file has gone, but the cgroup: cpu.stat is in each of them. */
fallible stats_check(const struct stats *stats);

/* All of a file as text; "" when it is not there (FILE is -1). */
fallible stats_read(int file, char *text, size_t size);

/* The same of a file that a container can make as long as it likes: the lines that there is room
 * for. */
fallible stats_read_lines(int file, char *text, size_t size);

/* A file of one number; "max" is UINT64_MAX.  Absent: false, and no error. */
struct stats_number {
    uint64_t value;
    bool is_there;
};
fallible stats_read_number(int file, struct stats_number *number);

/* A line "KEY VALUE", as cpu.stat, memory.stat and *.events have them. */
struct stats_line {
    char key[64];
    uint64_t value;
};

/* Takes the next one off the text at *AT; lines that are none are left out.  False: no more. */
bool stats_take_line(const char **at, struct stats_line *line);

/* The value behind KEY; absent where there is no such line. */
struct stats_number stats_find(const char *text, const char *key);

/* A line of io.stat: "8:0 rbytes=1 wbytes=2 ..." */
enum stats_io {
    STATS_READ_BYTES,
    STATS_READS,
    STATS_WRITE_BYTES,
    STATS_WRITES,
    STATS_DISCARD_BYTES,
    STATS_DISCARDS,
    STATS_IOS
};
struct stats_device {
    uint64_t major, minor;
    struct stats_number values[STATS_IOS];
};
bool stats_take_device(const char **at, struct stats_device *device);

/* A line of pressure stall information: "some avg10=0.00 avg60=0.00 avg300=0.00 total=0".  The
 * shares of time are decimal fractions, as the kernel writes them. */
struct stats_pressure {
    char kind[8];
    char shares[3][12]; /* avg10, avg60, avg300 */
    uint64_t total;     /* us */
};
bool stats_take_pressure(const char **at, struct stats_pressure *pressure);
