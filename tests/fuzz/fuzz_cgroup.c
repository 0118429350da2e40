/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a cgroup say, to who counts, lists processes or reads a limit back.  The first
 * line is the name of a file and the second the value that was written there; both are also taken
 * for sizes and for paths, as users write them. */

#include "tests/fuzz/fuzz_directory.h"

#include "cgroup/byte_size.h"
#include "cgroup/path.h"
#include "cgroup/pid_list.h"
#include "cgroup/read_back.h"
#include "cgroup/stats.h"

enum { FILE_LINE, VALUE, TEXT, LINES };

static void count(const char *text)
{
    const char *at = text;
    struct stats_line line;
    struct stats_device device;
    struct stats_pressure pressure;

    while (stats_take_line(&at, &line)) {
        struct stats_number first = stats_find(text, line.key);
        if (!line.key[0] || !first.is_there)
            abort();
    }
    for (at = text; stats_take_device(&at, &device);)
        if (device.major > UINT32_MAX || device.minor > UINT32_MAX)
            abort();
    for (at = text; stats_take_pressure(&at, &pressure);)
        if (!pressure.kind[0] || !pressure.shares[2][0])
            abort();
}

static void list_processes(const char *text)
{
    struct pid_list list;
    pid_t pid;

    fuzz_write_file("cgroup.procs", text, strlen(text));
    pid_list_open(fuzz_directory, &list);
    while (pid_list_next(&list, &pid))
        if (pid <= 0)
            abort();
    pid_list_close(&list);
}

static void measure(const char *text)
{
    char whole[CGROUP_PATH_SIZE];
    uint64_t bytes;
    int64_t words;

    (void) byte_size_parse(text, &bytes);
    if (byte_size_parse_words(text, &words) && words < 0)
        abort();
    struct error *error = cgroup_path_join("/sys/fs/cgroup", text, whole);
    if (!error && strstr(whole, "/../"))
        abort();
    fuzz_judge(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *lines[LINES], *text = fuzz_begin_text(data, size);

    fuzz_make_directory("0");
    if (fuzz_lines(text, lines, LINES) == LINES) {
        measure(lines[FILE_LINE]);
        measure(lines[VALUE]);
        (void) read_back_agrees(lines[FILE_LINE], lines[VALUE], lines[TEXT]);
        count(lines[TEXT]);
        list_processes(lines[TEXT]);
    }
    fuzz_end(text);
    return 0;
}
