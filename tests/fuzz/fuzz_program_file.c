/* SPDX-License-Identifier: Apache-2.0 */
/* A program of an image, which could not be executed: whatever its headers say, what is told of it
 * is what stands in it. */

#include "tests/fuzz/fuzz_directory.h"

#include "process/program_file.h"

static void check(const struct program_file *file, const char *bytes, size_t size)
{
    size_t length = strnlen(file->interpreter, sizeof(file->interpreter));
    bool has_elf = file->kind == PROGRAM_ELF, has_script = file->kind == PROGRAM_SCRIPT;

    if (length == sizeof(file->interpreter) || !memmem(bytes, size, file->interpreter, length))
        abort();
    if ((file->kind == PROGRAM_EMPTY) != !size || (length && !has_elf && !has_script))
        abort();
    if (has_script != (size >= 2 && !memcmp(bytes, "#!", 2)) ||
        (has_script && file->interpreter[strcspn(file->interpreter, " \t\n")]))
        abort();
    if (has_elf && memcmp(bytes,
                          "\x7f"
                          "ELF",
                          4))
        abort();
    if (!program_file_machine(file->machine)[0])
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct program_file file;

    fuzz_make_directory("bin");
    char *text = fuzz_begin(data, size);
    fuzz_write_file("program", text, size);
    if (!program_file_look(fuzz_path, "/bin/program", &file))
        abort();
    check(&file, text, size);
    fuzz_end(text);
    return 0;
}
