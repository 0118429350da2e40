/* SPDX-License-Identifier: Apache-2.0 */
/* libocispec/mount: the words of options, and how a destination can be written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "libocispec/mount.h"

/* "0:ro 0:nosuid 1:size=1" */
static const char *show(const struct oci_mount *mount)
{
    static char text[256];
    struct oci_mount_word word = { 0 };
    size_t used = 0;
    text[0] = '\0';
    while (oci_mount_next_word(mount, &word))
        used += (size_t) snprintf(text + used, sizeof(text) - used, "%s%u:%.*s", used ? " " : "",
                                  word.option, (int) word.length, word.text);
    return text;
}

static void splits_at_commas(void **state)
{
    (void) state;
    const char *options[] = { "ro,nosuid", "",     ",,rbind,,", ",", "lowerdir=/a\\,b:/c\\:d,x",
                              "end\\",     "a\\,", "last" };
    struct oci_mount mount = { .options = { options, 8 } };
    assert_string_equal(show(&mount), "0:ro 0:nosuid 2:rbind 4:lowerdir=/a\\,b:/c\\:d 4:x 5:end\\ "
                                      "6:a\\, 7:last");
    mount.options.n = 0;
    assert_string_equal(show(&mount), "");
}

static void finds_words(void **state)
{
    (void) state;
    const char *options[] = { "rw,nodev", "rbind" };
    const struct oci_mount mount = { .options = { options, 2 } };
    assert_true(oci_mount_has_word(&mount, "rw"));
    assert_true(oci_mount_has_word(&mount, "nodev"));
    assert_true(oci_mount_has_word(&mount, "rbind"));
    assert_false(oci_mount_has_word(&mount, "bind"));
    assert_false(oci_mount_has_word(&mount, "dev"));
    assert_false(oci_mount_has_word(&mount, "rw,nodev"));
    assert_false(oci_mount_has_word(&mount, "r"));
    assert_false(oci_mount_has_word(&mount, ""));
}

static void compares_places(void **state)
{
    (void) state;
    static const char *const same[] = {
        "/dev/pts",      "/dev/pts/",   "//dev//pts//",       "dev/pts",
        "/dev/./pts/.",  "/./dev/pts",  "/a/../dev/pts",      "/dev/x/../pts",
        "/dev/pts/x/..", "/../dev/pts", "/dev/x/y/../../pts", "/dev/x/../y/../pts",
    };
    static const char *const other[] = {
        "/dev",       "/pts",         "/dev/ptsx",    "/dev/xpts", "/dev/pts/x", "/dev/pts/..",
        "/x/dev/pts", "/dev/pts/...", "/.dev/pts",    "",          "/",          "/devpts",
        "/dev/..pts", "/dev/../pts",  "/dev/./x/pts", "/pts/dev",
    };
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        const struct oci_mount mount = { .destination = same[i] };
        if (!oci_mount_is_at(&mount, "/dev/pts"))
            fail_msg("%s", same[i]);
    }
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        const struct oci_mount mount = { .destination = other[i] };
        if (oci_mount_is_at(&mount, "/dev/pts"))
            fail_msg("%s", other[i]);
    }
    const struct oci_mount none = { 0 }, root = { .destination = "/x/.." };
    assert_false(oci_mount_is_at(&none, "/dev/pts"));
    assert_true(oci_mount_is_at(&root, "/"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_at_commas),
        cmocka_unit_test(finds_words),
        cmocka_unit_test(compares_places),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("libocispec/mount", tests, NULL, NULL);
}
