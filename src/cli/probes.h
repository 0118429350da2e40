/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Questions that are asked after a failure, by the process that failed: what a limit is, what a
 * file is.  Each says whether it is the cause, and writes what it has found, for a hint.  They
 * change nothing, and whatever they cannot find out is not the cause.
 */
enum { PROBE_SIZE = 256 };

/* A setting, "sys/kernel/x"; false where the kernel has none. */
bool probe_setting(const char *name, uint64_t *value);

/* The object is the config.json of a bundle, and the bundle is found; the field is root.path, and
 * the object is what it says; and the same for --rootfs. */
bool probe_config(const struct error *error, char found[PROBE_SIZE]);
bool probe_root(const struct error *error, char found[PROBE_SIZE]);
bool probe_rootfs(const struct error *error, char found[PROBE_SIZE]);

/* A kind of namespaces that was asked for, of which no more can be made: they are nested as deep as
 * Linux lets them, as far as more are allowed than there are processes on the machine; or so many
 * are there as may be (user.max_*_namespaces), also in a user namespace above. */
bool probe_namespace_depth(const struct error *error, char found[PROBE_SIZE]);
bool probe_namespace_limit(const struct error *error, char found[PROBE_SIZE]);

/* A new user namespace was asked for: and plain users may make none
 * (kernel.unprivileged_userns_clone); and our root is no mount (chroot(2)); and nothing more. */
bool probe_userns_switch(const struct error *error, char found[PROBE_SIZE]);
bool probe_userns_chroot(const struct error *error, char found[PROBE_SIZE]);
bool probe_userns(const struct error *error, char found[PROBE_SIZE]);

/* A plain user's rights over namespaces or mounts were refused, and AppArmor gives him none in a
 * user namespace, or gives him no such (kernel.apparmor_restrict_unprivileged_userns, of Ubuntu).
 */
bool probe_userns_apparmor(const struct error *error, char found[PROBE_SIZE]);

/* A seccomp filter is in force for us: of a container that we are in, or a sandbox. */
bool probe_seccomp(const struct error *error, char found[PROBE_SIZE]);

/* Capabilities that the call needs which has failed, and that we lack although we are root. */
bool probe_lacking(const struct error *error, char found[PROBE_SIZE]);

/* The nearest of our cgroups, from our own upward, that has as many processes as it may have; and
 * RLIMIT_NPROC, where it binds us and we can bear no child of whatever kind. */
bool probe_pids_limit(const struct error *error, char found[PROBE_SIZE]);
bool probe_process_limit(const struct error *error, char found[PROBE_SIZE]);

/* RLIMIT_NOFILE. */
bool probe_open_files(const struct error *error, char found[PROBE_SIZE]);

/* The object is the limit on open files. */
bool probe_nofile(const struct error *error, char found[PROBE_SIZE]);

/* Of the object, a path of the host: it is the device of tunnels; the first part that is missing;
 * the first directory that we may not enter; what is full. */
bool probe_tun(const struct error *error, char found[PROBE_SIZE]);
bool probe_missing_part(const struct error *error, char found[PROBE_SIZE]);
bool probe_closed_part(const struct error *error, char found[PROBE_SIZE]);
bool probe_full_disk(const struct error *error, char found[PROBE_SIZE]);

/* The filesystem that the object, a path of the host, lies on. */
bool probe_filesystem(const struct error *error, char found[PROBE_SIZE]);

/* How many mounts a mount namespace may have (fs.mount-max). */
bool probe_mount_limit(const struct error *error, char found[PROBE_SIZE]);

/* The object is where a program was looked for. */
bool probe_search(const struct error *error, char found[PROBE_SIZE]);

/* The object itself, if there is one. */
bool probe_object(const struct error *error, char found[PROBE_SIZE]);

/* The program of a hook failed: its interpreter; what is missing on the host of its path; what we
 * may not enter of it; else whose it is, "hooks.poststop[0]", in whatever way it failed, or as it
 * ended. */
bool probe_hook_interpreter(const struct error *error, char found[PROBE_SIZE]);
bool probe_hook_missing(const struct error *error, char found[PROBE_SIZE]);
bool probe_hook_closed(const struct error *error, char found[PROBE_SIZE]);
bool probe_hook(const struct error *error, char found[PROBE_SIZE]);
bool probe_hook_status(const struct error *error, char found[PROBE_SIZE]);
bool probe_hook_signal(const struct error *error, char found[PROBE_SIZE]);
bool probe_hook_late(const struct error *error, char found[PROBE_SIZE]);

/* Of the object, a program of the container below the error's root: a script whose first line ends
 * with a carriage return; an interpreter or loader that is not there; a program for another
 * machine; an empty file; one that is no program; one that nobody may execute. */
bool probe_carriage_return(const struct error *error, char found[PROBE_SIZE]);
bool probe_interpreter(const struct error *error, char found[PROBE_SIZE]);
bool probe_machine(const struct error *error, char found[PROBE_SIZE]);
bool probe_empty_program(const struct error *error, char found[PROBE_SIZE]);
bool probe_no_program(const struct error *error, char found[PROBE_SIZE]);
bool probe_mode(const struct error *error, char found[PROBE_SIZE]);

/* The program was refused as a directory, in the words that engines know (process/executable.h). */
bool probe_directory(const struct error *error, char found[PROBE_SIZE]);
