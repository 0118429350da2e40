/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor: what the kernel itself needs to make one of the containers of tests/bench/bundle.
 * Hard-coded, without a libc; nothing is parsed, remembered, checked or reported, and of several
 * means that the kernel has for one thing the fastest is taken.
 *
 *     floor KIND DIRECTORY CGROUP [FILTER]
 *
 * KIND and DIRECTORY are those that tests/bench/bundle was given, CGROUP is a directory to make and
 * to remove, FILTER a file with a seccomp program (tests/bench/filter), which `rootful` and
 * `podman` want.  Nobody but tests/bench should use it: nothing here protects the host.
 */
#include "bare.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/mount.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/wait.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "floor_kinds.h"

#ifndef MNT_DETACH
#define MNT_DETACH 2
#endif

enum { NOT_FOUND = -2, BUSY = -16, SIGCHLD_NUMBER = 17, FILTER_MOST = 4096 };

/* What the child, which shares our memory, has to know. */
static const struct kind *kind;
static const char *rootfs;
static struct sock_filter filter[FILTER_MOST];
static struct sock_fprog filter_program = { .filter = filter };
static unsigned int maps_are_written;
static char stack[16384] __attribute__((aligned(64)));

/* Text ----------------------------------------------------------------------------------------- */

static size_t length_of(const char *text)
{
    size_t length = 0;

    while (text[length] != '\0')
        length++;
    return length;
}

static bool is_equal(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b)
        a++, b++;
    return *a == *b;
}

static _Noreturn void fail(const char *message)
{
    call(write, 2, message, length_of(message));
    call(exit_group, 1);
    __builtin_unreachable();
}

/* Its length alone is set to begin with: there is no need for all of it to be zeroed. */
struct text {
    size_t length;
    char bytes[512];
};

static void append(struct text *text, const char *more)
{
    for (; *more != '\0'; more++) {
        if (text->length + 1 == sizeof(text->bytes))
            fail("floor: a name is too long\n");
        text->bytes[text->length++] = *more;
    }
    text->bytes[text->length] = '\0';
}

static void append_number(struct text *text, unsigned long number)
{
    char digits[24];
    char *first = digits + sizeof(digits) - 1;

    *first = '\0';
    do
        *--first = (char) ('0' + number % 10);
    while ((number /= 10) != 0);
    append(text, first);
}

static _Noreturn void fail_with(const char *what, unsigned long number)
{
    struct text text;

    text.length = 0;
    append(&text, "floor: ");
    append(&text, what);
    append(&text, ": errno ");
    append_number(&text, number);
    append(&text, "\n");
    fail(text.bytes);
}

/* Returns what the kernel said, or ends the process with the name of what failed. */
static long must(const char *what, long result)
{
    if (result < 0)
        fail_with(what, (unsigned long) -result);
    return result;
}

static void write_file(const char *path, const char *value)
{
    int fd = (int) must(path, call(openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC));

    must(path, call(write, fd, value, length_of(value)));
    call(close, fd);
}

/* Inside --------------------------------------------------------------------------------------- */

static void become_root_of_user_namespace(void)
{
    while (__atomic_load_n(&maps_are_written, __ATOMIC_ACQUIRE) == 0)
        call(futex, &maps_are_written, FUTEX_WAIT, 0, NULL);
    must("setresgid", call(setresgid, 0, 0, 0));
    must("setresuid", call(setresuid, 0, 0, 0));
}

static void enter_rootfs(void)
{
    must("slave", call(mount, NULL, "/", NULL, MS_REC | MS_SLAVE, NULL));
    must(rootfs, call(mount, rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL));
    must(rootfs, call(chdir, rootfs));
}

static void make_mounts(void)
{
    for (const struct mount *m = kind->mounts; m->target != NULL; m++) {
        const unsigned long bound = MS_BIND | MS_REC;

        must(m->target, call(mount, m->source, m->target, m->type,
                             m->type == NULL ? bound : m->flags, m->data));
        if (m->type == NULL)
            must(m->target, call(mount, NULL, m->target, NULL, MS_PRIVATE | MS_REC, NULL));
        if (m->type == NULL && m->flags != 0)
            must(m->target,
                 call(mount, NULL, m->target, NULL, MS_REMOUNT | MS_BIND | m->flags, NULL));
        if (is_equal(m->target, "dev")) {
            must("dev/pts", call(mkdirat, AT_FDCWD, "dev/pts", 0755));
            must("dev/shm", call(mkdirat, AT_FDCWD, "dev/shm", 0755));
            must("dev/mqueue", call(mkdirat, AT_FDCWD, "dev/mqueue", 0755));
        }
    }
}

/* In a user namespace devices cannot be made; those of the host are bound. */
static void make_devices(void)
{
    for (int i = 0; devices[i] != NULL; i++) {
        const char *device = devices[i];
        struct text host;

        host.length = 0;
        if (!kind->has_user_namespace) {
            must(device, call(mknodat, AT_FDCWD, device, S_IFCHR | 0666,
                              device_numbers[i][0] << 8 | device_numbers[i][1]));
            continue;
        }
        append(&host, "/");
        append(&host, device);
        must(device, call(mknodat, AT_FDCWD, device, S_IFREG | 0666, 0));
        must(device, call(mount, host.bytes, device, NULL, MS_BIND, NULL));
    }
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
        must(links[i][1], call(symlinkat, links[i][0], AT_FDCWD, links[i][1]));
}

/* One that is not there needs no protection. */
static bool exists(const char *path, long result)
{
    return result != NOT_FOUND && must(path, result) >= 0;
}

/* One empty directory, which is mounted as often as is wanted. */
static void mask_directories(void)
{
    int context = (int) must("fsopen", call(fsopen, "tmpfs", FSOPEN_CLOEXEC));

    must("nr_blocks", call(fsconfig, context, FSCONFIG_SET_STRING, "nr_blocks", "1", 0));
    must("nr_inodes", call(fsconfig, context, FSCONFIG_SET_STRING, "nr_inodes", "1", 0));
    must("create", call(fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
    int empty = (int) must("fsmount", call(fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY));
    call(close, context);
    for (const char *const *path = kind->masked_directories; *path != NULL; path++) {
        int copy =
            (int) must("open_tree", call(open_tree, empty, "",
                                         OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));

        exists(*path, call(move_mount, copy, "", AT_FDCWD, *path, MOVE_MOUNT_F_EMPTY_PATH));
        call(close, copy);
    }
    call(close, empty);
}

static void protect_paths(void)
{
    const unsigned long flags = kind->is_podmans ? SHORT : 0;

    for (const char *const *path = kind->read_only; *path != NULL; path++) {
        if (exists(*path, call(mount, *path, *path, NULL, MS_BIND | MS_REC, NULL)))
            must(*path,
                 call(mount, NULL, *path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | flags, NULL));
    }
    for (const char *const *path = kind->masked_files; *path != NULL; path++)
        exists(*path, call(mount, "/dev/null", *path, NULL, MS_BIND, NULL));
    mask_directories();
}

static void leave_host(void)
{
    must("pivot_root", call(pivot_root, ".", "."));
    must("umount2", call(umount2, ".", MNT_DETACH));
    must("chdir", call(chdir, "/"));
}

static void set_limits_and_umask(void)
{
    const struct rlimit limit = { 1024, 1024 };

    must("RLIMIT_NOFILE", call(prlimit64, 0, RLIMIT_NOFILE, &limit, NULL));
    if (kind->is_podmans)
        must("RLIMIT_NPROC", call(prlimit64, 0, RLIMIT_NPROC, &limit, NULL));
    call(umask, 022);
}

static void drop_capabilities(void)
{
    const uint32_t low = (uint32_t) kind->capabilities;
    const uint32_t high = (uint32_t) (kind->capabilities >> 32);
    struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct sets[2] = { { low, low, 0 }, { high, high, 0 } };

    for (int i = 0; i <= CAP_LAST_CAP; i++) {
        if ((kind->capabilities & BIT(i)) == 0)
            must("bounding set", call(prctl, PR_CAPBSET_DROP, i, 0, 0, 0));
    }
    must("capset", call(capset, &header, sets));
}

static void confine(void)
{
    must("close_range", call(close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC));
    if (kind->is_podmans)
        must("seccomp", call(seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter_program));
    else
        must("no_new_privs", call(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    must("setgroups", call(setgroups, 0, NULL));
    drop_capabilities();
}

__attribute__((used, noreturn)) static void run_child(void)
{
    static const char *const arguments[] = { "/payload", "true", NULL };
    static const char *const environment[] = { "PATH=/usr/bin:/bin", "TERM=xterm", NULL };

    if (kind->has_user_namespace)
        become_root_of_user_namespace();
    call(setsid);
    call(umask, 0);
    must("sethostname", call(sethostname, kind->hostname, length_of(kind->hostname)));
    enter_rootfs();
    make_mounts();
    make_devices();
    if (kind->is_podmans)
        write_file("proc/sys/net/ipv4/ping_group_range", "0 0");
    protect_paths();
    if (!kind->is_podmans)
        must("root", call(mount, NULL, ".", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
    leave_host();
    set_limits_and_umask();
    confine();
    fail_with("execve", (unsigned long) -call(execve, arguments[0], arguments, environment));
}

/* Outside -------------------------------------------------------------------------------------- */

/* clone3 whose child begins on a stack of its own, where there is nothing to return to. */
long bear(const struct clone_args *arguments, size_t size);

#ifdef __x86_64__
__asm__("bear:\n"
        "    mov $435, %eax\n"
        "    syscall\n"
        "    test %rax, %rax\n"
        "    jnz 1f\n"
        "    xor %ebp, %ebp\n"
        "    call run_child\n"
        "1:  ret\n");
#else
__asm__("bear:\n"
        "    mov x8, #435\n"
        "    svc #0\n"
        "    cbnz x0, 1f\n"
        "    mov x29, #0\n"
        "    bl run_child\n"
        "1:  ret\n");
#endif

static struct bpf_insn program[64];
static unsigned int program_length;

static void emit(unsigned char code, unsigned char to, short jump, int value)
{
    program[program_length++] =
        (struct bpf_insn){ .code = code, .dst_reg = to & 0xf, .off = jump, .imm = value };
}

static void emit_result(int is_allowed)
{
    emit(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, is_allowed);
    emit(BPF_JMP | BPF_EXIT, 0, 0, 0);
}

static void emit_load(unsigned char to, short offset)
{
    emit(BPF_LDX | BPF_MEM | BPF_W, to, offset, 0);
    program[program_length - 1].src_reg = BPF_REG_1;
}

/* The rules that every container has: to make any device, and to use the usual ones. */
static void write_device_program(void)
{
    emit_load(BPF_REG_2, 0);
    emit_load(BPF_REG_3, 4);
    emit_load(BPF_REG_4, 8);
    emit(BPF_JMP | BPF_JSET | BPF_K, BPF_REG_2, 2, 0x60000); /* anything but to make it? */
    emit_result(1);
    emit(BPF_ALU | BPF_AND | BPF_K, BPF_REG_2, 0, 0xffff);
    emit(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_2, 2, BPF_DEVCG_DEV_CHAR);
    emit_result(0);
    for (int i = 0; devices[i] != NULL; i++) {
        emit(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_3, 3, device_numbers[i][0]);
        emit(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_4, 2, device_numbers[i][1]);
        emit_result(1);
    }
    emit(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_3, 3, 5); /* /dev/ptmx */
    emit(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_4, 2, 2);
    emit_result(1);
    emit(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_3, 2, 136); /* /dev/pts */
    emit_result(1);
    emit_result(0);
}

static void filter_devices(int cgroup)
{
    union bpf_attr load = {
        .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
        .insn_cnt = program_length,
        .insns = (uintptr_t) program,
        .license = (uintptr_t) "GPL",
    };
    union bpf_attr attach = {
        .target_fd = (uint32_t) cgroup,
        .attach_type = BPF_CGROUP_DEVICE,
        .attach_flags = BPF_F_ALLOW_MULTI,
    };

    attach.attach_bpf_fd = (uint32_t) must("load", call(bpf, BPF_PROG_LOAD, &load, sizeof(load)));
    must("attach", call(bpf, BPF_PROG_ATTACH, &attach, sizeof(attach)));
    call(close, attach.attach_bpf_fd);
}

static void read_filter(const char *path)
{
    int fd = (int) must(path, call(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
    long bytes = must(path, call(read, fd, filter, sizeof(filter)));

    filter_program.len = (unsigned short) ((size_t) bytes / sizeof(filter[0]));
    call(close, fd);
}

static void write_maps(long pid)
{
    static const char *const files[] = { "/uid_map", "/gid_map" };

    for (int i = 0; i < 2; i++) {
        struct text path;

        path.length = 0;
        append(&path, "/proc/");
        append_number(&path, (unsigned long) pid);
        append(&path, files[i]);
        write_file(path.bytes, "0 100000 65536\n");
    }
    __atomic_store_n(&maps_are_written, 1, __ATOMIC_RELEASE);
    call(futex, &maps_are_written, FUTEX_WAKE, 1);
}

/* Returns the exit status of the container's process. */
static int run_container(int cgroup)
{
    int pidfd = -1;
    int info[32];
    struct clone_args birth = {
        .flags = CLONE_VM | CLONE_PIDFD | CLONE_INTO_CGROUP | CLONE_NEWNS | CLONE_NEWPID |
                 CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP |
                 (kind->has_user_namespace ? CLONE_NEWUSER : 0),
        .pidfd = (uintptr_t) &pidfd,
        .exit_signal = SIGCHLD_NUMBER,
        .stack = (uintptr_t) stack,
        .stack_size = sizeof(stack),
        .cgroup = (uint64_t) cgroup,
    };
    const long pid = must("clone3", bear(&birth, sizeof(birth)));

    if (kind->has_user_namespace)
        write_maps(pid);
    must("waitid", call(waitid, P_PIDFD, pidfd, info, WEXITED, NULL));
    call(close, pidfd);
    return info[6]; /* si_status */
}

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (is_equal(name, kinds[i].name))
            return &kinds[i];
    }
    return NULL;
}

int bare_main(char **arguments)
{
    static struct text path;
    const char *cgroup_path = NULL;
    int cgroup, status;
    long removed;

    if (arguments[1] != NULL && arguments[2] != NULL && arguments[3] != NULL) {
        kind = find_kind(arguments[1]);
        cgroup_path = arguments[3];
    }
    if (kind == NULL || (kind->is_podmans && arguments[4] == NULL))
        fail("usage: floor minimal|rootful|podman DIRECTORY CGROUP [FILTER]\n");
    append(&path, arguments[2]);
    append(&path, "/rootfs");
    rootfs = path.bytes;
    if (kind->is_podmans)
        read_filter(arguments[4]);
    write_device_program();

    must(cgroup_path, call(mkdirat, AT_FDCWD, cgroup_path, 0755));
    cgroup = (int) must(cgroup_path, call(openat, AT_FDCWD, cgroup_path, O_DIRECTORY | O_CLOEXEC));
    filter_devices(cgroup);
    status = run_container(cgroup);
    call(close, cgroup);
    do
        removed = call(unlinkat, AT_FDCWD, cgroup_path, AT_REMOVEDIR);
    while (removed == BUSY);
    must(cgroup_path, removed);
    return status;
}

/* What compilers take for granted. */
void *memset(void *to, int value, size_t size);
void *memcpy(void *restrict to, const void *restrict from, size_t size);

void *memset(void *to, int value, size_t size)
{
    for (volatile char *byte = to; size > 0; size--)
        *byte++ = (char) value;
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    volatile char *byte = to;

    for (const char *source = from; size > 0; size--)
        *byte++ = *source++;
    return to;
}
