/* SPDX-License-Identifier: Apache-2.0 */
/* state/entry: files written whole or not at all, and what is not read. */
#include "tests/unit/state/fixture.h"

#include "state/record.h"

enum { LENGTH_WRITTEN = 100000 };

static struct entry entry;

static int claim(void **state)
{
    return set_up(state) || store_claim(&store, "web", &entry) ? -1 : 0;
}

static int let_go(void **state)
{
    entry_close(&entry);
    return tear_down(state);
}

#undef TEST
#define TEST(what, function)                                                                       \
    {                                                                                              \
        what, function, claim, let_go, NULL                                                        \
    }

static void reads_what_was_written(void **state)
{
    (void) state;
    struct entry_text read;
    struct stat status;
    assert_ok(entry_write(&entry, "a", "one\0two", 7));
    assert_ok(entry_read(&entry, "a", 7, &arena, &read));
    assert_int_equal(read.length, 7);
    assert_memory_equal(read.text, "one\0two", 8);
    assert_false(stat(below("web/a"), &status));
    assert_int_equal(status.st_mode & 07777, 0600);

    assert_ok(entry_write(&entry, "a", "", 0));
    assert_ok(entry_read(&entry, "a", 7, &arena, &read));
    assert_int_equal(read.length, 0);
    assert_false(is_there(below("web/a.new")));
}

/* As who made a directory that was taken for a leftover, and has found another in its place. */
static void begins_once(void **state)
{
    (void) state;
    struct entry_text read;
    struct stat status;
    assert_ok(entry_begin(&entry, "first", 5));
    assert_text(entry_begin(&entry, "second", 6), ERROR_EXISTS, "container \"web\" already exists");
    assert_ok(entry_read(&entry, CONFIG_COPY, 10, &arena, &read));
    assert_string_equal(read.text, "first");
    assert_false(stat(below("web/" CONFIG_COPY), &status));
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_ok(store_remove(&store, &entry));
    assert_false(is_there(below("web")));
}

/* What has a record must not look as if it were new. */
static void is_begun_until_its_record_is_gone(void **state)
{
    (void) state;
    assert_ok(entry_begin(&entry, "{}", 2));
    assert_false(mkdir(below("web/" RECORD_FILE), 0700)); /* unlink(2) cannot remove it */
    assert_error(store_remove(&store, &entry), ERROR_RECORD);
    assert_true(is_there(below("web/" CONFIG_COPY)));
}

static void writes_over_leftover(void **state)
{
    (void) state;
    struct entry_text read;
    char outside[128];
    snprintf(outside, sizeof(outside), "%s/outside", base);
    assert_false(symlink(outside, below("web/a.new")));
    assert_ok(entry_write(&entry, "a", "new", 3));
    assert_ok(entry_read(&entry, "a", 100, &arena, &read));
    assert_string_equal(read.text, "new");
    assert_false(is_there(outside));
}

static void keeps_old_when_writing_fails(void **state)
{
    (void) state;
    struct entry_text read;
    assert_ok(entry_write(&entry, "a", "old", 3));
    assert_false(mkdir(below("web/a.new"), 0700));
    assert_error(entry_write(&entry, "a", "new", 3), ERROR_SYSTEM);
    assert_ok(entry_read(&entry, "a", 100, &arena, &read));
    assert_string_equal(read.text, "old");
}

static void refuse_to_read(const char *why)
{
    struct entry_text read = { "untouched", 4 };
    struct error *error = entry_read(&entry, "a", 1000, &arena, &read);
    assert_non_null(error);
    assert_non_null(strstr(error->text, why));
    assert_error(error, ERROR_RECORD);
    assert_string_equal(read.text, "untouched");
}

static void refuses_other_kinds(void **state)
{
    (void) state;
    refuse_to_read("open it");
    assert_ok(entry_write(&entry, "b", "b", 1));
    assert_false(symlink("b", below("web/a")));
    refuse_to_read("open it");
    assert_false(unlink(below("web/a")));
    assert_false(mkfifo(below("web/a"), 0600));
    refuse_to_read("not a regular file");
    assert_false(unlink(below("web/a")));
    assert_false(mkdir(below("web/a"), 0700));
    refuse_to_read("not a regular file");
}

static void refuses_too_large(void **state)
{
    (void) state;
    size_t used = arena.used;
    assert_ok(entry_write(&entry, "a", "", 0));
    assert_false(truncate(below("web/a"), 1 << 30));
    refuse_to_read("1073741824 bytes are too many");
    assert_false(truncate(below("web/a"), 1001));
    refuse_to_read("1001 bytes are too many");
    assert_int_equal(arena.used, used);
}

static void refuses_what_others_can_write(void **state)
{
    (void) state;
    assert_ok(entry_write(&entry, "a", "x", 1));
    assert_false(chmod(below("web/a"), 0620));
    refuse_to_read("not ours alone");
}

static void refuses_foreign_owner(void **state)
{
    (void) state;
    if (!is_host_root())
        skip();
    assert_ok(entry_write(&entry, "a", "x", 1));
    assert_false(chown(below("web/a"), 12345, 0));
    refuse_to_read("not ours alone");
}

/* Reads without the lock until told to stop: each time all of one letter. */
static int read_until(int stop)
{
    static char bytes[LENGTH_WRITTEN + 1];
    unsigned rounds = 0;
    char word;
    while (read(stop, &word, 1) < 0 || rounds == 0) {
        int fd = open(below("web/a"), O_RDONLY);
        ssize_t got = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));
        if (got != LENGTH_WRITTEN || close(fd))
            return 1;
        for (ssize_t i = 0; i < got; i++)
            if (bytes[i] != bytes[0])
                return 2;
        rounds++;
    }
    return 0;
}

static void writes_atomically(void **state)
{
    (void) state;
    static char bytes[LENGTH_WRITTEN];
    int stop[2];
    memset(bytes, 'a', sizeof(bytes));
    assert_ok(entry_write(&entry, "a", bytes, sizeof(bytes)));
    assert_false(pipe2(stop, O_NONBLOCK | O_CLOEXEC));
    pid_t child = fork();
    if (child == 0) {
        close(stop[1]);
        _exit(read_until(stop[0]));
    }
    for (int i = 0; i < 300; i++) {
        memset(bytes, 'a' + i % 26, sizeof(bytes));
        assert_ok(entry_write(&entry, "a", bytes, sizeof(bytes)));
    }
    close(stop[0]);
    close(stop[1]);
    assert_child(child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("reads what was written", reads_what_was_written),
        TEST("the first file is made once [ST2]", begins_once),
        TEST("the first file is removed behind the record", is_begun_until_its_record_is_gone),
        TEST("writes over what a killed command left", writes_over_leftover),
        TEST("keeps the old file when writing fails", keeps_old_when_writing_fails),
        TEST("refuses what is no regular file (T31)", refuses_other_kinds),
        TEST("refuses a gigabyte before reading it (T31)", refuses_too_large),
        TEST("refuses what others can write (R22)", refuses_what_others_can_write),
        TEST("refuses what another user owns (R22)", refuses_foreign_owner),
        TEST("a reader sees the old file or the new one", writes_atomically),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("state/entry", tests, NULL, NULL);
}
