/* SPDX-License-Identifier: Apache-2.0 */
/* state/store: ids, who waits for whom, and what may be removed. */
#include "tests/unit/state/fixture.h"

#include "os/lock.h"

#include <dirent.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/mount.h>

#include "state/record.h"

static const char long_id[] = /* 128 bytes */
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

static void takes_ids(void **state)
{
    (void) state;
    static const char *const good[] = { "a", "0", "web-1_2+3.4", "A..", "9--", long_id };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_ok(store_check_id(good[i]));
}

static void refuses_ids(void **state)
{
    (void) state;
    char too_long[130], very_long[5000];
    snprintf(too_long, sizeof(too_long), "%sa", long_id);
    memset(very_long, 'a', sizeof(very_long));
    very_long[sizeof(very_long) - 1] = '\0';
    const char *const bad[] = { "",         ".",     "..",  "a/b",  "/a",     "../a",   "-x", "_x",
                                "+x",       ".x",    "a b", "a\n",  "\n",     "a\tb",   "a*", "a:b",
                                "\xc3\xa9", "a\xff", "a@b", "a\\b", too_long, very_long };
    struct entry entry;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_error(store_check_id(bad[i]), ERROR_ID);
        assert_error(store_claim(&store, bad[i], &entry), ERROR_ID);
        assert_error(store_find(&store, bad[i], &entry), ERROR_ID);
    }
    DIR *directory = opendir(root);
    assert_non_null(directory);
    unsigned names = 0;
    while (readdir(directory))
        names++;
    closedir(directory);
    assert_int_equal(names, 2);
}

static void claims_once(void **state)
{
    (void) state;
    struct entry entry, second;
    struct stat status;
    assert_ok(store_claim(&store, "web", &entry));
    assert_string_equal(entry.id, "web");
    assert_false(stat(below("web"), &status));
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(fcntl(entry.directory, F_GETFD), FD_CLOEXEC);
    assert_true(entry.is_locked);
    assert_text(store_claim(&store, "web", &second), ERROR_EXISTS,
                "container \"web\" already exists");

    assert_ok(store_remove(&store, &entry));
    assert_false(is_there(below("web")));
    assert_ok(store_claim(&store, "web", &second));
    entry_close(&entry);
    entry_close(&second);
    assert_false(entry.is_locked);
    assert_int_equal(entry.directory, -1);
}

static void finds_what_is_there(void **state)
{
    (void) state;
    struct entry entry;
    assert_text(store_find(&store, "web", &entry), ERROR_UNKNOWN,
                "container \"web\" does not exist");
    assert_ok(store_claim(&store, "web", &entry));
    entry_close(&entry);
    assert_ok(store_find(&store, "web", &entry));
    assert_string_equal(entry.id, "web");
    entry_close(&entry);
}

/* Some filesystems have other numbers in /proc/locks than stat(2) tells. */
static bool is_known_to_locks(int fd)
{
    pid_t holder = 0;
    assert_ok(lock_find_holder(fd, &holder));
    return holder == getpid();
}

static void waits_for_so_long(void **state)
{
    (void) state;
    char text[96] = "container \"web\" is busy: another tare holds its lock";
    struct entry held, entry = { .directory = 77 };
    assert_int_equal(store.patience, 30000);
    store.patience = 50;
    assert_ok(store_claim(&store, "web", &held));
    struct error *error = store_find(&store, "web", &entry);
    assert_non_null(error);
    assert_string_not_equal(error->hint, "");
    if (is_known_to_locks(held.directory))
        snprintf(text, sizeof(text), "container \"web\" is busy: process %d holds its lock",
                 getpid());
    assert_text(error, ERROR_TIMEOUT, text);
    assert_int_equal(entry.directory, 77);
    entry_close(&held);
    assert_ok(store_find(&store, "web", &entry));
    entry_close(&entry);
}

static void lets_others_have_what_it_can_still_write(void **state)
{
    (void) state;
    struct entry held, entry;
    store.patience = 50;
    assert_ok(store_claim(&store, "web", &held));
    entry_unlock(&held);
    assert_ok(store_find(&store, "web", &entry));
    assert_ok(entry_write(&held, "note", "x", 1));
    entry_unlock(&held); /* which is not the other's lock */
    assert_error(store_find(&store, "web", &held), ERROR_TIMEOUT);
    entry_close(&held);
    entry_close(&entry);
}

static void peeks_at_what_is_locked(void **state)
{
    (void) state;
    struct entry held, entry;
    assert_error(store_peek(&store, "../web", &entry), ERROR_ID);
    assert_text(store_peek(&store, "web", &entry), ERROR_UNKNOWN,
                "container \"web\" does not exist");
    assert_ok(store_claim(&store, "web", &held));
    assert_ok(store_peek(&store, "web", &entry));
    assert_string_equal(entry.id, "web");
    assert_false(entry.is_locked);
    assert_int_equal(fcntl(entry.directory, F_GETFD), FD_CLOEXEC);
    entry_close(&entry);
    assert_false(chmod(below("web"), 0777));
    assert_error(store_peek(&store, "web", &entry), ERROR_RECORD);
    assert_ok(store_remove(&store, &held));
    entry_close(&held);
    assert_false(symlink(base, below("web")));
    assert_error(store_peek(&store, "web", &entry), ERROR_RECORD);
}

static void lists_sorted(void **state)
{
    (void) state;
    struct entry entry;
    char id[16];
    for (int i = 0; i < 150; i++) {
        snprintf(id, sizeof(id), "c%03d", (i * 67) % 150);
        assert_ok(store_claim(&store, id, &entry));
        entry_close(&entry);
    }
    assert_false(mkdir(below(".hidden"), 0700));
    assert_false(mkdir(below("not an id"), 0700));
    assert_true(close(open(below("file"), O_CREAT | O_WRONLY, 0600)) == 0);
    assert_false(symlink("c000", below("link")));

    const char *const *ids;
    unsigned count;
    assert_ok(store_list(&store, &arena, &ids, &count));
    assert_int_equal(count, 150);
    for (unsigned i = 0; i < count; i++) {
        snprintf(id, sizeof(id), "c%03u", i);
        assert_string_equal(ids[i], id);
    }
}

static void refuses_foreign_owner(void **state)
{
    (void) state;
    struct entry entry;
    if (!is_host_root())
        skip();
    assert_ok(store_claim(&store, "web", &entry));
    entry_close(&entry);
    assert_false(chown(below("web"), 12345, 0));
    assert_error(store_find(&store, "web", &entry), ERROR_RECORD);
}

static void refuses_symlinked_container(void **state)
{
    (void) state;
    struct entry entry;
    char outside[128], file[160];
    snprintf(outside, sizeof(outside), "%s/outside", base);
    snprintf(file, sizeof(file), "%s/precious", outside);
    assert_false(mkdir(outside, 0700));
    assert_true(close(open(file, O_CREAT | O_WRONLY, 0600)) == 0);
    assert_false(symlink(outside, below("web")));
    assert_error(store_find(&store, "web", &entry), ERROR_RECORD);
    assert_error(store_claim(&store, "web", &entry), ERROR_EXISTS);
    assert_true(is_there(file));
}

/* A child finds "web" and says so with a byte, or with another what the error was. */
static pid_t find_in_child(struct entry *held, int *answer)
{
    int ends[2];
    assert_false(pipe2(ends, O_CLOEXEC));
    pid_t child = fork();
    if (child == 0) {
        struct store own;
        struct entry entry;
        char word = 'f';
        entry_close(held); /* or the lock would be the child's, too */
        if (store_open(root, false, &arena, &own))
            _exit(1);
        struct error *error = store_find(&own, "web", &entry);
        if (error)
            word = error->code == ERROR_UNKNOWN ? 'u' : 'e';
        _exit(write(ends[1], &word, 1) != 1);
    }
    close(ends[1]);
    *answer = ends[0];
    return child;
}

static void waits_for_the_lock(void **state)
{
    (void) state;
    struct entry entry;
    int answer;
    char word = 0;
    assert_ok(store_claim(&store, "web", &entry));
    pid_t child = find_in_child(&entry, &answer);
    struct pollfd waiting = { .fd = answer, .events = POLLIN };
    assert_int_equal(poll(&waiting, 1, 100), 0);
    entry_close(&entry);
    assert_int_equal(read(answer, &word, 1), 1);
    assert_int_equal(word, 'f');
    close(answer);
    assert_child(child);
}

static void finds_removed_while_waiting(void **state)
{
    (void) state;
    struct entry entry;
    int answer;
    char word = 0;
    assert_ok(store_claim(&store, "web", &entry));
    pid_t child = find_in_child(&entry, &answer);
    struct pollfd waiting = { .fd = answer, .events = POLLIN };
    assert_int_equal(poll(&waiting, 1, 100), 0);
    assert_ok(store_remove(&store, &entry));
    entry_close(&entry);
    assert_int_equal(read(answer, &word, 1), 1);
    assert_int_equal(word, 'u');
    close(answer);
    assert_child(child);
}

/* The one that waits must get the new container, not the directory of the old one. */
static void finds_successor(void **state)
{
    (void) state;
    struct entry entry, successor;
    int answer;
    char word = 0;
    assert_ok(store_claim(&store, "web", &entry));
    pid_t child = find_in_child(&entry, &answer);
    struct pollfd waiting = { .fd = answer, .events = POLLIN };
    assert_int_equal(poll(&waiting, 1, 100), 0);
    assert_ok(store_remove(&store, &entry));
    assert_ok(store_claim(&store, "web", &successor));
    entry_close(&entry);
    assert_int_equal(poll(&waiting, 1, 100), 0);
    entry_close(&successor);
    assert_int_equal(read(answer, &word, 1), 1);
    assert_int_equal(word, 'f');
    close(answer);
    assert_child(child);
}

/* Of many that claim at once, one gets the id; with them others find and remove it. */
static void claims_are_exclusive(void **state)
{
    (void) state;
    enum { CHILDREN = 8, ROUNDS = 60 };
    char path[128];
    snprintf(path, sizeof(path), "%s/held", base);
    pid_t children[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        if (children[i] != 0)
            continue;
        int status = 0;
        for (int round = 0; round < ROUNDS && status == 0; round++) {
            struct entry entry;
            struct error *error =
                i % 2 ? store_find(&store, "web", &entry) : store_claim(&store, "web", &entry);
            if (error) {
                status = error->code != ERROR_EXISTS && error->code != ERROR_UNKNOWN;
                error_forget(error);
                continue;
            }
            /* Whoever has it has it alone. */
            int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
            if (fd < 0 || close(fd) || unlink(path) || store_remove(&store, &entry))
                status = 2;
            entry_close(&entry);
        }
        _exit(status);
    }
    for (int i = 0; i < CHILDREN; i++)
        assert_child(children[i]);
}

static void keeps_leftover_until_removed(void **state)
{
    (void) state;
    struct entry entry;
    struct record record;
    assert_false(mkdir(below("web"), 0700));
    assert_error(store_claim(&store, "web", &entry), ERROR_EXISTS);
    assert_ok(store_find(&store, "web", &entry));
    assert_error(record_load(&entry, &arena, &record), ERROR_RECORD);
    assert_ok(store_remove(&store, &entry));
    entry_close(&entry);
    assert_false(is_there(below("web")));
}

static void removes_unknown_files(void **state)
{
    (void) state;
    struct entry entry;
    char name[32];
    assert_ok(store_claim(&store, "web", &entry));
    assert_ok(entry_write(&entry, RECORD_FILE, "{}", 2));
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof(name), "web/\x01 file\n %d", i);
        assert_false(mkfifo(below(name), 0600));
    }
    assert_false(symlink("/etc", below("web/link")));
    assert_ok(store_remove(&store, &entry));
    entry_close(&entry);
    assert_false(is_there(below("web")));
    assert_true(is_there("/etc/passwd"));
}

static void removes_trees(void **state)
{
    (void) state;
    struct entry entry;
    assert_ok(store_claim(&store, "web", &entry));
    assert_false(mkdir(below("web/notify"), 0755));
    assert_false(mknod(below("web/notify/notify.sock"), S_IFSOCK | 0666, 0));
    assert_false(mkdir(below("web/notify/0"), 0755));
    assert_false(mkdir(below("web/notify/0/0"), 0755));
    assert_false(mkdir(below("web/notify/0/1"), 0755));
    assert_false(mkdir(below("web/notify/0/1/0"), 0755));
    assert_false(symlink("/", below("web/notify/0/1/0/link")));
    assert_ok(store_remove(&store, &entry));
    assert_false(is_there(below("web")));
    entry_close(&entry);
}

static void removes_record_last(void **state)
{
    (void) state;
    struct entry entry;
    if (!is_host_root())
        skip();
    assert_ok(store_claim(&store, "web", &entry));
    assert_ok(entry_write(&entry, RECORD_FILE, "{}", 2));
    assert_false(mkdir(below("web/directory"), 0700));
    assert_false(mount("none", below("web/directory"), "tmpfs", 0, NULL));
    struct error *error = store_remove(&store, &entry);
    assert_false(umount2(below("web/directory"), MNT_DETACH));
    assert_error(error, ERROR_SYSTEM);
    assert_true(is_there(below("web/state.json")));
    entry_close(&entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("takes ids (T30)", takes_ids),
        TEST("refuses what is no id (T30)", refuses_ids),
        TEST("an id is claimed once [ST2]", claims_once),
        TEST("finds what is there", finds_what_is_there),
        TEST("waits for a lock, but not for ever", waits_for_so_long),
        TEST("lets others have what it can still write", lets_others_have_what_it_can_still_write),
        TEST("peeks at what is locked, as strictly (T31)", peeks_at_what_is_locked),
        TEST("lists sorted, and containers alone", lists_sorted),
        TEST("refuses what another user owns (R22)", refuses_foreign_owner),
        TEST("refuses a symbolic link as container (T31)", refuses_symlinked_container),
        TEST("waits for the lock", waits_for_the_lock),
        TEST("a container removed while waited for is unknown", finds_removed_while_waiting),
        TEST("a container made anew while waited for is found", finds_successor),
        TEST("claims and removals exclude each other", claims_are_exclusive),
        TEST("a leftover is taken until it is removed (T62)", keeps_leftover_until_removed),
        TEST("removes files of any name", removes_unknown_files),
        TEST("removes a tree, whatever is in it", removes_trees),
        TEST("removes the record last (T62)", removes_record_last),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("state/store", tests, NULL, NULL);
}
