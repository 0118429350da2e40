/* SPDX-License-Identifier: Apache-2.0 */
/* What another user could open is what the kernel says to him; who asks is himself again. */

#include "os/file_user.h"

#include <endian.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "base/allocate.h"
#include "base/list.h"
#include "tests/unit/os/path_tree.h"

enum { OWNER = 1000, OTHER = 1001, GROUP = 7 };

static struct file_user_own own;
static char memory[1 << 16] __attribute__((aligned(16)));

static int begin(void **context)
{
    static struct arena arena;

    empty_root(context);
    arena = (struct arena){ .base = memory, .size = sizeof(memory) };
    assert_null(file_user_note_own(&arena, &own));
    return 0;
}

static void make(const char *name, mode_t mode, gid_t group)
{
    auto_close int fd = openat(root, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_return_code(fchown(fd, OWNER, group), errno);
    assert_return_code(fchmod(fd, mode), errno);
}

static bool may(const struct file_user *user, const char *name, int access)
{
    auto_close int fd = openat(root, name, O_PATH | O_CLOEXEC);
    bool is_allowed = false;

    assert_true(fd >= 0);
    assert_null(file_user_ask(user, &own, fd, access, &is_allowed));
    return is_allowed;
}

static bool comes_to(const struct file_user *user, const char *path)
{
    bool is_allowed = false;

    assert_null(file_user_look(user, &own, root, path, &is_allowed));
    return is_allowed;
}

static void need_root(void)
{
    if (geteuid())
        skip();
}

static void test_modes(void **state)
{
    static const gid_t groups[] = { GROUP };
    const struct file_user owner = { .uid = OWNER, .gid = OWNER };
    const struct file_user other = { .uid = OTHER, .gid = OTHER };
    const struct file_user member = { OTHER, OTHER, groups, 1, 0 };
    const struct file_user nobody = { .uid = 0, .gid = 0 };
    const struct file_user mighty = { .uid = 0, .capabilities = UINT64_C(1) << CAP_DAC_OVERRIDE };

    (void) state;
    need_root();
    make("file", 0640, GROUP);
    assert_true(may(&owner, "file", R_OK | W_OK));
    assert_true(may(&member, "file", R_OK));
    assert_false(may(&member, "file", W_OK));
    assert_false(may(&member, "file", R_OK | W_OK));
    assert_false(may(&other, "file", R_OK));
    assert_false(may(&nobody, "file", R_OK));
    assert_true(may(&mighty, "file", R_OK | W_OK));
    make("program", 0711, OWNER);
    assert_false(may(&other, "program", R_OK));
    assert_true(may(&other, "program", X_OK));
}

/* "u::rw-,u:1001:r--,g::---,m::r--,o::---", as the kernel keeps it (acl(5)). */
static void test_access_lists(void **state)
{
    const struct {
        uint32_t version;
        struct {
            uint16_t tag, rights;
            uint32_t id;
        } entries[5];
    } list = { htole32(2),
               { { htole16(0x01), htole16(6), UINT32_MAX },
                 { htole16(0x02), htole16(4), htole32(OTHER) },
                 { htole16(0x04), htole16(0), UINT32_MAX },
                 { htole16(0x10), htole16(4), UINT32_MAX },
                 { htole16(0x20), htole16(0), UINT32_MAX } } };
    const struct file_user other = { .uid = OTHER, .gid = OTHER };
    const struct file_user third = { .uid = OTHER + 1, .gid = OTHER };
    char link[64];

    (void) state;
    need_root();
    make("file", 0600, OWNER);
    auto_close int fd = openat(root, "file", O_PATH | O_CLOEXEC);
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    if (setxattr(link, "system.posix_acl_access", &list, sizeof(list), 0))
        skip(); /* this filesystem has none */
    assert_true(may(&other, "file", R_OK));
    assert_false(may(&other, "file", W_OK));
    assert_false(may(&third, "file", R_OK));
}

/* Opened it would wait for the other end. */
static void test_fifo(void **state)
{
    const struct file_user owner = { .uid = OWNER, .gid = OWNER };
    const struct file_user other = { .uid = OTHER, .gid = OTHER };

    (void) state;
    need_root();
    assert_return_code(mkfifoat(root, "fifo", 0600), errno);
    assert_return_code(fchownat(root, "fifo", OWNER, OWNER, 0), errno);
    assert_true(may(&owner, "fifo", W_OK));
    assert_false(may(&other, "fifo", W_OK));
}

/* By its mode this one may be read by all, but it is told only to who may trace the process. */
static void test_procfs(void **state)
{
    const struct file_user other = { .uid = OTHER, .gid = OTHER };
    const struct file_user self = { .uid = geteuid(),
                                    .gid = getegid(),
                                    .capabilities = own.capabilities };

    (void) state;
    need_root();
    assert_int_equal(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    char maps[64];
    snprintf(maps, sizeof(maps), "/proc/%d/maps", child);
    auto_close int fd = open(maps, O_PATH | O_CLOEXEC);
    bool is_allowed = true;
    assert_null(file_user_ask(&other, &own, fd, R_OK, &is_allowed));
    assert_false(is_allowed);
    assert_null(file_user_ask(&self, &own, fd, R_OK, &is_allowed));
    assert_true(is_allowed);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void test_directories_on_the_way(void **state)
{
    const struct file_user owner = { .uid = OWNER, .gid = OWNER };
    const struct file_user other = { .uid = OTHER, .gid = OTHER };

    (void) state;
    need_root();
    assert_return_code(fchmodat(root, ".", 0755, 0), errno);
    assert_return_code(mkdirat(root, "private", 0700), errno);
    make("private/file", 0644, OWNER);
    assert_return_code(fchownat(root, "private", OWNER, OWNER, 0), errno);
    assert_true(comes_to(&owner, "/private/file"));
    assert_false(comes_to(&other, "/private/file"));
    assert_true(comes_to(&other, "/private"));
    assert_true(comes_to(&other, "/missing/file"));
}

/* In a sandbox that lacks the system call nobody is asked, and so nothing is allowed. */
static void test_no_answer_is_an_error(void **state)
{
    const struct file_user owner = { .uid = OWNER, .gid = OWNER };
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_faccessat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = { LENGTH(filter), filter };
    bool is_allowed = true;
    int status;

    (void) state;
    need_root();
    make("file", 0600, OWNER);
    auto_close int fd = openat(root, "file", O_PATH | O_CLOEXEC);
    pid_t child = fork();
    if (child == 0) {
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
            _exit(2);
        struct error *error = file_user_ask(&owner, &own, fd, R_OK, &is_allowed);
        _exit(!(error && error->number == ENOSYS && !is_allowed));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_who_asks_is_himself_again(void **state)
{
    static const gid_t groups[] = { GROUP };
    const struct file_user other = { OTHER, OTHER, groups, 1, 0 };
    struct file_user_own now;
    char room[1 << 12] __attribute__((aligned(16)));
    struct arena arena = { .base = room, .size = sizeof(room) };

    (void) state;
    need_root();
    make("file", 0600, OWNER);
    assert_false(may(&other, "file", R_OK));
    assert_null(file_user_note_own(&arena, &now));
    assert_true(now.capabilities == own.capabilities);
    assert_true(now.group_count == own.group_count);
    assert_memory_equal(now.groups, own.groups, now.group_count * sizeof(gid_t));
    assert_int_equal(syscall(SYS_setfsuid, -1), geteuid());
    assert_int_equal(syscall(SYS_setfsgid, -1), getegid());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_modes, begin),
        cmocka_unit_test_setup(test_access_lists, begin),
        cmocka_unit_test_setup(test_fifo, begin),
        cmocka_unit_test_setup(test_procfs, begin),
        cmocka_unit_test_setup(test_directories_on_the_way, begin),
        cmocka_unit_test_setup(test_no_answer_is_an_error, begin),
        cmocka_unit_test_setup(test_who_asks_is_himself_again, begin),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
