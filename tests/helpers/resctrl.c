/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command where a directory passes for resctrl, mounted on /sys/fs/resctrl:
 *
 *     resctrl DIRECTORY tare run ...
 *
 * The command sees it in a mount namespace of its own.  What the kernel does there, and in no plain
 * directory, is done for it: the filesystem has the type of resctrl, a directory that is made comes
 * with its files, one that is removed goes with them.  There is a filter of system calls that
 * asks us; it stays for all that the command starts, but we end with the command.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOUNT "/sys/fs/resctrl"

enum { PAGE = 4096 };

static void check(bool is_done, const char *what)
{
    if (!is_done) {
        perror(what);
        exit(99);
    }
}

/* The directory for it is missing where the processor has none, and sysfs lets nobody make one. */
static void mount_directory(const char *directory)
{
    char aside[] = "/tmp/tare-resctrl-XXXXXX";

    check(!unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "unshare");
    check(mkdtemp(aside) && !mount("/sys/fs/cgroup", aside, NULL, MS_BIND | MS_REC, NULL), aside);
    check(!mount("tmpfs", "/sys/fs", "tmpfs", 0, "mode=755"), "/sys/fs");
    check(!mkdir("/sys/fs/cgroup", 0755) && !mkdir(MOUNT, 0755), MOUNT);
    check(!mount(aside, "/sys/fs/cgroup", NULL, MS_MOVE, NULL) && !rmdir(aside), aside);
    check(!mount(directory, MOUNT, NULL, MS_BIND, NULL), directory);
}

static int filter_calls(void)
{
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fstatfs, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdirat, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unlinkat, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    };
    struct sock_fprog filter = { sizeof(program) / sizeof(program[0]), program };

    return (int) syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                         &filter);
}

/* Where a descriptor of the process leads, if that is in resctrl. */
static bool find_path(const struct seccomp_notif *call, char *path, size_t size)
{
    char link[64];

    snprintf(link, sizeof(link), "/proc/%u/fd/%d", call->pid, (int) call->data.args[0]);
    ssize_t got = readlink(link, path, size - 1);
    path[got < 0 ? 0 : got] = '\0';
    return strncmp(path, MOUNT, strlen(MOUNT)) == 0;
}

static bool give(const struct seccomp_notif *call, void *ours, size_t size)
{
    struct iovec here = { ours, size };
    struct iovec there = { (void *) (uintptr_t) call->data.args[1], size };
    return process_vm_writev((pid_t) call->pid, &here, 1, &there, 1, 0) > 0;
}

/* A name may go on in the next page, or be the last thing before what is not there: the kernel
 * gives as many of the parts as it can. */
static bool take_name(const struct seccomp_notif *call, char *name, size_t size)
{
    char *begin = (char *) (uintptr_t) call->data.args[1];
    size_t page = PAGE - call->data.args[1] % PAGE, room = page < size - 1 ? page : size - 1;
    struct iovec here = { name, size - 1 };
    struct iovec there[] = { { begin, room }, { begin + room, size - 1 - room } };
    return process_vm_readv((pid_t) call->pid, &here, 1, there, 2, 0) > 0;
}

static int fake_type(const struct seccomp_notif *call)
{
    struct statfs status;

    if (statfs(MOUNT, &status))
        return -errno;
    status.f_type = RDTGROUP_SUPER_MAGIC;
    return give(call, &status, sizeof(status)) ? 0 : -EFAULT;
}

static void make_file(const char *group, const char *name)
{
    char path[3 * PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", group, name);
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

static int make_group(const char *path)
{
    char below[3 * PATH_MAX];

    if (mkdir(path, 0755))
        return -errno;
    make_file(path, "tasks");
    if (strstr(path, "/mon_groups/"))
        return 0;
    make_file(path, "schemata");
    snprintf(below, sizeof(below), "%s/mon_groups", path);
    return mkdir(below, 0755) ? -errno : 0;
}

static int remove_group(const char *path)
{
    static const char *const parts[] = { "/tasks", "/schemata", "/mon_groups", "" };
    char part[3 * PATH_MAX];
    int failed = 0;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        snprintf(part, sizeof(part), "%s%s", path, parts[i]);
        failed = remove(part) ? -errno : 0;
    }
    return failed;
}

static int change_group(const struct seccomp_notif *call, const char *directory)
{
    char name[PATH_MAX] = "", path[2 * PATH_MAX];

    if (!take_name(call, name, sizeof(name)))
        return -EFAULT;
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return call->data.nr == SYS_mkdirat ? make_group(path) : remove_group(path);
}

static void answer(int listener)
{
    struct seccomp_notif call = { 0 };
    char path[PATH_MAX];

    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call))
        return;
    struct seccomp_notif_resp reply = { .id = call.id };
    if (!find_path(&call, path, sizeof(path)))
        reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    else
        reply.error = call.data.nr == SYS_fstatfs ? fake_type(&call) : change_group(&call, path);
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

static int serve(pid_t child, int listener)
{
    struct pollfd ready = { .fd = listener, .events = POLLIN };
    int status;

    while (waitpid(child, &status, WNOHANG) == 0)
        if (poll(&ready, 1, 10) > 0)
            answer(listener);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The listener is the child's until it executes something, which it does when we have ours. */
static void become_command(char **argv, int number, int is_taken)
{
    int listener = filter_calls();
    char byte;

    check(listener >= 0 && write(number, &listener, sizeof(listener)) > 0, "filter");
    check(read(is_taken, &byte, 1) == 1, "read");
    execvp(argv[0], argv);
    check(false, argv[0]);
}

int main(int argc, char **argv)
{
    int number[2], is_taken[2], theirs;

    check(argc > 2, "resctrl DIRECTORY COMMAND...");
    mount_directory(argv[1]);
    check(!pipe2(number, O_CLOEXEC) && !pipe2(is_taken, O_CLOEXEC), "pipe2");
    pid_t child = fork();
    if (child == 0)
        become_command(argv + 2, number[1], is_taken[0]);
    int pidfd = (int) syscall(434 /* pidfd_open */, child, 0);
    check(read(number[0], &theirs, sizeof(theirs)) == sizeof(theirs), "read");
    int listener = (int) syscall(438 /* pidfd_getfd */, pidfd, theirs, 0);
    check(listener >= 0 && write(is_taken[1], "", 1) == 1, "pidfd_getfd");
    close(pidfd);
    return serve(child, listener);
}
