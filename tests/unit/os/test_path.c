/* SPDX-License-Identifier: Apache-2.0 */
/* The container's paths: links lead inside, and what is made is made inside. */

#include "os/path.h"

#include <sys/sysmacros.h>

#include "os/path_walk.h"
#include "tests/unit/os/path_tree.h"

/* ---- what is opened ---- */

static void test_open_follows_links_inside(void **context)
{
    (void) context;
    auto_close int fd = -1, absolute = -1;
    assert_return_code(mkdirat(root, "etc", 0755), errno);
    assert_return_code(symlinkat("../../../../../etc", root, "up"), errno);
    assert_return_code(symlinkat("/etc", root, "absolute"), errno);
    assert_ok(path_open(root, "/up/../up/", O_PATH, &fd));
    assert_ok(path_open(root, "absolute", O_RDONLY | O_DIRECTORY, &absolute));
    assert_inside(fd);
    assert_inside(absolute);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void test_open_leaves_fd_alone_on_failure(void **context)
{
    (void) context;
    int fd = -7;
    assert_int_equal(number_of(path_open(root, "absent", O_PATH, &fd)), ENOENT);
    assert_int_equal(number_of(path_open(root, "", O_PATH, &fd)), ENOENT);
    assert_int_equal(fd, -7);
}

static void test_open_names_the_path(void **context)
{
    (void) context;
    int fd = -1;
    struct error *error = path_open(root, "/no/such", O_PATH, &fd);
    assert_int_equal(error->code, ERROR_PATH);
    assert_non_null(strstr(error->text, "/no/such"));
    error_forget(error);
}

static void test_limits(void **context)
{
    (void) context;
    int fd = -1;
    char text[2 * PATH_MAX];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(number_of(path_open(root, text, O_PATH, &fd)), ENAMETOOLONG);
    assert_int_equal(number_of(path_make_directory(root, text, 0755, &fd)), ENAMETOOLONG);
    assert_int_equal(number_of(path_make_link(root, text, "x")), ENAMETOOLONG);

    char name[16], target[16];
    close(openat(root, "link0", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    for (int i = 1; i <= PATH_WALK_LINKS + 1; i++) {
        snprintf(name, sizeof(name), "link%d", i);
        snprintf(target, sizeof(target), "link%d", i - 1);
        assert_return_code(symlinkat(target, root, name), errno);
    }
    const struct path_walk how = { .flags = O_PATH };
    assert_int_equal(path_walk(root, "link41", &how, &fd), ELOOP);
    assert_int_equal(number_of(path_open(root, "link41", O_PATH, &fd)), ELOOP);
    assert_int_equal(path_walk(root, "link40", &how, &fd), 0);
    close(fd);
}

/* ---- what is made ---- */

static void test_make_directory(void **context)
{
    (void) context;
    int fd = -1;
    umask(027);
    assert_ok(path_make_directory(root, "/x//y/./z/", 0755, &fd));
    assert_inside(fd);
    close(fd);
    assert_int_equal(look("x").st_mode, S_IFDIR | 0750);
    assert_int_equal(look("x/y/z").st_mode, S_IFDIR | 0750);
    assert_ok(path_make_directory(root, "x/y", 0700, &fd));
    close(fd);
    assert_int_equal(look("x/y").st_mode, S_IFDIR | 0750);
    close(openat(root, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    assert_int_equal(number_of(path_make_directory(root, "file", 0755, &fd)), ENOTDIR);
    assert_int_equal(number_of(path_make_directory(root, "file/x", 0755, &fd)), ENOTDIR);
}

static void test_make_file(void **context)
{
    (void) context;
    int fd = -1;
    assert_ok(path_make_file(root, "/etc/deep/file", 0640, &fd));
    assert_true(fcntl(fd, F_GETFL) & O_PATH);
    close(fd);
    assert_int_equal(look("etc/deep/file").st_mode, S_IFREG | 0640);
    assert_int_equal(look("etc/deep").st_mode, S_IFDIR | 0755);
    assert_ok(path_make_file(root, "etc/deep/file", 0600, &fd));
    close(fd);
    assert_int_equal(look("etc/deep/file").st_mode, S_IFREG | 0640);
    assert_int_equal(number_of(path_make_file(root, "etc", 0600, &fd)), EISDIR);
    assert_int_equal(number_of(path_make_file(root, "new/", 0600, &fd)), EISDIR);
    assert_int_equal(number_of(path_make_file(root, "etc/deep/file/x", 0600, &fd)), ENOTDIR);
}

/* As in images whose /etc/resolv.conf leads to a file of systemd that is not there. */
static void test_dangling_link_leads_inside(void **context)
{
    (void) context;
    int fd = -1;
    uint64_t before = digest(top, "canary");
    assert_return_code(symlinkat("../../../../run/resolve/stub.conf", root, "resolv.conf"), errno);
    assert_return_code(symlinkat("/canary/new", root, "out"), errno);
    assert_ok(path_make_file(root, "/resolv.conf", 0644, &fd));
    close(fd);
    assert_ok(path_make_directory(root, "out/new", 0755, &fd));
    close(fd);
    assert_true(S_ISREG(look("run/resolve/stub.conf").st_mode));
    assert_true(S_ISDIR(look("canary/new/new").st_mode));
    assert_true(digest(top, "canary") == before);
}

static void test_open_parent(void **context)
{
    (void) context;
    int fd = -1;
    const char *name = NULL;
    const char path[] = "/x/y/last";
    assert_int_equal(number_of(path_open_parent(root, path, false, &fd, &name)), ENOENT);
    assert_ok(path_open_parent(root, path, true, &fd, &name));
    assert_ptr_equal(name, path + 5);
    close(fd);
    assert_ok(path_open_parent(root, "//", false, &fd, &name));
    assert_string_equal(name, ".");
    close(fd);
    assert_ok(path_open_parent(root, "plain", false, &fd, &name));
    assert_string_equal(name, "plain");
    close(fd);
    assert_int_equal(number_of(path_open_parent(root, "x/..", true, &fd, &name)), EINVAL);
    assert_int_equal(number_of(path_open_parent(root, "x/.", true, &fd, &name)), EINVAL);
    assert_int_equal(number_of(path_open_parent(root, "x/y/", true, &fd, &name)), EISDIR);
}

static void test_make_link(void **context)
{
    (void) context;
    char target[16] = "";
    assert_ok(path_make_link(root, "/dev/fd", "/proc/self/fd"));
    assert_ok(path_make_link(root, "/dev/fd", "elsewhere"));
    assert_true(readlinkat(root, "dev/fd", target, sizeof(target) - 1) > 0);
    assert_string_equal(target, "/proc/self/fd");
}

static void test_make_fifo_has_exact_mode(void **context)
{
    (void) context;
    const struct path_node fifo = { .mode = S_IFIFO | 0666, .uid = geteuid(), .gid = getegid() };
    const struct path_node other = { .mode = S_IFIFO | 0620, .uid = geteuid(), .gid = getegid() };
    umask(0);
    assert_ok(path_make_node(root, "/dev/deep/fifo", &fifo));
    assert_int_equal(look("dev/deep/fifo").st_mode, S_IFIFO | 0666);
    assert_ok(path_make_node(root, "/dev/deep/fifo", &other));
    assert_int_equal(look("dev/deep/fifo").st_mode, S_IFIFO | 0620);
    umask(022);
}

/* Each by itself; what is made has all three all the same. */
static void test_make_node_keeps_existing(void **context)
{
    (void) context;
    struct path_node fifo = { .mode = S_IFIFO | 0620, .uid = geteuid(), .gid = getegid() };
    fifo.keeps_mode = fifo.keeps_uid = fifo.keeps_gid = true;
    assert_ok(path_make_node(root, "fifo", &fifo));
    assert_int_equal(look("fifo").st_mode, S_IFIFO | 0620);
    const ino_t inode = look("fifo").st_ino;
    fifo.mode = S_IFIFO | 0666;
    fifo.uid = fifo.gid = 12345; /* a plain user would fail with it */
    assert_ok(path_make_node(root, "fifo", &fifo));
    assert_int_equal(look("fifo").st_mode, S_IFIFO | 0620);
    assert_true(look("fifo").st_uid == geteuid() && look("fifo").st_gid == getegid());
    fifo.keeps_mode = false;
    assert_ok(path_make_node(root, "fifo", &fifo));
    assert_int_equal(look("fifo").st_mode, S_IFIFO | 0666);
    assert_true(look("fifo").st_uid == geteuid() && look("fifo").st_gid == getegid());
    assert_true(look("fifo").st_ino == inode);
    close(openat(root, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    assert_int_equal(number_of(path_make_node(root, "file", &fifo)), EEXIST);
}

/* Only what came out right at once proves something of the next. */
static void test_make_nodes(void **context)
{
    (void) context;
    struct path_node fifo = { .mode = S_IFIFO | 0666, .uid = geteuid(), .gid = getegid() };
    umask(0);
    struct path_nodes nodes = { .directory = root };
    assert_ok(path_make_node_in(&nodes, "first", &fifo));
    assert_true(nodes.is_proven);
    assert_ok(path_make_node_in(&nodes, "second", &fifo));
    assert_int_equal(look("second").st_mode, S_IFIFO | 0666);
    fifo.mode = S_IFIFO | 0620;
    assert_ok(path_make_node_in(&nodes, "second", &fifo)); /* is there: is looked at */
    assert_int_equal(look("second").st_mode, S_IFIFO | 0620);
    close(openat(root, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    assert_int_equal(number_of(path_make_node_in(&nodes, "file", &fifo)), EEXIST);
    umask(022);
    struct path_nodes others = { .directory = root };
    assert_ok(path_make_node_in(&others, "third", &fifo));
    fifo.mode = S_IFIFO | 0666;
    assert_ok(path_make_node_in(&others, "fourth", &fifo));
    assert_int_equal(look("fourth").st_mode, S_IFIFO | 0666); /* the umask has had its way */
    assert_ok(path_make_node_in(&others, "fifth", &fifo));
    assert_int_equal(look("fifth").st_mode, S_IFIFO | 0666);
}

/* [D4] */
static void test_make_node_refuses_another(void **context)
{
    (void) context;
    const struct path_node fifo = { .mode = S_IFIFO | 0666, .uid = geteuid(), .gid = getegid() };
    close(openat(root, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    assert_return_code(symlinkat("/file", root, "link"), errno);
    assert_int_equal(number_of(path_make_node(root, "file", &fifo)), EEXIST);
    assert_int_equal(number_of(path_make_node(root, "link", &fifo)), EEXIST);
    assert_int_equal(look("file").st_mode, S_IFREG | 0644);
}

static void test_make_device(void **context)
{
    (void) context;
    struct path_node null = { .mode = S_IFCHR | 0666, .device = makedev(1, 3), .uid = 7, .gid = 9 };
    if (geteuid() || mknodat(top, "probe", S_IFCHR | 0600, makedev(1, 3)))
        skip();
    assert_ok(path_make_node(root, "null", &null));
    struct stat status = look("null");
    assert_int_equal(status.st_mode, S_IFCHR | 0666);
    assert_true(status.st_rdev == makedev(1, 3) && status.st_uid == 7 && status.st_gid == 9);
    null.device = makedev(1, 5);
    assert_int_equal(number_of(path_make_node(root, "null", &null)), EEXIST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_open_follows_links_inside, empty_root),
        cmocka_unit_test_setup(test_open_leaves_fd_alone_on_failure, empty_root),
        cmocka_unit_test_setup(test_open_names_the_path, empty_root),
        cmocka_unit_test_setup(test_limits, empty_root),
        cmocka_unit_test_setup(test_make_directory, empty_root),
        cmocka_unit_test_setup(test_make_file, empty_root),
        cmocka_unit_test_setup(test_dangling_link_leads_inside, empty_root),
        cmocka_unit_test_setup(test_open_parent, empty_root),
        cmocka_unit_test_setup(test_make_link, empty_root),
        cmocka_unit_test_setup(test_make_fifo_has_exact_mode, empty_root),
        { "[D4] test_make_node_keeps_existing", test_make_node_keeps_existing, empty_root, NULL,
          NULL },
        cmocka_unit_test_setup(test_make_nodes, empty_root),
        { "[D4] test_make_node_refuses_another", test_make_node_refuses_another, empty_root, NULL,
          NULL },
        cmocka_unit_test_setup(test_make_device, empty_root),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
