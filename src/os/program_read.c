/* SPDX-License-Identifier: Apache-2.0 */
/* What a program says; serves ps.  It is written to memory, which takes all of it: with a pipe
 * there would be somebody to wait for. */

#include <unistd.h>

#include "base/cleanup.h"
#include "os/fd.h"
#include "os/memory.h"
#include "os/program.h"

fallible program_read(const struct program *program, size_t most, struct arena *arena,
                      const char **text)
{
    struct program writer = *program;
    auto_close int file = -1;

    try(memory_open_file("output", &file));
    writer.file_out = file;
    try(program_run(&writer));
    const struct fd_file output = { file, lseek(file, 0, SEEK_END) };
    if (output.size < 0 || lseek(file, 0, SEEK_SET) < 0)
        return error_system("go to the beginning of a file in memory");
    try_within(fd_read_file(&output, most, arena, text, NULL), "read what %s wrote", program->path);
    return OK;
}
