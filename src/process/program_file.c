/* SPDX-License-Identifier: Apache-2.0 */
/* What a program of a container is.  It is the image's: all that it says is taken for hostile, and
 * it is looked at only when it could not be executed. */

#include "process/program_file.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/list.h"
#include "base/text.h"
#include "os/path.h"

enum { HEAD_SIZE = 512, HEADERS_MOST = 64 };

static const struct {
    unsigned machine;
    const char *name;
} machines[] = {
    { EM_386, "386" },       { EM_X86_64, "amd64" },  { EM_ARM, "arm" },
    { EM_AARCH64, "arm64" }, { EM_PPC64, "ppc64le" }, { EM_S390, "s390x" },
    { EM_RISCV, "riscv64" }, { EM_MIPS, "mips" },
};

const char *program_file_machine(unsigned machine)
{
    for (size_t i = 0; i < LENGTH(machines); i++)
        if (machines[i].machine == machine)
            return machines[i].name;
    return "another machine";
}

/* O_NONBLOCK: a fifo must not keep us waiting for its writer. */
static bool open_below(const char *root, const char *path, int flags, int *fd)
{
    auto_close int directory = openat(AT_FDCWD, root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0 || path[0] != '/')
        return false;
    struct error *error = path_open(directory, path, flags | O_NONBLOCK | O_NOCTTY, fd);
    error_forget(error);
    return !error;
}

bool program_file_is_there(const char *root, const char *path)
{
    auto_close int fd = -1;
    return open_below(root, path, O_PATH, &fd);
}

/* "#! /bin/sh -e\n": the name, up to a space. */
static void read_script(const char *head, struct program_file *file)
{
    const char *name = head + 2 + strspn(head + 2, " \t");
    file->kind = PROGRAM_SCRIPT;
    text_format(file->interpreter, sizeof(file->interpreter), "%.*s", (int) strcspn(name, " \t\n"),
                name);
}

static void read_loader(int fd, uint64_t offset, struct program_file *file)
{
    ssize_t length = offset > INT64_MAX ? -1
                                        : pread(fd, file->interpreter,
                                                sizeof(file->interpreter) - 1, (off_t) offset);
    file->interpreter[length > 0 ? length : 0] = '\0';
}

/* The headers of 64 bits; a program of 32 bits is told by its machine alone. */
static void read_elf(int fd, const char *head, struct program_file *file)
{
    Elf64_Ehdr header;
    memcpy(&header, head, sizeof(header));
    file->kind = PROGRAM_ELF;
    file->machine = header.e_machine;
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || !program_file_is_native(file->machine) ||
        header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phoff > INT32_MAX)
        return;
    for (unsigned i = 0; i < header.e_phnum && i < HEADERS_MOST; i++) {
        Elf64_Phdr part;
        off_t at = (off_t) (header.e_phoff + i * sizeof(part));
        if (pread(fd, &part, sizeof(part), at) != sizeof(part))
            return;
        if (part.p_type == PT_INTERP) {
            read_loader(fd, part.p_offset, file);
            return;
        }
    }
}

bool program_file_is_native(unsigned machine)
{
    Elf64_Ehdr own;
    auto_close int fd = openat(AT_FDCWD, "/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || pread(fd, &own, sizeof(own), 0) != sizeof(own))
        return true;
    return machine == own.e_machine || (machine == EM_386 && own.e_machine == EM_X86_64) ||
           (machine == EM_ARM && own.e_machine == EM_AARCH64);
}

bool program_file_look(const char *root, const char *path, struct program_file *file)
{
    struct stat status;
    char head[HEAD_SIZE] = "";
    auto_close int fd = -1;
    if (!open_below(root, path, O_RDONLY, &fd) || fstat(fd, &status) || !S_ISREG(status.st_mode))
        return false;
    ssize_t length = pread(fd, head, sizeof(head) - 1, 0);
    if (length < 0)
        return false;
    *file = (struct program_file){ .kind = PROGRAM_OTHER, .mode = status.st_mode };
    if (length == 0)
        file->kind = PROGRAM_EMPTY;
    else if (!strncmp(head, "#!", 2))
        read_script(head, file);
    else if ((size_t) length >= sizeof(Elf64_Ehdr) && !memcmp(head, ELFMAG, SELFMAG))
        read_elf(fd, head, file);
    return true;
}
