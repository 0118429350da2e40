/* SPDX-License-Identifier: Apache-2.0 */
/* A tree of the container's is copied as it is, and nothing that is not of it. */

#include "os/path_copy.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "os/user_namespace.h"
#include "tests/unit/os/path_tree.h"

static int from = -1, to = -1;

static int begin(void **context)
{
    empty_root(context);
    assert_return_code(mkdirat(root, "from", 0755), errno);
    assert_return_code(mkdirat(root, "to", 0700), errno);
    from = openat(root, "from", O_PATH | O_DIRECTORY | O_CLOEXEC);
    to = openat(root, "to", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return from >= 0 && to >= 0 ? 0 : -1;
}

static int end(void **context)
{
    (void) context;
    return close(from) || close(to) ? -1 : 0;
}

static void make_file(const char *name, const char *text, mode_t mode)
{
    auto_close int fd = openat(from, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t) strlen(text));
    assert_return_code(fchmod(fd, mode), errno);
}

static void set_times(const char *name)
{
    const struct timespec times[] = { { 1000, 5 }, { 2000, 7 } };
    assert_return_code(utimensat(from, name, times, AT_SYMLINK_NOFOLLOW), errno);
}

static struct stat look_at_copy(const char *name)
{
    struct stat status = { 0 };
    assert_return_code(fstatat(to, name, &status, AT_SYMLINK_NOFOLLOW), errno);
    return status;
}

static bool is_there(const char *name)
{
    return faccessat(to, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void assert_text(const char *name, const char *wanted)
{
    char text[64] = "";
    auto_close int fd = openat(to, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    assert_true(fd >= 0 && read(fd, text, sizeof(text) - 1) >= 0);
    assert_string_equal(text, wanted);
}

static void test_files_and_directories(void **context)
{
    (void) context;
    const mode_t least = geteuid() ? 0400 : 0; /* root reads what nobody may */
    /* Whose id that of nobody is cannot be known. */
    const mode_t given = geteuid() == USER_NAMESPACE_OVERFLOW_ID ? 0755 : 04755;
    assert_return_code(mkdirat(from, "a", 0755), errno);
    assert_return_code(mkdirat(from, "a/b", 01755), errno);
    make_file("a/b/text", "text\n", 0640);
    make_file("a/empty", "", least);
    make_file("program", "#!\n", 04755);
    assert_return_code(fchmodat(from, "a/b", 01777, 0), errno);
    set_times("a/b/text");
    set_times("a/b");
    set_times("a");
    assert_ok(path_copy_tree(from, to, false));
    assert_text("a/b/text", "text\n");
    assert_int_equal(look_at_copy("a/b/text").st_mode, S_IFREG | 0640);
    assert_int_equal(look_at_copy("a/b").st_mode, S_IFDIR | 01777);
    assert_int_equal(look_at_copy("a/empty").st_mode, S_IFREG | least);
    assert_int_equal(look_at_copy("program").st_mode, S_IFREG | given);
    static const char *const names[] = { "a", "a/b", "a/b/text" };
    for (size_t i = 0; i < LENGTH(names); i++) {
        assert_int_equal(look_at_copy(names[i]).st_mtim.tv_sec, 2000);
        assert_int_equal(look_at_copy(names[i]).st_mtim.tv_nsec, 7);
    }
    assert_int_equal(look("to").st_mode, S_IFDIR | 0700);
}

static void test_large_file(void **context)
{
    (void) context;
    auto_close int fd = openat(from, "large", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    char piece[4096];
    for (unsigned i = 0; i < 3 << 8; i++) {
        memset(piece, (int) i, sizeof(piece));
        assert_int_equal(write(fd, piece, sizeof(piece)), sizeof(piece));
    }
    assert_ok(path_copy_tree(from, to, false));
    assert_int_equal(look_at_copy("large").st_size, (3 << 8) * sizeof(piece));
    auto_close int copy = openat(to, "large", O_RDONLY | O_CLOEXEC);
    memset(piece, 0, sizeof(piece));
    assert_int_equal(pread(copy, piece, 1, 700 * (off_t) sizeof(piece)), 1);
    assert_int_equal((unsigned char) piece[0], 700 & 255);
}

static void test_many_names(void **context)
{
    (void) context;
    char name[64];
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "%040d", i);
        make_file(name, "", 0644);
    }
    assert_ok(path_copy_tree(from, to, false));
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "%040d", i);
        assert_true(is_there(name));
    }
}

/* (T04) A link is copied, never what it leads to. */
static void test_links(void **context)
{
    (void) context;
    char target[64] = "";
    assert_return_code(symlinkat("../../canary", from, "up"), errno);
    assert_return_code(symlinkat("/etc/shadow", from, "absolute"), errno);
    assert_return_code(symlinkat("nowhere", from, "dangling"), errno);
    set_times("up");
    assert_ok(path_copy_tree(from, to, false));
    assert_true(S_ISLNK(look_at_copy("up").st_mode) && S_ISLNK(look_at_copy("dangling").st_mode));
    assert_int_equal(readlinkat(to, "absolute", target, sizeof(target) - 1), 11);
    assert_string_equal(target, "/etc/shadow");
    assert_int_equal(look_at_copy("up").st_mtim.tv_sec, 2000);
}

static void test_owners(void **context)
{
    (void) context;
    if (geteuid())
        skip();
    make_file("mine", "", 04755);
    assert_return_code(symlinkat("mine", from, "link"), errno);
    assert_return_code(fchownat(from, "mine", 7, 9, 0), errno);
    assert_return_code(fchmodat(from, "mine", 04755, 0), errno);
    assert_return_code(fchownat(from, "link", 8, 10, AT_SYMLINK_NOFOLLOW), errno);
    assert_return_code(fchownat(root, "from", 5, 6, 0), errno);
    assert_ok(path_copy_tree(from, to, true));
    assert_true(look_at_copy("mine").st_uid == 7 && look_at_copy("mine").st_gid == 9);
    assert_int_equal(look_at_copy("mine").st_mode, S_IFREG | 04755);
    assert_true(look_at_copy("link").st_uid == 8 && look_at_copy("link").st_gid == 10);
    assert_int_equal(look("to").st_uid, 0);
    assert_return_code(unlinkat(to, "mine", 0) | unlinkat(to, "link", 0), errno);
    assert_ok(path_copy_tree(from, to, false));
    assert_true(look("to").st_uid == 5 && look("to").st_gid == 6);
}

/* Nothing waits for the other end of a fifo, and nothing of a device is touched. */
static void test_what_is_no_file(void **context)
{
    (void) context;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/root/from/socket", base);
    assert_return_code(bind(fd, (struct sockaddr *) &address, sizeof(address)), errno);
    assert_return_code(mknodat(from, "fifo", S_IFIFO | 0600, 0), errno);
    assert_return_code(fchmodat(from, "fifo", 0666, 0), errno);
    bool has_device = !mknodat(from, "null", S_IFCHR | 0600, makedev(1, 3));
    make_file("file", "", 0644);
    assert_ok(path_copy_tree(from, to, false));
    assert_int_equal(look_at_copy("fifo").st_mode, S_IFIFO | 0666);
    assert_false(is_there("socket") || (has_device && is_there("null")));
    assert_true(is_there("file"));
}

static void test_mounts_below_stay(void **context)
{
    (void) context;
    char place[PATH_MAX];
    assert_return_code(mkdirat(from, "mounted", 0755), errno);
    make_file("file", "", 0644);
    snprintf(place, sizeof(place), "%s/root/from/mounted", base);
    if (mount("tmpfs", place, "tmpfs", 0, NULL))
        skip();
    int result = number_of(path_copy_tree(from, to, false));
    umount2(place, MNT_DETACH);
    assert_int_equal(result, 0);
    assert_true(is_there("file") && !is_there("mounted"));
}

static void make_depth(unsigned depth)
{
    int at = dup(from);
    for (unsigned i = 0; i < depth; i++) {
        assert_return_code(mkdirat(at, "d", 0755), errno);
        int next = openat(at, "d", O_PATH | O_DIRECTORY | O_CLOEXEC);
        close(at);
        at = next;
    }
    close(at);
}

static void test_depth(void **context)
{
    (void) context;
    make_depth(PATH_COPY_DEPTH);
    assert_ok(path_copy_tree(from, to, false));
    end(context);
    begin(context);
    make_depth(PATH_COPY_DEPTH + 1);
    assert_int_equal(number_of(path_copy_tree(from, to, false)), ELOOP);
}

static void test_no_space(void **context)
{
    (void) context;
    char place[PATH_MAX];
    snprintf(place, sizeof(place), "%s/root/to", base);
    if (mount("tmpfs", place, "tmpfs", 0, "size=4k"))
        skip();
    close(to);
    to = openat(root, "to", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char text[8193];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    make_file("large", text, 0644);
    struct error *error = path_copy_tree(from, to, false);
    umount2(place, MNT_DETACH);
    assert_non_null(error);
    assert_int_equal(error->number, ENOSPC);
    assert_non_null(strstr(error->text, "large: "));
    error_forget(error);
}

/* Exchanges a file for a link to what is not the container's, and back, until it is killed. */
static pid_t start_exchange(void)
{
    pid_t child = fork();
    while (child == 0) {
        if (symlinkat("../../c", from, "new") || renameat(from, "new", from, "victim"))
            _exit(1);
        int fd = openat(from, "new", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
        if (fd < 0 || close(fd) || renameat(from, "new", from, "victim"))
            _exit(1);
    }
    return child;
}

/* (T04) Either is copied as what it is; a race that was seen ends the copy. */
static void test_race(void **context)
{
    (void) context;
    unsigned links = 0, files = 0;
    auto_close int secret = openat(top, "c", O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_int_equal(write(secret, "secret", 6), 6);
    make_file("victim", "", 0644);
    pid_t child = start_exchange();
    assert_true(child > 0);
    for (time_t last = time(NULL) + 5; time(NULL) < last && (links < 20 || files < 20);) {
        error_forget(path_copy_tree(from, to, false));
        struct stat status = { 0 };
        if (!fstatat(to, "victim", &status, AT_SYMLINK_NOFOLLOW)) {
            links += S_ISLNK(status.st_mode);
            files += S_ISREG(status.st_mode);
            assert_false(S_ISREG(status.st_mode) && status.st_size);
        }
        unlinkat(to, "victim", 0);
        unlinkat(to, "new", 0);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_true(links + files);
}

#define COPY_TEST(name, test)                                                                      \
    {                                                                                              \
        name, test, begin, end, NULL                                                               \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        COPY_TEST("[MO47] files and directories", test_files_and_directories),
        COPY_TEST("[MO47] a large file", test_large_file),
        COPY_TEST("[MO47] many names", test_many_names),
        COPY_TEST("[MO47] (T04) links", test_links),
        COPY_TEST("[MO47] owners", test_owners),
        COPY_TEST("[MO47] what is no file", test_what_is_no_file),
        COPY_TEST("[MO47] what is mounted below stays", test_mounts_below_stay),
        COPY_TEST("[MO47] depth", test_depth),
        COPY_TEST("[MO47] no space", test_no_space),
        COPY_TEST("[MO47] (T04) a race", test_race),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
