/* SPDX-License-Identifier: Apache-2.0 */
/* The causes of what the kernel refuses.  What surprises: a row is as good as its test, which makes
 * the failure happen; tests/cli/explain.bats looks for one that quotes the code and the hint of
 * each. */

#include "cli/causes.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/list.h"
#include "base/text.h"

// clang-format off
const struct cause causes[] = {
    /* The bundle. */
    { "E-NO-CONFIG", "the directory that was named as the bundle has no config.json",
      ERROR_BUNDLE, CALL_OPEN, ENOENT, probe_config,
      "a bundle has a config.json: 'tare spec --bundle %s' writes one" },
    { "E-NO-ROOTFS", "the container's root filesystem is not there",
      ERROR_BUNDLE, CALL_OPEN, ENOENT, probe_root,
      "unpack an image at %s, which begins at the bundle unless it begins with /, or mend "
      "root.path" },
    { NULL, NULL, ERROR_BUNDLE, CALL_OPEN, ENOENT, probe_rootfs,
      "unpack an image at %s, or name another directory with --rootfs" },
    { NULL, NULL, ERROR_BUNDLE, CALL_OPEN, ENOTDIR, probe_rootfs,
      "--rootfs names the directory that an image was unpacked in: neither a file nor an archive" },

    /* Namespaces. */
    { "E-NAMESPACE-LIMIT", "no more namespaces of a kind may be made, or they are nested too deep",
      0, 0, ENOSPC, probe_namespace_depth,
      "namespaces of kind %s nest 32 deep, which no setting changes: start it further outside" },
    { NULL, NULL, 0, 0, ENOSPC, probe_namespace_limit,
      "%s and used up, here or in a user namespace that we are in: raise it with sysctl -w" },
    { "E-USERNS-OFF", "the host forbids user namespaces to plain users",
      0, CALL_CLONE, EPERM, probe_userns_switch,
      "only root may make user namespaces here: sysctl -w kernel.unprivileged_userns_clone=1" },
    { "E-USERNS-CHROOT", "Linux makes no user namespace for who has been put elsewhere by chroot",
      0, CALL_CLONE, EPERM, probe_userns_chroot,
      "we run in a chroot, where Linux makes no user namespaces: enter that tree by pivot_root, or "
      "make it the root of a mount namespace (unshare --mount --root)" },
    { "E-USERNS-REFUSED", "a new user namespace is refused",
      0, CALL_CLONE, EPERM, probe_userns,
      "the host may forbid user namespaces: see kernel.unprivileged_userns_clone, "
      "kernel.apparmor_restrict_unprivileged_userns; so may the seccomp filter of a container that "
      "we are in" },
    { NULL, NULL, 0, CALL_CLONE, EACCES, probe_userns,
      "a security module forbids it: AppArmor wants a profile with 'userns,' for tare, as "
      "apparmor/tare in contrib, or in tare's documentation, is" },
    { "E-NAMESPACE-REFUSED", "namespaces are made by who has CAP_SYS_ADMIN over their owner",
      0, CALL_CLONE, EPERM, NULL,
      "new namespaces need CAP_SYS_ADMIN, or a user namespace in linux.namespaces" },
    { "E-CAPABILITY-MISSING", "root lacks a capability that the call needs",
      0, 0, 0, probe_lacking, "root lacks %s here: what tare is in has to be given that" },
    { "E-JOIN-REFUSED", "the namespaces of a container are joined by who has rights over them",
      0, CALL_SETNS, EPERM, NULL,
      "joining needs CAP_SYS_ADMIN in the user namespaces that own them, and CAP_SYS_PTRACE over "
      "the container's process: be who created the container" },
    { "E-PROCESS-LIMIT", "there may be no more processes",
      0, CALL_CLONE, EAGAIN, probe_pids_limit,
      "%s, and it has so many processes: end some, or raise it" },
    { NULL, NULL, 0, CALL_CLONE, EAGAIN, probe_process_limit,
      "%s, and the user has so many processes: end some, or raise it, ulimit -u" },
    { NULL, NULL, 0, CALL_EXECVE, EAGAIN, NULL,
      "the user has more processes than RLIMIT_NPROC allows: raise it in process.rlimits" },
    { NULL, NULL, 0, CALL_CLONE, EAGAIN, NULL,
      "pids.max of the container's cgroup, or of one above, is reached (linux.resources.pids; a "
      "start takes two more for a moment where it joins namespaces), or kernel.threads-max: raise "
      "it" },

    /* The program. */
    { "E-NO-COMMAND", "no directory of the container's PATH has such a program",
      ERROR_EXECUTABLE_MISSING, 0, 0, probe_search,
      "PATH was %s: name the program with its path, or mend PATH in process.env" },
    { "E-SCRIPT-CRLF", "a script's first line ends with a carriage return, which Linux takes for a "
      "part of the interpreter's name",
      ERROR_EXECUTABLE_MISSING, CALL_EXECVE, 0, probe_carriage_return,
      "its first line, #!%s, ends with a carriage return: save it with the line ends of Unix" },
    { "E-NO-INTERPRETER", "the program is there; what is to run it, of its line #! or the loader "
      "that it was linked for, is not",
      ERROR_EXECUTABLE_MISSING, CALL_EXECVE, 0, probe_interpreter,
      "its interpreter, %s, is not in the image: install it there, or take a program that was "
      "built for this image" },
    { NULL, NULL, ERROR_EXECUTABLE_MISSING, CALL_EXECVE, 0, NULL,
      "if the file is there, its interpreter is not: the one in its line #! or the loader that it "
      "was linked for" },
    { "E-EMPTY-PROGRAM", "the program is an empty file",
      ERROR_EXECUTABLE_REFUSED, CALL_EXECVE, 0, probe_empty_program,
      "it is an empty file: build or pull the image anew" },
    { "E-OTHER-MACHINE", "the program is for machines of another kind",
      ERROR_EXECUTABLE_REFUSED, CALL_EXECVE, 0, probe_machine,
      "it is for %s: take an image for this machine, or install qemu-user with binfmt_misc" },
    { "E-NO-PROGRAM", "the file is neither an ELF program nor a script with an interpreter",
      ERROR_EXECUTABLE_REFUSED, CALL_EXECVE, 0, probe_no_program,
      "a script needs an interpreter in its first line, as in #!/bin/sh" },
    { "E-DIRECTORY", "what is to be executed is no file, but a directory",
      ERROR_EXECUTABLE_REFUSED, CALL_OPEN, 0, probe_directory,
      "it names a directory: name a program in it" },
    { "E-NOT-EXECUTABLE", "nobody may execute the file, or not the container's user",
      ERROR_EXECUTABLE_REFUSED, CALL_OPEN, 0, probe_mode,
      "its mode is %s: chmod +x it in the image" },
    { NULL, NULL, ERROR_EXECUTABLE_REFUSED, CALL_OPEN, 0, NULL,
      "it has to be a file that process.user may execute, below directories that he may enter, on a "
      "mount without noexec: see their modes and owners" },
    { "E-NOEXEC", "the program, or its interpreter, may not be executed by the container's user, "
      "or where it is mounted",
      ERROR_EXECUTABLE_REFUSED, CALL_EXECVE, 0, NULL,
      "the file or its interpreter may not be executed, or lies on a mount with the option noexec: "
      "see its mode, process.user and mounts[].options" },

    /* Hooks. */
    { "E-HOOK-INTERPRETER", "a hook is there; what is to run it, of its line #! or the loader that it "
      "was linked for, is not",
      ERROR_PROGRAM, CALL_EXECVE, ENOENT, probe_hook_interpreter,
      "the hook's interpreter, %s, is missing: install it, or mend the hook's first line" },
    { "E-HOOK-MISSING", "the program of a hook is not there",
      ERROR_PROGRAM, 0, ENOENT, probe_hook_missing,
      "%s, of the hook's path, is missing on the host: put the hook there, or mend the path" },
    { NULL, NULL, ERROR_PROGRAM, CALL_EXECVE, ENOENT, probe_hook,
      "%s.path leads nowhere in the container, or to a file whose interpreter is missing there" },
    { "E-HOOK-REFUSED", "the program of a hook may not be executed, by its mode or where it lies",
      ERROR_PROGRAM, 0, EACCES, probe_hook_closed,
      "%s, above the hook, may not be entered by us: chmod +x it for this user" },
    { NULL, NULL, ERROR_PROGRAM, 0, EACCES, probe_hook,
      "%s.path has to be a file that may be executed (chmod +x), on a mount without noexec" },
    { "E-HOOK-FORMAT", "the program of a hook is neither a script with an interpreter nor an ELF "
      "program for this machine",
      ERROR_PROGRAM, CALL_EXECVE, ENOEXEC, probe_hook,
      "what %s names is no program for this machine; a script has an interpreter in its first line" },
    { "E-HOOK-FAILED", "a hook ran, and ended with another status than 0",
      ERROR_PROGRAM, 0, 0, probe_hook_status,
      "the message ends with the last line that it wrote, if any: mend what that says, or leave %s out" },
    { "E-HOOK-KILLED", "a signal ended a hook",
      ERROR_PROGRAM, 0, 0, probe_hook_signal,
      "it crashed, or somebody ended it, as the kernel does when memory runs out (see dmesg): run "
      "what %s names by hand" },
    { "E-HOOK-LATE", "a hook did not end in time, and was killed",
      ERROR_PROGRAM, 0, 0, probe_hook_late,
      "find out what the hook waits for, or raise %s.timeout, in seconds" },

    /* Mounts. */
    { "E-NO-TUN", "the host has no device for tunnels",
      ERROR_MOUNT, 0, ENOENT, probe_tun, "the host's module for it is not loaded: modprobe tun" },
    { "E-SOURCE-MISSING", "what is to be mounted is not there",
      ERROR_MOUNT, 0, ENOENT, probe_missing_part,
      "%s is missing on the host: make it, or mend the source" },
    { "E-SOURCE-CLOSED", "we may not enter a directory above what is to be mounted",
      ERROR_MOUNT, 0, EACCES, probe_closed_part,
      "%s may not be entered by us: chmod +x it for this user" },
    { "E-NO-FILESYSTEM", "the kernel does not know such a filesystem",
      ERROR_MOUNT, CALL_FSMOUNT, ENODEV, probe_object,
      "/proc/filesystems has no %s: load its module on the host, or mend the type; a bind mount "
      "has the option bind" },
    { "E-MOUNT-LIMIT", "a mount namespace may have no more mounts",
      ERROR_MOUNT, CALL_MOVE_MOUNT, ENOSPC, probe_mount_limit,
      "%s, and a mount namespace has so many: unmount some, or raise it with sysctl -w" },
    { "E-IDMAP-FILESYSTEM", "a filesystem on which the kernel cannot map ids in a mount",
      ERROR_MOUNT, CALL_MOUNT_SETATTR, EINVAL, probe_filesystem,
      "this kernel maps no ids on %s: leave the mappings out, chown the files, or keep them on "
      "another filesystem" },
    { NULL, NULL, ERROR_MOUNT, CALL_MOUNT_SETATTR, EINVAL, NULL,
      "not every filesystem has idmapped mounts (proc, sysfs and overlay have none); ridmap asks "
      "it of all that is mounted below, too" },
    { "E-IDMAP-REFUSED", "ids are mapped by who has rights over the filesystem, and only once",
      ERROR_MOUNT, CALL_MOUNT_SETATTR, EPERM, NULL,
      "a source that is idmapped already stays as it is; else it needs CAP_SYS_ADMIN in the user "
      "namespace that the filesystem was mounted in" },

    /* Cgroups. */
    { "E-CGROUP-NOT-DELEGATED", "we may not make a cgroup there, or hand controllers down",
      ERROR_CGROUP, CALL_MKDIR, EACCES, NULL,
      "the cgroup above is not ours: have systemd delegate one (Delegate=yes in the unit, or "
      "systemd-run --user --scope -p Delegate=yes), or go without it and its limits "
      "(--cgroup-manager disabled)" },
    { NULL, NULL, ERROR_CONTROLLER, CALL_WRITE, EACCES, NULL,
      "a systemd unit delegates with Delegate=yes" },
    { "E-CGROUP-READ-ONLY", "the cgroups are mounted read-only, as in a container",
      ERROR_CGROUP, CALL_MKDIR, EROFS, NULL,
      "cgroup2 is mounted read-only: start the container that we are in with a writable one, or go "
      "without a cgroup and its limits (--cgroup-manager disabled)" },
    { NULL, NULL, ERROR_CONTROLLER, CALL_WRITE, EROFS, NULL, "mount cgroup2 writable" },
    { "E-CGROUP-LIMIT", "there may be no more cgroups below one above, or none so deep",
      ERROR_CGROUP, CALL_MKDIR, EAGAIN, NULL,
      "cgroup.max.descendants or cgroup.max.depth of a cgroup above is reached: delete containers "
      "('tare gc' removes what is left over), or raise it" },
    { "E-CGROUP-BUSY", "a cgroup has processes or hands controllers down, and never does both",
      ERROR_CONTROLLER, CALL_WRITE, EBUSY, NULL,
      "move them to a cgroup in it, or name a linux.cgroupsPath elsewhere" },
    { NULL, NULL, ERROR_CONTROLLER, CALL_WRITE, EOPNOTSUPP, NULL,
      "name a linux.cgroupsPath elsewhere; inside a container, Podman has --cgroups=disabled" },
    { NULL, NULL, ERROR_CGROUP, CALL_WRITE, EOPNOTSUPP, NULL,
      "a cgroup above it has processes and hands controllers down: move these to a cgroup in it; "
      "inside a container, Podman has --cgroups=disabled" },

    /* Limits of who calls, and the disk. */
    { "E-RLIMIT", "a hard limit is raised by who has CAP_SYS_RESOURCE",
      0, CALL_PRLIMIT, EPERM, probe_nofile,
      "the ceiling is /proc/sys/fs/nr_open; raising a hard limit needs CAP_SYS_RESOURCE: lower it" },
    { NULL, NULL, 0, CALL_PRLIMIT, EPERM, NULL,
      "raising a hard limit needs CAP_SYS_RESOURCE: lower it" },
    { "E-KEY-QUOTA", "the user may have no more keys",
      0, CALL_KEYCTL, EDQUOT, NULL,
      "the user's quota is used up, see /proc/key-users and kernel.keys.maxkeys; "
      "--no-new-keyring keeps the caller's" },
    { "E-BPF-REFUSED", "device rules are a program, which the kernel takes from few",
      0, CALL_BPF, EPERM, NULL,
      "device rules need CAP_BPF and CAP_NET_ADMIN or CAP_SYS_ADMIN outside of any user namespace, "
      "and before Linux 5.11 a larger RLIMIT_MEMLOCK: leave linux.resources.devices out" },
    { "E-OPEN-FILES", "we may have no more files open",
      0, 0, EMFILE, probe_open_files, "%s: raise it, ulimit -n" },
    { NULL, NULL, 0, 0, ENFILE, NULL,
      "the machine has as many open files as fs.file-max allows: raise it with sysctl -w" },
    { "E-USERNS-APPARMOR", "AppArmor gives plain users no user namespaces, or none with rights, but by "
      "programs whose profile has 'userns,'",
      0, 0, 0, probe_userns_apparmor,
      "kernel.apparmor_restrict_unprivileged_userns is 1, which leaves plain users without rights "
      "in their containers: install the profile that is apparmor/tare in contrib, or in tare's "
      "documentation, or sysctl -w it to 0" },
    { "E-DISK-FULL", "where something is to be written there is no room",
      0, 0, ENOSPC, probe_full_disk, "%s: make room, or name another place" },
    { "E-KERNEL", "the kernel, or a sandbox in front of it, does not know a call",
      ERROR_MOUNT, CALL_MOUNT_SETATTR, ENOSYS, NULL, "this needs mount_setattr(2) of Linux 5.12" },
    { NULL, NULL, 0, 0, ENOSYS, probe_seccomp,
      "tare needs Linux 5.10; the seccomp filter that we run under may hide parts of it" },
    { NULL, NULL, 0, 0, ENOSYS, NULL, "tare needs Linux 5.10; a sandbox may hide parts of it" },
    {},
};

/* What engines sort by, in errors of the user's executable and cwd alone (base/error_names.h). */
static const char *const engines_words[] = {
    "permission denied", "operation not permitted", "executable file not found", "no such file or",
    "open executable", "no such process", "is a directory", "not a directory", "does not exist",
    "not running", "invalid process", "already finished", "requires an argument",
    "flag needs an argument",
};
// clang-format on

bool causes_are_silent(const char *text)
{
    char lower[ERROR_HINT_SIZE];
    size_t length = text_format(lower, sizeof(lower), "%s", text);

    for (size_t i = 0; i < length && i < sizeof(lower); i++)
        lower[i] = (char) tolower((unsigned char) lower[i]);
    for (size_t i = 0; i < LENGTH(engines_words); i++)
        if (strstr(lower, engines_words[i]))
            return false;
    return true;
}

static bool fits(const struct cause *cause, const struct error *error, char found[PROBE_SIZE])
{
    if ((cause->error && cause->error != error->code) ||
        (cause->call && cause->call != error->call) ||
        (cause->number && cause->number != error->number))
        return false;
    found[0] = '\0';
    return !cause->probe || cause->probe(error, found);
}

/* "%s" in a hint, at most one, without a format that is no literal. */
void causes_print_hint(const struct cause *cause, const char *found, char hint[ERROR_HINT_SIZE])
{
    const char *place = strstr(cause->hint, "%s");
    size_t before = place ? (size_t) (place - cause->hint) : strlen(cause->hint);

    text_format(hint, ERROR_HINT_SIZE, "%.*s%s%s", (int) before, cause->hint, place ? found : "",
                place ? place + 2 : "");
}

const char *causes_code(const struct cause *cause)
{
    while (!cause->code)
        cause--;
    return cause->code;
}

fallible causes_explain(struct error *error)
{
    char found[PROBE_SIZE];

    if (error->hint[0])
        return error;
    for (const struct cause *cause = causes; cause->hint; cause++) {
        if (!fits(cause, error, found))
            continue;
        causes_print_hint(cause, causes_are_silent(found) ? found : "...", error->hint);
        error->cause = causes_code(cause);
        break;
    }
    return error;
}
