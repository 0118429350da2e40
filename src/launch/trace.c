/* SPDX-License-Identifier: Apache-2.0 */
/* --trace: the start as a timeline in the Trace Event Format of Chrome and Perfetto: one span a row
 * that was played, host and init side by side. */

#include <errno.h>
#include <fcntl.h>

#include "base/allocate.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "launch/host.h"
#include "os/fd.h"

enum { SPAN_SIZE = 256 };

struct actor {
    const char *name;
    int number;
    const struct step *steps;
    const struct channel_span *spans;
    uint32_t count;
};

static fallible write_actor(int fd, const struct actor *actor, bool is_last)
{
    char line[SPAN_SIZE];
    size_t length = text_format(line, sizeof(line),
                                "{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":%d,"
                                "\"args\":{\"name\":\"%s\"}}",
                                actor->number, actor->name);

    try(fd_write_all(fd, line, length));
    for (uint32_t i = 0; i < actor->count; i++) {
        const struct channel_span *span = &actor->spans[i];
        const struct step *step = &actor->steps[span->row];
        unsigned long long took = span->ended - span->began;

        /* Microseconds with three decimals. */
        length = text_format(line, sizeof(line),
                             ",\n{\"name\":\"%s\",\"cat\":\"%s\",\"ph\":\"X\",\"pid\":1,\"tid\":%d,"
                             "\"ts\":%llu.%03llu,\"dur\":%llu.%03llu}",
                             step->name, step->run ? "step" : "meeting", actor->number,
                             (unsigned long long) span->began / 1000,
                             (unsigned long long) span->began % 1000, took / 1000, took % 1000);
        try(fd_write_all(fd, line, length));
    }
    return is_last ? OK : fd_write_all(fd, ",\n", 2);
}

/* O_NONBLOCK: a fifo that nobody reads must not hold us. */
fallible trace_open(const char *path, int *fd)
{
    *fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);
    if (*fd < 0 && errno == ENXIO)
        return error_hint(error_system("--trace: open '%s'", path),
                          "a fifo needs somebody who reads it");
    return *fd < 0 ? error_system("--trace: open '%s'", path) : OK;
}

fallible trace_write(int fd, const struct launch *launch)
{
    const struct host *host = launch->host;
    const struct actor actors[] = {
        { "host", 1, launch_host_steps(host), launch->spans, launch->span_count },
        { "init", 2, launch_inside_steps(host), host->init_spans, host->init_span_count },
    };
    static const char begin[] = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n";
    static const char end[] = "\n]}\n";

    try(fd_write_all(fd, begin, sizeof(begin) - 1));
    try(write_actor(fd, &actors[0], false));
    try(write_actor(fd, &actors[1], true));
    return fd_write_all(fd, end, sizeof(end) - 1);
}
