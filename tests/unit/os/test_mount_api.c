/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts by descriptor, in a mount namespace of the test's own; needs root. */

#include "os/mount_api.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "os/mount_attributes.h"

static char base[] = "/tmp/tare-mount-XXXXXX";

/* Each test has a namespace in which all but the target is shared, as systemd makes it. */
static int enter_namespace(void)
{
    return unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
           mount("tmpfs", base, "tmpfs", 0, NULL) ||
           mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) || chdir(base) ||
           mkdir("source", 0755) || mkdir("target", 0755) ||
           mount("tmpfs", "target", "tmpfs", 0, NULL) || /* as the container's mounts are: */
           mount(NULL, "target", NULL, MS_PRIVATE, NULL);
}

#define check(claim)                                                                               \
    do {                                                                                           \
        if (!(claim)) {                                                                            \
            print_error("%s:%d: %s\n", __FILE__, __LINE__, #claim);                                \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

static int number_of(struct error *error)
{
    int number = error ? error->number : 0;
    error_forget(error);
    return number;
}

#define check_ok(attempt) check(number_of(attempt) == 0)

static void run(int (*test)(void))
{
    if (geteuid())
        skip();
    pid_t child = fork();
    if (!child)
        _exit(enter_namespace() ? 77 : test());
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip(); /* root without the right to mount */
    assert_int_equal(status, 0);
}

static int open_path(const char *path)
{
    return open(path, O_PATH | O_CLOEXEC);
}

/* The line of mountinfo for what is mounted last on PATH below the base, or "". */
static const char *find_line(const char *path)
{
    static char line[1024], found[1024];
    char wanted[128];
    FILE *file = fopen("/proc/self/mountinfo", "re");
    snprintf(wanted, sizeof(wanted), " %s/%s ", base, path);
    found[0] = '\0';
    while (file && fgets(line, sizeof(line), file))
        if (strstr(line, wanted))
            strcpy(found, line);
    if (file)
        fclose(file);
    return found;
}

static int look_at_new(void)
{
    const char *const options[] = { "size=1m", "mode=750", "nr_inodes=16" };
    const struct mount_filesystem tmpfs = {
        .type = "tmpfs",
        .source = "name",
        .options = options,
        .option_count = 2,
        .last_option = options[2],
        .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
    };
    auto_close int tree = -1, target = open_path("target");
    struct stat status;
    check_ok(mount_new(&tmpfs, &tree));
    check(fcntl(tree, F_GETFD) == FD_CLOEXEC);
    check(!strstr(find_line("target"), "size=1024k"));
    check_ok(mount_attach(tree, target));
    check(strstr(find_line("target"), " rw,nosuid,noexec,relatime"));
    check(strstr(find_line("target"), "tmpfs name rw,size=1024k,nr_inodes=16,mode=750"));
    check(!stat("target", &status) && (status.st_mode & 07777) == 0750);
    return 0;
}

/* Made by one mount(2), or not at all. */
static int look_at_new_here(void)
{
    const char *options[] = { "size=1m", "mode=750" }, *comma = "size=1m,mode=750", *bogus = "b=1";
    struct mount_filesystem tmpfs = {
        .type = "tmpfs",
        .source = "name",
        .options = options,
        .option_count = 2,
        .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME,
    };
    auto_close int target = open_path("source");
    char where[256];
    check(mount_new_here(&tmpfs, target));
    check(getcwd(where, sizeof(where)) && !strcmp(strrchr(where, '/'), "/source"));
    check(strstr(find_line("source"), " rw,nosuid "));
    check(!strstr(find_line("source"), "relatime"));
    check(strstr(find_line("source"), "tmpfs name rw,size=1024k,mode=750"));
    check(!chdir("/") && !chdir(base) && !umount2("source", MNT_DETACH) && !*find_line("source"));

    tmpfs.attributes = MOUNT_ATTR_RDONLY; /* the superblock would be, too */
    check(!mount_new_here(&tmpfs, target));
    tmpfs.attributes = 0;
    tmpfs.is_read_only = true;
    check(!mount_new_here(&tmpfs, target));
    tmpfs.is_read_only = false;
    tmpfs.option_count = 1;
    tmpfs.options = &comma;
    check(!mount_new_here(&tmpfs, target));
    tmpfs.options = &bogus;
    check(!mount_new_here(&tmpfs, target));
    check(!*find_line("source"));
    return 0;
}

static int look_at_refusals(void)
{
    const char *bogus = "bogus=1", *flag = "nonsense";
    char text[300] = "size=";
    const char *endless = text;
    int tree = -5;
    memset(text + 5, '1', sizeof(text) - 6);
    struct mount_filesystem tmpfs = { .type = "tmpfs", .options = &bogus, .option_count = 1 };
    struct error *error = mount_new(&tmpfs, &tree);
    check(error && error->code == ERROR_MOUNT && error->number == EINVAL);
    check(strstr(error->text, "bogus=1") && strstr(error->text, "Unknown parameter 'bogus'"));
    error_forget(error);

    tmpfs.options = &flag;
    error = mount_new(&tmpfs, &tree);
    check(error && error->number == EINVAL && strstr(error->text, "option nonsense"));
    error_forget(error);

    tmpfs.options = &endless;
    check(number_of(mount_new(&tmpfs, &tree)) == ENAMETOOLONG);
    tmpfs.type = "nosuchfs";
    check(number_of(mount_new(&tmpfs, &tree)) == ENODEV);
    check(tree == -5);
    return 0;
}

static int look_at_clones(void)
{
    auto_close int flat = -1, deep = -1, target = open_path("target");
    check(!mkdir("source/sub", 0755));
    check(!mount("tmpfs", "source/sub", "tmpfs", 0, NULL) && !mkdir("source/sub/seen", 0755));
    check_ok(mount_clone_path(AT_FDCWD, "source", false, &flat));
    check(faccessat(flat, "sub/seen", F_OK, 0) && errno == ENOENT);
    check_ok(mount_clone_path(AT_FDCWD, "source", true, &deep));
    check(!faccessat(deep, "sub/seen", F_OK, 0));

    const struct mount_change change[] = {
        { .propagation = MS_PRIVATE, .is_recursive = true },
        { .set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME, .clear = MOUNT_ATTR__ATIME },
    };
    check_ok(mount_attach_changed(deep, target, change, LENGTH(change)));
    check(mkdir("target/x", 0755) && errno == EROFS);
    check(!mkdir("target/sub/x", 0755));
    check(strstr(find_line("target"), " ro,noatime - "));
    check(strstr(find_line("target/sub"), " rw,relatime - "));
    check(mount_clone_path(AT_FDCWD, "absent", false, &flat) != OK);
    return 0;
}

static int look_at_ids(void)
{
    uint64_t id = 0, other = 0;
    bool is_same = false;
    auto_close int source = open_path("source"), here = open_path("."), root = open_path("/");
    check_ok(mount_id(source, &id));
    check_ok(mount_id(root, &other));
    check(id && id != other);
    check_ok(mount_is_same(here, source, &is_same));
    check(!is_same);
    check_ok(mount_is_same(here, here, &is_same));
    check(is_same);
    return 0;
}

static int look_at_root(bool is_moved)
{
    auto_close int tree = -1, root = -1, above = -1;
    bool is_same = false;
    const struct mount_change private = { .propagation = MS_PRIVATE, .is_recursive = true };
    check(!mkdir("source/inside", 0755));
    check_ok(mount_clone_path(AT_FDCWD, "source", true, &tree));
    check_ok(mount_isolate_all(MS_PRIVATE));
    check_ok(mount_change(tree, &private));
    check_ok(mount_attach_on_root(tree));
    check_ok(is_moved ? mount_move_root(tree) : mount_pivot(tree));
    check(!access("/inside", F_OK) && access("/etc", F_OK));
    root = open_path("/");
    above = open_path("/../..");
    check_ok(mount_is_same(root, above, &is_same));
    check(is_same);
    check(!chroot("/inside") && !fchdir(root) && !chdir("../../..")); /* the classic way out */
    check(!access("inside", F_OK) && access("etc", F_OK));
    return 0;
}

static int look_at_pivot(void)
{
    return look_at_root(false);
}

static int look_at_move(void)
{
    return look_at_root(true);
}

/* Nothing but the very directory that was copied serves, whatever has its name by now. */
static int look_at_place(void)
{
    auto_close int tree = -1, other = -1;
    char path[128];
    snprintf(path, sizeof(path), "%s/source", base);
    check_ok(mount_clone_path(AT_FDCWD, "source", true, &tree));
    check(!rename("source", "moved") && !mkdir("source", 0755));
    struct error *error = mount_attach_at(tree, path);
    check(error && error->code == ERROR_MOUNT && strstr(error->text, "no longer"));
    error_forget(error);
    check(!rmdir("source") && !symlink("moved", "source"));
    error = mount_attach_at(tree, path);
    check(error && (error->number == ENOTDIR || error->number == ELOOP));
    error_forget(error);
    check(!*find_line("moved") && !unlink("source") && !rename("moved", "source"));
    check_ok(mount_attach_at(tree, path));
    check(*find_line("source"));
    other = open_path("source");
    bool is_same = false;
    check_ok(mount_is_same(tree, other, &is_same));
    check(is_same);
    return 0;
}

/* ---- as on Linux 5.10, which has no mount_setattr(2) ---- */

static int refuse_setattr(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mount_setattr, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { LENGTH(code), code };
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int look_at_old_directory(void)
{
    const struct mount_change change[] = {
        { .propagation = MS_PRIVATE, .is_recursive = true },
        { .set = MOUNT_ATTR_RDONLY, .clear = MOUNT_ATTR_NOEXEC },
    };
    const struct mount_change recursive = { .set = MOUNT_ATTR_RDONLY, .is_recursive = true };
    auto_close int tree = -1, target = open_path("target");
    check(!mount("tmpfs", "source", "tmpfs", MS_NOSUID | MS_NOEXEC | MS_NOATIME, NULL));
    check(!refuse_setattr());
    check_ok(mount_clone_path(AT_FDCWD, "source", false, &tree));
    check(number_of(mount_change_detached(tree, &change[1])) == ENOSYS);
    check_ok(mount_attach_changed(tree, target, change, LENGTH(change)));
    check(strstr(find_line("target"), " ro,nosuid,noatime - "));
    check(strstr(find_line("source"), " rw,nosuid,noexec,noatime shared:"));
    check_ok(mount_change(tree, &recursive)); /* nothing is below */
    check(!mkdir("source/x", 0755) && !mkdir("source/x/y", 0755));
    check(!mount("source", "target", NULL, MS_BIND, NULL));
    check(!mount("tmpfs", "target/x", "tmpfs", 0, NULL));
    auto_close int above = open_path("target");
    check(number_of(mount_change(above, &recursive)) == ENOSYS);
    check(strstr(find_line("target"), " rw,"));
    check(!access("target", F_OK)); /* still in the same working directory */
    return 0;
}

static int look_at_old_file(void)
{
    const struct mount_change change = { .set = MOUNT_ATTR_RDONLY, .propagation = MS_PRIVATE };
    auto_close int tree = -1, target = -1;
    close(open("source/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    close(open("target/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    target = open_path("target/file");
    check(!refuse_setattr());
    check_ok(mount_clone_path(AT_FDCWD, "source/file", false, &tree));
    check_ok(mount_attach_changed(tree, target, &change, 1));
    check(strstr(find_line("target/file"), " ro,relatime - "));
    return 0;
}

static int look_below(void)
{
    bool has_some = true;
    auto_close int source = open_path("source");
    check(!mkdir("source/a b", 0755) && !mkdir("source/a b/c", 0755) && !mkdir("source/a", 0755));
    auto_close int spaced = open_path("source/a b"), other = open_path("source/a");
    check_ok(mount_has_below(source, &has_some));
    check(!has_some);
    check(!mount("tmpfs", "source/a b/c", "tmpfs", 0, NULL));
    check_ok(mount_has_below(other, &has_some));
    check(!has_some);
    check_ok(mount_has_below(spaced, &has_some));
    check(has_some);
    has_some = false;
    check_ok(mount_has_below(source, &has_some));
    check(has_some);
    auto_close int covered = open_path("source/a b/c");
    check_ok(mount_has_below(covered, &has_some));
    check(!has_some);
    check(!chroot("source") && !chdir("/"));
    auto_close int root = open_path("/");
    check_ok(mount_has_below(root, &has_some));
    check(has_some);
    return 0;
}

// clang-format off
static void test_new(void **context) { (void) context; run(look_at_new); }
static void test_new_here(void **context) { (void) context; run(look_at_new_here); }
static void test_refusals(void **context) { (void) context; run(look_at_refusals); }
static void test_clones(void **context) { (void) context; run(look_at_clones); }
static void test_ids(void **context) { (void) context; run(look_at_ids); }
static void test_pivot(void **context) { (void) context; run(look_at_pivot); }
static void test_place(void **context) { (void) context; run(look_at_place); }
static void test_move_root(void **context) { (void) context; run(look_at_move); }
static void test_below(void **context) { (void) context; run(look_below); }
static void test_old_directory(void **context) { (void) context; run(look_at_old_directory); }
static void test_old_file(void **context) { (void) context; run(look_at_old_file); }
// clang-format on

static int set_up(void **context)
{
    (void) context;
    return mkdtemp(base) == NULL;
}

static int tear_down(void **context)
{
    (void) context;
    return rmdir(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new),           cmocka_unit_test(test_new_here),
        cmocka_unit_test(test_refusals),      cmocka_unit_test(test_clones),
        cmocka_unit_test(test_ids),           cmocka_unit_test(test_place),
        cmocka_unit_test(test_pivot),         cmocka_unit_test(test_move_root),
        cmocka_unit_test(test_old_directory), cmocka_unit_test(test_old_file),
        cmocka_unit_test(test_below),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
