/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names in a directory; serves the state directory, cgroups and trees that are copied.
 *
 * readdir(3) would allocate 32 KiB for each level of a tree of cgroups.
 */
#include "os/directory.h"

#include <dirent.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"

/* The kernel's layout, getdents(2). */
struct raw_entry {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

fallible directory_begin(int fd, struct directory *directory)
{
    if (lseek(fd, 0, SEEK_SET) < 0)
        return error_system("go to the start of a directory");
    directory->fd = fd;
    directory->at = directory->end = 0;
    return OK;
}

fallible directory_next(struct directory *directory, struct directory_entry *entry)
{
    for (;;) {
        if (directory->at == directory->end) {
            long got = syscall(SYS_getdents64, directory->fd, directory->buffer,
                               sizeof(directory->buffer));
            if (got < 0)
                return error_system("read a directory");
            directory->at = 0;
            directory->end = (size_t) got;
        }
        if (directory->end == 0) {
            *entry = (struct directory_entry){ .type = DT_UNKNOWN };
            return OK;
        }

        const struct raw_entry *raw = (const void *) (directory->buffer + directory->at);
        directory->at += raw->length;
        if (text_equal(raw->name, ".") || text_equal(raw->name, ".."))
            continue;
        *entry = (struct directory_entry){ .name = raw->name, .type = raw->type };
        return OK;
    }
}
