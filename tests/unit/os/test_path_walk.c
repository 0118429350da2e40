/* SPDX-License-Identifier: Apache-2.0 */
/* The container's paths without openat2: both ways to resolve them are compared on random trees
 * full of links, and nothing may appear outside of the root. */

#include "os/path_walk.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "os/path.h"
#include "os/syscalls.h"
#include "tests/unit/os/path_tree.h"

enum { TREES = 500, PATHS = 12, SYSCALL_BITS = 0xffff };

static void test_walk_is_bounded_in_depth(void **context)
{
    (void) context;
    int fd = -1;
    char path[4 * PATH_WALK_DEPTH] = "";
    for (int i = 0; i < PATH_WALK_DEPTH; i++)
        strcat(path, "/d");
    assert_ok(path_make_directory(root, path, 0755, &fd));
    close(fd);
    strcat(path, "/d/d"); /* two: the last one alone needs no walk */
    assert_int_equal(number_of(path_make_directory(root, path, 0755, &fd)), ENAMETOOLONG);
}

/* The directory in which the walk stands is moved out of the root: ".." still leads back inside. */
static void test_walk_survives_a_move(void **context)
{
    (void) context;
    assert_return_code(mkdirat(root, "a", 0755), errno);
    assert_return_code(mkdirat(root, "a/b", 0755), errno);
    pid_t mover = fork();
    if (!mover) {
        for (int i = 0; i < 20000; i++) {
            renameat(root, "a/b", top, "canary/moved");
            renameat(top, "canary/moved", root, "a/b");
        }
        _exit(0);
    }
    const struct path_walk how = { .flags = O_PATH };
    unsigned walked = 0;
    while (waitpid(mover, NULL, WNOHANG) == 0) {
        int fd = -1;
        if (path_walk(root, "a/b/../../../../a", &how, &fd))
            continue;
        walked++;
        assert_inside(fd);
        close(fd);
    }
    assert_true(walked > 0);
}

/* ---- both ways agree, on random trees ---- */

/* A deterministic source of numbers, so that a failure can be seen again. */
static uint64_t state;

static unsigned any(unsigned limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned) (state >> 33) % limit;
}

static const char *const names[] = { "a", "b", "c", "..", ".", "canary", "d" };

static void any_path(char *path, size_t size)
{
    size_t used = 0;
    unsigned parts = 1 + any(6);
    path[0] = '\0';
    if (any(3) == 0)
        used += (size_t) snprintf(path, size, "/");
    if (any(40) == 0)
        used +=
            (size_t) snprintf(path + used, size - used, "proc/self/%s/", any(2) ? "root" : "cwd");
    if (any(60) == 0)
        for (int i = 0; i < 40; i++)
            used += (size_t) snprintf(path + used, size - used, "../");
    for (unsigned i = 0; i < parts; i++)
        used += (size_t) snprintf(path + used, size - used, "%s%s", i ? "/" : "",
                                  names[any(LENGTH(names))]);
    if (any(12) == 0)
        snprintf(path + used, size - used, "/");
}

static void grow(int parent, int levels)
{
    for (unsigned i = 0; i < LENGTH(names); i++) {
        char target[PATH_MAX];
        if (names[i][0] == '.' || any(4) == 0)
            continue;
        unsigned kind = any(8);
        if (kind < 3) {
            any_path(target, sizeof(target));
            assert_return_code(symlinkat(target, parent, names[i]), errno);
        } else if (kind == 3) {
            close(openat(parent, names[i], O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
        } else {
            assert_return_code(mkdirat(parent, names[i], 0755), errno);
            auto_close int fd = openat(parent, names[i], O_PATH | O_CLOEXEC);
            if (levels)
                grow(fd, levels - 1);
        }
    }
}

static void assert_agree(const char *path, int flags)
{
    auto_close int kernel = -1, ours = -1;
    const struct path_walk how = { .flags = flags };
    int first = number_of(path_open(root, path, flags, &kernel));
    int second = path_walk(root, path, &how, &ours);
    if (first != second)
        fail_msg("%s (flags %o): openat2 %d, walk %d", path, flags, first, second);
    struct stat a, b;
    if (first)
        return;
    assert_return_code(fstat(kernel, &a), errno);
    assert_return_code(fstat(ours, &b), errno);
    if (a.st_ino != b.st_ino || a.st_dev != b.st_dev)
        fail_msg("%s (flags %o): two different objects", path, flags);
    const int kept = O_PATH | O_ACCMODE | O_DIRECTORY;
    assert_int_equal(fcntl(kernel, F_GETFL) & kept, fcntl(ours, F_GETFL) & kept);
}

static void make_any(const char *path)
{
    const struct path_node fifo = { .mode = S_IFIFO | 0600, .uid = geteuid(), .gid = getegid() };
    int fd = -1;
    switch (any(4)) {
    case 0:
        error_forget(path_make_directory(root, path, 0755, &fd));
        break;
    case 1:
        error_forget(path_make_file(root, path, 0644, &fd));
        break;
    case 2:
        error_forget(path_make_node(root, path, &fifo));
        break;
    default:
        error_forget(path_make_link(root, path, "../../../../canary/made"));
    }
    if (fd >= 0 && !strstr(path, "proc"))
        assert_inside(fd);
    if (fd >= 0)
        close(fd);
}

static void check_tree(void)
{
    static const int flags[] = { O_PATH,
                                 O_PATH | O_NOFOLLOW,
                                 O_PATH | O_DIRECTORY,
                                 O_PATH | O_DIRECTORY | O_NOFOLLOW,
                                 O_RDONLY | O_NONBLOCK,
                                 O_RDONLY | O_NONBLOCK | O_NOFOLLOW,
                                 O_RDWR | O_NONBLOCK };
    char path[PATH_MAX];
    for (int i = 0; i < PATHS; i++) {
        any_path(path, sizeof(path));
        for (size_t j = 0; j < LENGTH(flags); j++)
            assert_agree(path, flags[j]);
    }
    for (int i = 0; i < PATHS; i++) {
        any_path(path, sizeof(path));
        make_any(path);
    }
}

static bool has_openat2(void)
{
    int fd = (int) syscall(SYS_openat2, root, ".", NULL, 0);
    if (fd >= 0)
        close(fd);
    return errno != ENOSYS && errno != EPERM;
}

/* (T04) */
static void test_random_trees(void **context)
{
    (void) context;
    if (!has_openat2())
        skip();
    uint64_t before = digest(top, "canary");
    for (unsigned tree = 0; tree < TREES; tree++) {
        state = 88172645463325252ULL + tree;
        empty_root(context);
        if (tree % 4 == 0)
            assert_return_code(mkdirat(root, "proc", 0755), errno);
        grow(root, 2);
        check_tree();
        assert_true(digest(top, "canary") == before);
        assert_int_equal(faccessat(top, "canary/made", F_OK, AT_SYMLINK_NOFOLLOW), -1);
    }
}

/* In a mount namespace of its own, where a procfs can stand in the root; 0 when all is right. */
#define check(claim)                                                                               \
    do {                                                                                           \
        if (!(claim)) {                                                                            \
            print_error("%s:%d: %s\n", __FILE__, __LINE__, #claim);                                \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

static int open_both(const char *path, int flags)
{
    int first = -1, second = -1;
    const struct path_walk how = { .flags = flags };
    int kernel = number_of(path_open(root, path, flags, &first));
    int ours = path_walk(root, path, &how, &second);
    close(first);
    close(second);
    return kernel == ours ? kernel : -1;
}

static int look_into_proc(void)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/root/proc", base);
    check(!mkdir(path, 0755));
    check(!unshare(CLONE_NEWNS));
    check(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
    check(!mount("proc", path, "proc", 0, NULL));
    path[strlen(path) - strlen("/proc")] = '\0';
    root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC); /* the one of this namespace */
    check(root >= 0);
    check(!symlinkat("/proc/self/root", root, "escape"));
    check(open_both("proc/self/status", O_RDONLY) == 0);
    check(open_both("proc/mounts", O_RDONLY) == 0);
    check(open_both("proc/thread-self/comm", O_RDONLY) == 0);
    check(open_both("proc/self/root", O_PATH | O_NOFOLLOW) == 0);
    check(open_both("proc/self/root", O_PATH) == ELOOP);
    check(open_both("proc/self/root/etc", O_PATH) == ELOOP);
    check(open_both("proc/self/cwd/..", O_PATH) == ELOOP);
    check(open_both("proc/self/exe", O_RDONLY) == ELOOP);
    check(open_both("proc/self/fd/1", O_PATH) == ELOOP);
    check(open_both("proc/thread-self/ns/mnt", O_RDONLY) == ELOOP);
    check(open_both("escape", O_PATH) == ELOOP);
    check(open_both("escape/tmp", O_PATH) == ELOOP);
    check(open_both("proc/../proc/self/../self/fd/../status", O_RDONLY) == 0);
    return 0;
}

/* (T07) */
static void test_magic_links_are_refused(void **context)
{
    (void) context;
    if (geteuid() || !has_openat2())
        skip();
    pid_t child = fork();
    if (!child)
        _exit(look_into_proc());
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* ---- without openat2 ---- */

static void refuse_openat2(unsigned number)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (number & SYSCALL_BITS)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { LENGTH(code), code };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        _exit(99);
}

static int work_without(unsigned number)
{
    int fd = -1;
    refuse_openat2(number);
    check(!has_openat2());
    check(number_of(path_make_directory(root, "x/y", 0755, &fd)) == 0);
    close(fd);
    check(!symlinkat("/../../../x", root, "link"));
    check(number_of(path_open(root, "link/y/../..", O_PATH, &fd)) == 0);
    struct stat status = { 0 }, wanted = { 0 };
    check(!fstat(fd, &status) && !fstat(root, &wanted) && status.st_ino == wanted.st_ino);
    close(fd);
    check(number_of(path_make_file(root, "link/file", 0644, &fd)) == 0);
    close(fd);
    check(number_of(path_open(root, "x/file", O_RDONLY, &fd)) == 0);
    check(fcntl(fd, F_GETFD) == FD_CLOEXEC);
    check(number_of(path_open(root, "x/none", O_RDONLY, &fd)) == ENOENT);
    return 0;
}

/* (T52) */
static void test_falls_back(void **context)
{
    static const unsigned numbers[] = { ENOSYS, EPERM };
    for (size_t i = 0; i < LENGTH(numbers); i++) {
        empty_root(context);
        pid_t child = fork();
        if (!child)
            _exit(work_without(numbers[i]));
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_walk_is_bounded_in_depth, empty_root),
        cmocka_unit_test_setup(test_walk_survives_a_move, empty_root),
        { "(T04) test_random_trees", test_random_trees, empty_root, NULL, NULL },
        { "(T07) test_magic_links_are_refused", test_magic_links_are_refused, empty_root, NULL,
          NULL },
        { "(T52) test_falls_back", test_falls_back, empty_root, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
