/* SPDX-License-Identifier: Apache-2.0 */
/* The name of a system call, in a table that is hashed already: a profile has hundreds. */

#include <stddef.h>
#include <string.h>

#include "security/syscall_table.h"

/* As in contrib/syscalls/table.awk. */
static uint32_t hash(const char *name)
{
    uint32_t value = 0;

    for (; *name; name++)
        value = value * 31 + (unsigned char) *name;
    return (value + value / 1024) % SYSCALL_SLOTS;
}

const struct syscall_row *syscall_find(const char *name)
{
    for (uint32_t slot = hash(name); syscall_slots[slot]; slot = (slot + 1) % SYSCALL_SLOTS) {
        const struct syscall_row *row = &syscall_rows[syscall_slots[slot] - 1];

        if (strcmp(syscall_names + row->name, name) == 0)
            return row;
    }
    return NULL;
}
