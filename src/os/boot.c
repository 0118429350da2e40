/* SPDX-License-Identifier: Apache-2.0 */
/* Which boot this is; serves records of containers that outlive one. */

#include "os/boot.h"

#include <errno.h>

#include "os/proc.h"

fallible boot_read_id(char id[BOOT_ID_SIZE])
{
    int proc;

    id[0] = '\0';
    try(proc_shown(&proc));
    struct error *error = proc_read_record(proc, "sys/kernel/random/boot_id", id, BOOT_ID_SIZE);
    return error && error_forget_if(error, ENOENT) ? OK : error;
}
