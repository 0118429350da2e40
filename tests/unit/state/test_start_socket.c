/* SPDX-License-Identifier: Apache-2.0 */
/* state/start_socket: `start` against a forked init that runs, fails, dies, or has run already. */
#include "tests/unit/state/fixture.h"

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "os/channel.h"
#include "os/fd.h"
#include "state/start_socket.h"

static struct entry entry;
static int listener;

static int claim(void **state)
{
    listener = -1;
    return set_up(state) || store_claim(&store, "web", &entry) ? -1 : 0;
}

static int let_go(void **state)
{
    if (listener >= 0)
        close(listener);
    entry_close(&entry);
    return tear_down(state);
}

#undef TEST
#define TEST(what, function)                                                                       \
    {                                                                                              \
        what, function, claim, let_go, NULL                                                        \
    }

static bool is_waiting(const struct entry *of)
{
    bool is = false;
    assert_ok(start_socket_is_waiting(of, &is));
    return is;
}

/* What init does with the connection that says "go". */
static int end_well(int connection)
{
    error_forget(channel_send_farewell(connection)); /* nobody may be there to hear it */
    return 0;
}

static int die(int connection)
{
    (void) connection;
    return 0;
}

static int report(int connection)
{
    errno = EBUSY;
    struct error *error = error_hint(error_errno(ERROR_EXECUTABLE_REFUSED, "execute"), "do not");
    return channel_send_error(connection, error) ? 1 : 0;
}

/* Runs hooks, which end when the pipe does; the exec behind them closes the listener. */
static int hooks[2];

static int run_hooks(int connection)
{
    char word;
    close(hooks[1]);
    if (read(hooks[0], &word, 1) != 0)
        return 5;
    close(listener);
    return end_well(connection);
}

/* Makes the container's socket and an init that waits on it; ours is closed, as `create` ends. */
static pid_t create(int (*then)(int))
{
    assert_ok(start_socket_open(&entry, &listener));
    pid_t child = fork();
    if (child == 0) {
        int connection;
        if (start_socket_await(listener, &connection))
            _exit(3);
        if (fcntl(connection, F_GETFD) != FD_CLOEXEC)
            _exit(4);
        if (then != run_hooks)
            close(listener);
        _exit(then(connection));
    }
    close(listener);
    listener = -1;
    assert_ok(start_socket_publish(&entry));
    return child;
}

/* As `start` does it. */
static fallible start_web(void)
{
    auto_close int connection = -1;
    try(start_socket_say_go(&entry, &connection));
    return start_socket_hear_end(&entry, connection);
}

static void starts(void **state)
{
    (void) state;
    pid_t child = create(end_well);
    assert_true(is_there(below("web/start")));
    assert_true(is_waiting(&entry));
    assert_ok(start_web());
    assert_false(is_there(below("web/start")));
    assert_false(is_waiting(&entry));
    assert_text(start_web(), ERROR_STATE, "cannot start an already running container");
    assert_child(child);
}

static void says_nothing_before_it_is_published(void **state)
{
    (void) state;
    assert_ok(start_socket_open(&entry, &listener));
    assert_int_equal(fcntl(listener, F_GETFD), FD_CLOEXEC);
    assert_false(is_waiting(&entry));
    assert_error(start_web(), ERROR_STATE);
    assert_ok(start_socket_publish(&entry));
    assert_true(is_waiting(&entry));
}

static void brings_init_s_error(void **state)
{
    (void) state;
    pid_t child = create(report);
    struct error *error = start_web();
    assert_non_null(error);
    assert_int_equal(error->number, EBUSY);
    assert_string_equal(error->hint, "do not");
    assert_text(error, ERROR_EXECUTABLE_REFUSED, "execute");
    assert_false(is_there(below("web/start")));
    assert_child(child);
}

static void asking_does_not_start(void **state)
{
    (void) state;
    pid_t child = create(end_well);
    for (int i = 0; i < 100; i++)
        assert_true(is_waiting(&entry));
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
    assert_ok(start_web());
    assert_child(child);
}

static struct sockaddr_un address_of_start(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const char *path = below("web/start");
    assert_true(strlen(path) < sizeof(address.sun_path));
    memcpy(address.sun_path, path, strlen(path) + 1);
    return address;
}

static int connect_raw(void)
{
    struct sockaddr_un address = address_of_start();
    int raw = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_false(connect(raw, (const void *) &address, sizeof(address)));
    return raw;
}

static void wrong_words_do_not_start(void **state)
{
    (void) state;
    pid_t child = create(end_well);
    int raw = connect_raw();
    int own[2];
    static const char *const words[] = { "", "x", "r", "go, go, go" };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_int_equal(send(raw, words[i], strlen(words[i]), 0), strlen(words[i]));
    assert_ok(channel_send_farewell(raw));
    assert_ok(channel_send_error(raw, error_new(ERROR_PROTOCOL, "no")));
    assert_ok(channel_open(&own[0], &own[1]));
    assert_int_equal(fd_pass(raw, "r", 1, own[1]), 1);
    close(own[1]);
    assert_error(channel_hear_end(own[0], NULL, NULL), ERROR_INIT_DIED);
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
    assert_ok(start_web());
    assert_child(child);
    close(own[0]);
    close(raw);
}

static void a_silent_caller_keeps_nobody(void **state)
{
    (void) state;
    pid_t child = create(end_well);
    int raw = connect_raw();
    assert_ok(start_web());
    assert_child(child);
    close(raw);
}

/* The command is killed once init has heard it. */
static void starter_may_die(void **state)
{
    (void) state;
    pid_t child = create(end_well);
    int raw = connect_raw();
    int ours, theirs;
    assert_ok(channel_open(&ours, &theirs));
    assert_ok(channel_send_descriptor(raw, theirs));
    close(raw);
    close(theirs);
    close(ours);
    assert_child(child);
    assert_false(is_waiting(&entry));
    assert_true(start_socket_is_left(&entry));
    assert_text(start_web(), ERROR_STATE, "cannot start a container that has stopped");
    assert_false(is_there(below("web/start")));
}

static void dead_init_is_no_start(void **state)
{
    (void) state;
    pid_t child = create(end_well);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_false(is_waiting(&entry));
    assert_error(start_web(), ERROR_STATE);
    assert_false(is_there(below("web/start")));
}

static void init_that_dies_without_a_word_is_no_start(void **state)
{
    (void) state;
    pid_t child = create(die);
    assert_error(start_web(), ERROR_INIT_DIED);
    assert_false(is_there(below("web/start")));
    assert_child(child);
}

/* "go" lies unread in the queue of an init that then dies. */
static void init_that_dies_deaf_is_no_start(void **state)
{
    (void) state;
    int told[2];
    assert_false(pipe2(told, O_CLOEXEC));
    assert_ok(start_socket_open(&entry, &listener));
    pid_t init = fork();
    if (init == 0) {
        char word;
        close(told[1]);
        _exit(read(told[0], &word, 1) != 0);
    }
    close(listener);
    listener = -1;
    assert_ok(start_socket_publish(&entry));
    pid_t starter = fork();
    if (starter == 0) {
        close(told[1]);
        struct error *error = start_web();
        _exit(!error || error->code != ERROR_INIT_DIED);
    }
    usleep(50000);
    close(told[0]);
    close(told[1]);
    assert_child(init);
    assert_child(starter);
    assert_false(is_there(below("web/start")));
}

/* Until init has run its hooks it has not executed the program. */
static void is_created_but_not_started_twice(void **state)
{
    (void) state;
    int connection = -1, twice = -1;
    assert_false(pipe2(hooks, O_CLOEXEC));
    pid_t child = create(run_hooks);
    close(hooks[0]);
    assert_ok(start_socket_say_go(&entry, &connection));
    assert_true(is_waiting(&entry));
    assert_text(start_socket_say_go(&entry, &twice), ERROR_STATE,
                "cannot start an already running container");
    assert_true(is_waiting(&entry));
    assert_int_equal(twice, -1);
    close(hooks[1]);
    assert_ok(start_socket_hear_end(&entry, connection));
    close(connection);
    assert_false(is_waiting(&entry));
    assert_false(is_there(below("web/start")));
    assert_false(is_there(below("web/start.going")));
    assert_child(child);
}

static void replaces_leftover(void **state)
{
    (void) state;
    assert_ok(start_socket_open(&entry, &listener));
    close(listener);
    assert_ok(start_socket_open(&entry, &listener));
    assert_ok(start_socket_publish(&entry));
    assert_true(is_waiting(&entry));
}

/* A queue that nobody empties, as in a stopped container. */
static void full_queue_is_waiting(void **state)
{
    (void) state;
    assert_ok(start_socket_open(&entry, &listener));
    assert_ok(start_socket_publish(&entry));
    int raw = connect_raw();
    while (send(raw, "x", 1, 0) == 1)
        continue;
    assert_int_equal(errno, EAGAIN);
    assert_true(is_waiting(&entry));
    assert_text(start_web(), ERROR_TIMEOUT, "init takes no word");
    assert_true(is_waiting(&entry));
    close(raw);
}

/* As tares before had it. */
static void another_version_is_waiting(void **state)
{
    (void) state;
    struct sockaddr_un address = address_of_start();
    listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    assert_false(bind(listener, (const void *) &address, sizeof(address)) || listen(listener, 8));
    assert_true(is_waiting(&entry));
    assert_text(start_web(), ERROR_STATE,
                "cannot start a container that another version of tare has created");
    assert_true(is_there(below("web/start")));
}

static void works_in_a_long_path(void **state)
{
    (void) state;
    struct store deep;
    char path[600];
    int length = snprintf(path, sizeof(path), "%s", base);
    for (int i = 0; i < 40; i++)
        length += snprintf(path + length, sizeof(path) - (size_t) length, "/long-name");
    assert_ok(store_open(path, true, &arena, &deep));
    entry_close(&entry);
    assert_ok(store_claim(&deep, "web", &entry));
    pid_t child = create(end_well);
    assert_ok(start_web());
    assert_child(child);
    store_close(&deep);
}

/* Not being able to look is no answer. */
static void says_if_it_cannot_look(void **state)
{
    (void) state;
    struct rlimit before, none;
    struct entry lost = { .directory = -1, .id = "web" };
    bool is = false;
    pid_t child = create(end_well);

    assert_ok(start_socket_is_unpublished(&entry, &is));
    assert_false(is);
    assert_error(start_socket_is_unpublished(&lost, &is), ERROR_SYSTEM);
    assert_error(start_socket_is_waiting(&lost, &is), ERROR_SYSTEM);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct error *error = start_socket_is_waiting(&entry, &is);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_error(error, ERROR_SYSTEM);
    assert_ok(start_web());
    assert_child(child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("start, and not twice", starts),
        TEST("a socket that is not published does not count", says_nothing_before_it_is_published),
        TEST("the error of init is that of start", brings_init_s_error),
        TEST("asking whether init waits does not start it", asking_does_not_start),
        TEST("wrong words do not start it", wrong_words_do_not_start),
        TEST("one who says nothing keeps nobody from starting it", a_silent_caller_keeps_nobody),
        TEST("a start that is killed has started (T62)", starter_may_die),
        TEST("an init that is gone cannot be started", dead_init_is_no_start),
        TEST("an init that dies without a word is not started",
             init_that_dies_without_a_word_is_no_start),
        TEST("an init that dies before it hears is not started", init_that_dies_deaf_is_no_start),
        TEST("while its hooks run it is not started again", is_created_but_not_started_twice),
        TEST("a leftover name is replaced (T62)", replaces_leftover),
        TEST("a full queue is one that waits", full_queue_is_waiting),
        TEST("one of another version waits, and cannot be started", another_version_is_waiting),
        TEST("a long path is no hindrance", works_in_a_long_path),
        TEST("what cannot be looked at is neither there nor gone", says_if_it_cannot_look),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    channel_interrupts = eventfd(0, EFD_CLOEXEC); /* none comes */
    return cmocka_run_group_tests_name("state/start_socket", tests, NULL, NULL);
}
