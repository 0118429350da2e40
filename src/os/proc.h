/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * /proc is attacker-controlled input: it is read and written only below a verified procfs root
 * (security rule R3).  Verified means: statfs says PROC_SUPER_MAGIC, the inode is 1 (of /proc as it
 * is mounted not that, but the link "self" is looked at, which the root alone has), and below it
 * nothing is a mount point or a symbolic link (openat2 RESOLVE_BENEATH | NO_XDEV | NO_SYMLINKS;
 * where openat2 is missing, component by component with the mount id compared).
 */

/* A private, detached procfs of the caller's pid namespace: fsopen("proc"); with IS_SUBSET only the
 * processes (subset=pid), else all of it (for sysctl; opened, used and closed in one function).
 * Falls back to a clone of /proc, then to /proc itself, each verified, and that it is of the
 * caller's pid namespace. */
fallible proc_open(bool is_subset, int *proc);

/* The same for what belongs to no process, or to the caller alone: the fallbacks may also be of
 * another pid namespace, as in a container that has to make do with its host's /proc. */
fallible proc_open_any(bool is_subset, int *proc);

/* The caller's own number in PROC. */
enum { PROC_NAME_SIZE = 16 };
fallible proc_name_self(int proc, char name[PROC_NAME_SIZE]);

/* /proc as it is mounted, if that is one of the caller's pid namespace, else a private one of
 * processes.  It is looked at once and stays open: not the caller's to close.  For the host, whose
 * own /proc no container can reach, and for what is the caller's own. */
fallible proc_mounted(int *proc);

/* /proc as it is mounted, if only it is a procfs, of whatever pid namespace; below it nothing can
 * be renamed.  It is looked at once and stays open: not the caller's to close.  PROC is untouched
 * on failure. */
fallible proc_shown(int *proc);

/* Inside: lets go of what these two keep open (os/fd_left.h). */
void proc_forget(void);

/* Reads a file of the caller itself ("status") there, as proc_read_record() does. */
fallible proc_read_self(const char *name, char *text, size_t size);

/* The same for init, in few calls and from any pid namespace's procfs that knows the caller; where
 * that cannot be (no /proc, no openat2), as above. */
fallible proc_read_own(const char *name, char *text, size_t size);

/* What stands behind "NAME:" and a tab in the text of a status file (proc(5)), up to the end of the
 * line; NULL if there is no such line, or it is cut off. */
const char *proc_find_line(const char *status, const char *name);

/* The hexadecimal mask there; false if there is none.  OUT is untouched then. */
bool proc_find_mask(const char *status, const char *name, uint64_t *out);

/* Opens a directory, or a file of any length, below PROC for reading (O_CLOEXEC). */
fallible proc_open_directory(int proc, const char *path, int *fd);
fallible proc_open_file(int proc, const char *path, int *fd);

/* Reads at most SIZE - 1 bytes of a file below PROC, NUL-terminated. */
fallible proc_read(int proc, const char *path, char *text, size_t size);

/* The same for a file that is one record (status, stat): the kernel writes such a one at a stroke,
 * and one read(2) gets all of it that there is room for (fs/seq_file.c). */
fallible proc_read_record(int proc, const char *path, char *text, size_t size);

/* Writes the text to a file below PROC in one write(2). */
fallible proc_write(int proc, const char *path, const char *text);

/* The start time of a process in clock ticks since boot (field 22 of /proc/PID/stat, proc(5)), and
 * its state letter: that of its first thread, which may be a zombie while others run on.  errno
 * ENOENT or ESRCH when it is gone; ENOENT or EPERM when it is hidden (hidepid). */
fallible proc_read_start(int proc, pid_t pid, unsigned long long *start, char *state);
