/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Tests that close descriptors, mount, or lose system calls: each in a child of its own. */

enum { CHILD_SKIPS = 77 };

/* What a child uses in place of assert_true(). */
#define demand(claim)                                                                              \
    do {                                                                                           \
        if (!(claim)) {                                                                            \
            dprintf(STDERR_FILENO, "# %s:%d: not so: %s (errno %d)\n", __FILE__, __LINE__, #claim, \
                    errno);                                                                        \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static inline int run_child(void (*body)(void))
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Runs BODY in a child, which skips the test by ending with CHILD_SKIPS. */
#define in_child(body)                                                                             \
    do {                                                                                           \
        int ended = run_child(body);                                                               \
        if (ended == CHILD_SKIPS)                                                                  \
            skip();                                                                                \
        assert_int_equal(ended, 0);                                                                \
    } while (0)

/* From now on the system call NUMBER fails with ERROR in this process. */
static inline void refuse_call(long number, int error)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned) number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned) error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { .len = 4, .filter = code };
    demand(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    demand(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}
