/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command on a kernel, or in a sandbox, that lacks something:
 *
 *     refuse openat2 EPERM clone3 -- tare run ...
 *
 * Each system call named fails with ENOSYS, or with the errno that was named last before it; behind
 * 0 it does nothing, and says that it worked.  The words in capitals stand for a call with one
 * argument: mostly a flag that older kernels do not know; `mounts` stands for all calls that make
 * mounts by descriptor.  The filter stays for all that the command starts; it sets no
 * no_new_privs, so that only root can use this.
 *
 * Needs no library: the C library of the init program's compiler may be older than the calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum { PROGRAM_MOST = 1024, WORD_MOST = 64 /* instructions of one word */, CONDITIONS = 2 };

/* Holds if the argument and MASK is VALUE; a mask of 0 is no condition. */
struct condition {
    unsigned argument;
    uint32_t mask, value;
};

/* From 424 on the numbers are the same on all architectures. */
static const struct call {
    const char *name;
    uint32_t number;
    struct condition when[CONDITIONS];
} calls[] = {
    { "bpf", SYS_bpf, {} },
    { "clone", SYS_clone, {} },
    { "clone3", 435, {} },
    { "close_range", 436, {} },
    { "execveat", SYS_execveat, {} },
    { "faccessat2", 439, {} },
    { "fchmodat2", 452, {} },
    { "fsconfig", 431, {} },
    { "fsmount", 432, {} },
    { "fsopen", 430, {} },
    { "fspick", 433, {} },
    { "ioprio_set", SYS_ioprio_set, {} },
    { "keyctl", SYS_keyctl, {} },
    { "lsm_get_self_attr", 459, {} },
    { "lsm_set_self_attr", 460, {} },
    { "memfd_create", SYS_memfd_create, {} },
    { "mount_setattr", 442, {} },
    { "mount_setattr", 467, {} }, /* open_tree_attr(2) does its work */
    { "move_mount", 429, {} },
    { "open_tree", 428, {} },
    { "open_tree_attr", 467, {} },
    { "openat2", 437, {} },
    { "personality", SYS_personality, {} },
    { "pidfd_open", 434, {} },
    { "pidfd_send_signal", 424, {} },
    { "pivot_root", SYS_pivot_root, {} },
    { "prlimit64", SYS_prlimit64, {} },
    { "seccomp", SYS_seccomp, {} },
    { "set_mempolicy", SYS_set_mempolicy, {} },
    { "setgroups", SYS_setgroups, {} },
    { "setns", SYS_setns, {} },
    { "setresgid", SYS_setresgid, {} },
    { "setresuid", SYS_setresuid, {} },
    { "statx", SYS_statx, {} },
    { "umount2", SYS_umount2, {} },
    { "CLOSE_RANGE_CLOEXEC", 436, { { 2, 0x4, 0x4 } } },
    { "F_SEAL_EXEC", SYS_fcntl, { { 1, ~0U, 1033 /* F_ADD_SEALS */ }, { 2, 0x20, 0x20 } } },
    { "MFD_EXEC", SYS_memfd_create, { { 1, 0x10, 0x10 } } },
    { "MFD_NOEXEC_SEAL", SYS_memfd_create, { { 1, 0x08, 0x08 } } },
    { "PIDFD_GET_INFO", SYS_ioctl, { { 1, 0xffff, 0xff0b } } },
#ifdef SYS_poll
    { "POLL_AT_ONCE", SYS_poll, { { 2, ~0U, 0 } } },
#endif
};

/* What Linux 5.2 brought as one. */
static const char *const mounts[] = {
    "fsconfig", "fsmount", "fsopen", "fspick", "move_mount", "open_tree",
};

static const struct {
    const char *name;
    uint32_t number;
} errors[] = {
    { "0", 0 },           { "EACCES", EACCES }, { "EAGAIN", EAGAIN },
    { "EINVAL", EINVAL }, { "ENFILE", ENFILE }, { "ENOSYS", ENOSYS },
    { "ENOTTY", ENOTTY }, { "EPERM", EPERM },   { "EOPNOTSUPP", EOPNOTSUPP },
};

static struct sock_filter program[PROGRAM_MOST];
static unsigned short length;

static void add(uint16_t code, uint32_t value, uint8_t if_true, uint8_t if_false)
{
    program[length++] = (struct sock_filter){ code, if_true, if_false, value };
}

static void load(size_t offset)
{
    add(BPF_LD | BPF_W | BPF_ABS, (uint32_t) offset, 0, 0);
}

/* The filter sees 64-bit arguments; the low halves hold all that is asked of them here. */
static size_t low_half(unsigned argument)
{
    const uint16_t one = 1;
    size_t half = *(const uint8_t *) &one ? 0 : sizeof(uint32_t);

    return offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t) + half;
}

/* Each test that fails jumps behind the call's last instruction. */
static void add_call(const struct call *call, uint32_t number)
{
    uint8_t left = 1;

    for (size_t i = 0; i < CONDITIONS; i++)
        left += call->when[i].mask ? 3 : 0;
    load(offsetof(struct seccomp_data, nr));
    add(BPF_JMP | BPF_JEQ | BPF_K, call->number, 0, left);
    for (size_t i = 0; i < CONDITIONS; i++) {
        const struct condition *condition = &call->when[i];

        if (!condition->mask)
            continue;
        left -= 3;
        load(low_half(condition->argument));
        add(BPF_ALU | BPF_AND | BPF_K, condition->mask, 0, 0);
        add(BPF_JMP | BPF_JEQ | BPF_K, condition->value, 0, left);
    }
    add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | number, 0, 0);
}

static int add_named(const char *name, uint32_t number)
{
    bool is_known = false;

    for (size_t i = 0; i < LENGTH(calls); i++) {
        if (strcmp(calls[i].name, name) != 0)
            continue;
        add_call(&calls[i], number);
        is_known = true;
    }
    if (!is_known)
        fprintf(stderr, "refuse: unknown call: %s\n", name);
    return is_known ? 0 : -1;
}

static int add_word(const char *word, uint32_t number)
{
    if (strcmp(word, "mounts") != 0)
        return add_named(word, number);
    for (size_t i = 0; i < LENGTH(mounts); i++)
        if (add_named(mounts[i], number))
            return -1;
    return 0;
}

/* Returns where the command begins. */
static char **read_words(char **words)
{
    uint32_t number = ENOSYS;

    for (; *words && strcmp(*words, "--") != 0; words++) {
        size_t i = 0;

        while (i < LENGTH(errors) && strcmp(errors[i].name, *words) != 0)
            i++;
        if (i < LENGTH(errors))
            number = errors[i].number;
        else if (length + WORD_MOST >= PROGRAM_MOST || add_word(*words, number))
            return NULL;
    }
    return *words && words[1] ? words + 1 : NULL;
}

int main(int count, char **arguments)
{
    struct sock_fprog filter = { .filter = program };
    char **command = count > 1 ? read_words(arguments + 1) : NULL;

    if (!command) {
        fprintf(stderr, "usage: refuse [[ERRNO] CALL...]... -- COMMAND [ARGUMENT...]\n");
        return 64;
    }
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    filter.len = length;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0) {
        perror("refuse: set the filter");
        return 1;
    }
    execvp(command[0], command);
    fprintf(stderr, "refuse: %s: %s\n", command[0], strerror(errno));
    return 127;
}
