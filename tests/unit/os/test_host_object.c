/* SPDX-License-Identifier: Apache-2.0 */
/* os/host_object: what the host notes is what init finds, or nothing. */
#include "tests/unit/os/in_child.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "libocispec/arena.h"
#include "os/host_object.h"

static char memory[1 << 14];
static struct arena arena = { memory, sizeof(memory), 0 };
static char place[] = "/tmp/tare-object-XXXXXX";

static struct error *note(const char *path, struct host_object *object)
{
    auto_close int fd = open(path, O_PATH | O_CLOEXEC);
    demand(fd >= 0);
    return host_object_note(fd, &arena, object);
}

/* Notes a file and a directory as the host does, then becomes root of a user namespace with mounts
 * of its own. */
static void enter(struct host_object *file, struct host_object *directory)
{
    demand(mkdtemp(place) && !chdir(place) && !mkdir("d", 0755) && !mkdir("d/below", 0755));
    demand(!symlink("d", "link"));
    auto_close int made = open("d/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    demand(made >= 0);
    demand(!note("link/file", file) && !note("d", directory));
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
        _exit(CHILD_SKIPS);
}

static void remove_all(void)
{
    demand(!unlink("d/file") && !rmdir("d/below") && !rmdir("d") && !unlink("link"));
    demand(!chdir("/") && !rmdir(place));
}

static void find_again(void)
{
    struct host_object file, directory;
    struct stat status;
    auto_close int first = -1, second = -1;
    enter(&file, &directory);
    demand(strstr(file.path, "/d/file") && file.path[0] == '/');
    demand(!host_object_clone(&file, false, &first) && !fstat(first, &status));
    demand(S_ISREG(status.st_mode) && status.st_ino == file.inode);
    demand(fcntl(first, F_GETFD) == FD_CLOEXEC);
    demand(!host_object_clone(&directory, true, &second) && !fstat(second, &status));
    demand(S_ISDIR(status.st_mode));
    remove_all();
}

static void finds_the_same_again(void **state)
{
    (void) state;
    in_child(find_again);
}

static void look_after_exchange(void)
{
    struct host_object file, directory;
    int tree = 77;
    enter(&file, &directory);
    demand(!rename("d/file", "d/other") && !symlink("/etc/passwd", "d/file"));
    struct error *error = host_object_clone(&file, false, &tree);
    demand(error && error->code == ERROR_MOUNT && strstr(error->text, "is not what it was"));
    error_forget(error);
    demand(!unlink("d/file"));
    error = host_object_clone(&file, false, &tree);
    demand(error && error->number == ENOENT && tree == 77);
    error_forget(error);
    demand(!rename("d/other", "d/file"));
    remove_all();
}

static void refuses_another_object(void **state)
{
    (void) state;
    in_child(look_after_exchange);
}

/* In a user namespace mounts of the host that lie below are not left out. */
static void clone_without_below(void)
{
    struct host_object directory;
    auto_close int tree = -1;
    demand(mkdtemp(place) && !chdir(place) && !mkdir("d", 0755) && !mkdir("d/below", 0755));
    demand(!note("d", &directory));
    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("tmpfs", "d/below", "tmpfs", 0, NULL) || unshare(CLONE_NEWUSER | CLONE_NEWNS)) {
        rmdir("d/below");
        rmdir("d");
        rmdir(place);
        _exit(CHILD_SKIPS);
    }
    struct error *error = host_object_clone(&directory, false, &tree);
    demand(error && error->number == EINVAL && strstr(error->hint, "rbind"));
    error_forget(error);
    demand(!host_object_clone(&directory, true, &tree));
}

static void explains_what_lies_below(void **state)
{
    (void) state;
    if (geteuid())
        skip();
    in_child(clone_without_below);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "finds the same object again [M4]", finds_the_same_again, NULL, NULL, NULL },
        { "refuses another object in its place (R4)", refuses_another_object, NULL, NULL, NULL },
        { "explains what lies below (R11)", explains_what_lies_below, NULL, NULL, NULL },
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("os/host_object", tests, NULL, NULL);
}
