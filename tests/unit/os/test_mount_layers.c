/* SPDX-License-Identifier: Apache-2.0 */
/* os/mount_layers: the layers of an overlay, by descriptor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/mount_layers.h"

static char shorter[256];

static void expect_layer(struct mount_layers *layers, unsigned at, const char *path)
{
    struct stat opened, named;
    assert_true(at < layers->count);
    assert_int_equal(fstat(layers->fds[at], &opened), 0);
    assert_int_equal(stat(path, &named), 0);
    assert_true(opened.st_dev == named.st_dev && opened.st_ino == named.st_ino);
}

static void names_each_by_its_descriptor(void **state)
{
    (void) state;
    struct mount_layers layers;
    char expected[256];
    assert_int_equal(mount_layers_open(&layers, "/:/tmp:/proc", shorter, sizeof(shorter)), 0);
    assert_int_equal(layers.count, 3);
    expect_layer(&layers, 0, "/");
    expect_layer(&layers, 1, "/tmp");
    expect_layer(&layers, 2, "/proc");
    snprintf(expected, sizeof(expected), "/proc/self/fd/%d:/proc/self/fd/%d:/proc/self/fd/%d",
             layers.fds[0], layers.fds[1], layers.fds[2]);
    assert_string_equal(shorter, expected);
    mount_layers_close(&layers);
    assert_int_equal(layers.count, 0);
}

static void a_backslash_takes_the_next_letter_as_it_is(void **state)
{
    (void) state;
    struct mount_layers layers;
    char folder[] = "/tmp/layers-XXXXXX", odd[64];
    assert_non_null(mkdtemp(folder));
    snprintf(odd, sizeof(odd), "%s/a:b\\c", folder);
    assert_int_equal(mkdir(odd, 0700), 0);
    char value[128];
    snprintf(value, sizeof(value), "%s/a\\:b\\\\c:/", folder);
    int result = mount_layers_open(&layers, value, shorter, sizeof(shorter));
    if (result == 0) {
        expect_layer(&layers, 0, odd);
        expect_layer(&layers, 1, "/");
    }
    mount_layers_close(&layers);
    rmdir(odd);
    rmdir(folder);
    assert_int_equal(result, 0);
}

static void expect_refusal(const char *value, int number)
{
    struct mount_layers layers;
    if (mount_layers_open(&layers, value, shorter, sizeof(shorter)) != -1 || errno != number)
        fail_msg("'%s' is not refused with %d", value, number);
    mount_layers_close(&layers);
}

static void refuses_what_it_cannot_name(void **state)
{
    (void) state;
    static char longest[PATH_MAX + 2], many[2 * (MOST_LAYERS + 1) + 2];
    memset(longest, 'a', sizeof(longest) - 1);
    for (int i = 0; i <= MOST_LAYERS; i++)
        memcpy(many + 2 * i, i < MOST_LAYERS ? "/:" : "/", 2);
    expect_refusal("", ENAMETOOLONG);
    expect_refusal("/::/tmp", ENAMETOOLONG);
    expect_refusal("/:", ENAMETOOLONG);
    expect_refusal(longest, ENAMETOOLONG);
    expect_refusal(many, ENAMETOOLONG);
    expect_refusal("/:/no/such", ENOENT);
}

static void takes_as_many_as_fit(void **state)
{
    (void) state;
    struct mount_layers layers;
    char many[2 * MOST_LAYERS + 1];
    for (int i = 0; i < MOST_LAYERS; i++)
        memcpy(many + 2 * i, "/:", 2);
    many[2 * MOST_LAYERS - 1] = '\0';
    assert_int_equal(mount_layers_open(&layers, many, shorter, sizeof(shorter)), 0);
    assert_int_equal(layers.count, MOST_LAYERS);
    mount_layers_close(&layers);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_each_by_its_descriptor),
        cmocka_unit_test(a_backslash_takes_the_next_letter_as_it_is),
        cmocka_unit_test(refuses_what_it_cannot_name),
        cmocka_unit_test(takes_as_many_as_fit),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("os/mount_layers", tests, NULL, NULL);
}
