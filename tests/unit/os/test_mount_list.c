/* SPDX-License-Identifier: Apache-2.0 */
/* os/mount_list: the lines of a mountinfo, in a directory that stands in for /proc. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "os/memory.h"
#include "os/mount_attributes.h"
#include "os/mount_list.h"

enum { PROCESS = 7, ARENA_SIZE = 1 << 20 };

static struct arena arena;

/* What is read of these lines. */
static struct error *read_lines(const char *lines, struct mount_list *list)
{
    char top[] = "/tmp/mount_list.XXXXXX", path[64];

    assert_non_null(mkdtemp(top));
    snprintf(path, sizeof(path), "%s/%d", top, PROCESS);
    assert_return_code(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/%d/mountinfo", top, PROCESS);
    auto_close int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    auto_close int proc = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(write(file, lines, strlen(lines)), strlen(lines));
    struct error *error = mount_list_read(proc, PROCESS, &arena, list);
    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
    rmdir(top);
    return error;
}

static void lines_are_read(void **state)
{
    struct mount_list list;

    (void) state;
    assert_null(read_lines("21 1 8:1 / / ro,relatime shared:1 master:2 - ext4 /dev/sda rw\n"
                           "22 21 0:5 /a /with\\040space rw,nosuid,nodev,noexec - tmpfs none rw\n"
                           "23 21 0:6 / /root,ro rw,rodent - proc - x rw\n"
                           "24 21 0:7 / /root,ro rw,nosymfollow master:9 - proc  rw,hidepid=2\n",
                           &list));
    assert_int_equal(list.n, 4);
    assert_string_equal(list.v[0].point, "/");
    assert_string_equal(list.v[0].type, "ext4");
    assert_true(list.v[0].attributes == MOUNT_ATTR_RDONLY);
    assert_string_equal(list.v[1].point, "/with space");
    assert_string_equal(list.v[1].device, "0:5");
    assert_string_equal(list.v[1].root, "/a");
    assert_true(list.v[1].parent == 21);
    assert_true(list.v[1].attributes == (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
    assert_true(list.v[2].attributes == 0);
    assert_true(list.v[3].attributes == MOUNT_ATTR_NOSYMFOLLOW);
    assert_true(list.v[0].propagation == (MS_SHARED | MS_SLAVE));
    assert_true(list.v[1].propagation == 0);
    assert_true(list.v[3].propagation == MS_SLAVE);
    assert_string_equal(list.v[0].options, "rw");
    assert_string_equal(list.v[3].options, "rw,hidepid=2"); /* the source is empty */
    assert_ptr_equal(mount_list_find(&list, 22), &list.v[1]);
    assert_ptr_equal(mount_list_find_point(&list, "/root,ro"), &list.v[3]);
    assert_null(mount_list_find_point(&list, "/root"));
    assert_null(mount_list_find(&list, 1));
}

static void what_is_no_line_is_refused(void **state)
{
    static const char *const wrong[] = {
        "\n",
        "21 1 8:1 / / rw ext4 /dev/sda rw\n",
        "x 1 8:1 / / rw - ext4 /dev/sda rw\n",
        "21 x 8:1 / / rw - ext4 /dev/sda rw\n",
        "21 1 8:1 / relative rw - ext4 /dev/sda rw\n",
        "21 - ext4 /dev/sda rw\n",
    };
    struct mount_list list;

    (void) state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct error *error = read_lines(wrong[i], &list);
        assert_non_null(error);
        assert_string_equal(error->text, "/proc/7/mountinfo has a line that is none");
        error_forget(error);
    }
}

static void what_is_below_is_told_from_what_begins_alike(void **state)
{
    (void) state;
    assert_string_equal(mount_list_below("/a/b/c", "/a"), "/b/c");
    assert_string_equal(mount_list_below("/a", "/"), "/a");
    assert_null(mount_list_below("/ab", "/a"));
    assert_null(mount_list_below("/a", "/a"));
    assert_null(mount_list_below("/a", "/a/b"));
    assert_null(mount_list_below("/", "/"));
}

static void the_type_of_a_filesystem_is_found(void **state)
{
    (void) state;
    const char *type = "untouched";

    assert_null(mount_list_find_type("/proc/self", &arena, &type));
    assert_string_equal(type, "proc");
    type = "untouched";
    struct error *error = mount_list_find_type("/nowhere/at/all", &arena, &type);
    assert_non_null(error);
    assert_int_equal(error->number, ENOENT);
    assert_string_equal(type, "untouched");
    error_forget(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(what_is_no_line_is_refused),
        cmocka_unit_test(what_is_below_is_told_from_what_begins_alike),
        cmocka_unit_test(the_type_of_a_filesystem_is_found),
    };

    if (memory_open_private(&arena, ARENA_SIZE))
        return 1;
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("os/mount_list", tests, NULL, NULL);
}
