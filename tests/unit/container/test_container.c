/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a container without a cgroup: status, start, kill, delete, and what state prints.  A
 * child of the test plays init. */
#include "tests/unit/state/fixture.h"

#include <signal.h>

#include "container/container.h"
#include "libocispec/state.h"
#include "os/channel.h"
#include "os/proc.h"
#include "state/start_socket.h"

static const char config[] =
    "{\"ociVersion\":\"1.3.0\",\"process\":{\"cwd\":\"/\",\"args\":[\"x\"]}}";

/* A child that waits to be killed. */
static pid_t start_init(void)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    assert_true(child > 0);
    return child;
}

static void end_init(pid_t init)
{
    kill(init, SIGKILL);
    assert_int_equal(waitpid(init, NULL, 0), init);
}

static unsigned long long start_time(pid_t pid)
{
    int proc = -1;
    unsigned long long started;
    char letter;
    assert_ok(proc_open(true, &proc));
    assert_ok(proc_read_start(proc, pid, &started, &letter));
    close(proc);
    return started;
}

/* Makes the container "web" with this init, or without one (0). */
static struct entry make(pid_t init, unsigned long long started)
{
    struct entry entry;
    struct oci_string_entry annotation = { "key", "value" };
    const struct record record = {
        .oci_version = "1.3.0",
        .id = "web",
        .bundle = "/bundle",
        .rootfs = "/bundle/rootfs",
        .created = "2026-01-02T03:04:05.000000006Z",
        .owner = "root",
        .pid = { init, init != 0 },
        .started = { started, init != 0 },
        .annotations = { &annotation, 1 },
    };
    assert_ok(store_claim(&store, "web", &entry));
    assert_ok(entry_write(&entry, "config.json", config, strlen(config)));
    assert_ok(record_save(&entry, &record, &arena));
    return entry;
}

static void make_closed(pid_t init, unsigned long long started)
{
    struct entry entry = make(init, started);
    entry_close(&entry);
}

static struct container open_web(void)
{
    struct container container;
    assert_ok(container_open(&store, "web", &arena, &container));
    return container;
}

static enum container_status status_of_web(void)
{
    struct container container = open_web();
    enum container_status status = container.status;
    if (status != CONTAINER_CREATING)
        assert_true((status != CONTAINER_STOPPED) == (container.pidfd >= 0));
    container_close(&container);
    assert_int_equal(container.pidfd, -1);
    return status;
}

static void test_names(void **state)
{
    (void) state;
    assert_string_equal(container_status_name(CONTAINER_CREATING), "creating");
    assert_string_equal(container_status_name(CONTAINER_CREATED), "created");
    assert_string_equal(container_status_name(CONTAINER_RUNNING), "running");
    assert_string_equal(container_status_name(CONTAINER_STOPPED), "stopped");
    assert_string_equal(container_status_name(CONTAINER_PAUSED), "paused");
}

static void test_creating(void **state)
{
    (void) state;
    make_closed(0, 0);
    assert_int_equal(status_of_web(), CONTAINER_CREATING);
}

static void test_running(void **state)
{
    (void) state;
    pid_t init = start_init();
    make_closed(init, start_time(init));
    assert_int_equal(status_of_web(), CONTAINER_RUNNING);

    kill(init, SIGKILL);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t) init, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(status_of_web(), CONTAINER_STOPPED); /* a zombie */
    end_init(init);
    assert_int_equal(status_of_web(), CONTAINER_STOPPED);
}

static void test_reuse(void **state)
{
    (void) state;
    pid_t init = start_init();
    make_closed(init, start_time(init) - 1);
    assert_int_equal(status_of_web(), CONTAINER_STOPPED);

    struct container container = open_web();
    assert_text(container_kill(&container, SIGTERM, false), ERROR_STATE, "container not running");
    assert_ok(container_kill(&container, SIGTERM, true));
    assert_ok(container_delete(&store, &container, true));
    container_close(&container);
    assert_int_equal(waitpid(init, NULL, WNOHANG), 0); /* another's process is left alone */
    end_init(init);
}

static void test_created(void **state)
{
    (void) state;
    int listener = -1;
    pid_t init = start_init();
    struct entry entry = make(init, start_time(init));
    assert_ok(start_socket_open(&entry, &listener));
    entry_close(&entry);
    assert_int_equal(status_of_web(), CONTAINER_CREATING);
    assert_ok(store_find(&store, "web", &entry));
    assert_ok(start_socket_publish(&entry));
    entry_close(&entry);
    assert_int_equal(status_of_web(), CONTAINER_CREATED);

    struct container container = open_web();
    assert_text(container_delete(&store, &container, false), ERROR_STATE,
                "cannot delete a container that is not stopped: it is created");
    assert_ok(container_kill(&container, 0, false));
    container_close(&container);
    assert_int_equal(status_of_web(), CONTAINER_CREATED);
    end_init(init);
    close(listener);
    assert_int_equal(status_of_web(), CONTAINER_STOPPED);
}

/* What a `create` leaves that is killed before it publishes: nothing was ever started. */
static void test_unpublished(void **state)
{
    (void) state;
    int listener = -1;
    pid_t init = start_init();
    struct entry entry = make(init, start_time(init));
    assert_ok(start_socket_open(&entry, &listener));
    entry_close(&entry);
    assert_int_equal(status_of_web(), CONTAINER_CREATING);
    end_init(init);
    close(listener);
    assert_int_equal(status_of_web(), CONTAINER_STOPPED);
}

static void test_peek(void **state)
{
    (void) state;
    struct container container;
    struct entry held;
    store.patience = 50;
    assert_error(container_peek(&store, "web", &arena, &container), ERROR_UNKNOWN);

    /* Neither a record nor an end of the work on it. */
    assert_ok(store_claim(&store, "web", &held));
    assert_error(container_peek(&store, "web", &arena, &container), ERROR_TIMEOUT);
    assert_ok(store_remove(&store, &held));
    entry_close(&held);

    held = make(0, 0);
    assert_ok(container_peek(&store, "web", &arena, &container));
    assert_int_equal(container.status, CONTAINER_CREATING);
    assert_false(container.entry.is_locked);
    container_close(&container);
    assert_error(container_open(&store, "web", &arena, &container), ERROR_TIMEOUT);
    entry_close(&held);
}

static void test_start(void **state)
{
    (void) state;
    int listener = -1, connection = -1;
    pid_t init = start_init();
    struct entry entry = make(init, start_time(init));
    assert_ok(start_socket_open(&entry, &listener));
    assert_ok(start_socket_publish(&entry));
    entry_close(&entry);

    pid_t waiter = fork();
    if (waiter == 0)
        _exit(start_socket_await(listener, &connection) || channel_send_farewell(connection));
    close(listener);
    struct container container = open_web();
    assert_int_equal(container.status, CONTAINER_CREATED);
    assert_ok(container_start(&container));
    container_close(&container);
    assert_child(waiter);
    assert_int_equal(status_of_web(), CONTAINER_RUNNING);
    container = open_web();
    assert_text(container_start(&container), ERROR_STATE,
                "cannot start an already running container");
    container_close(&container);
    end_init(init);

    container = open_web();
    assert_text(container_start(&container), ERROR_STATE,
                "cannot start a container that has stopped");
    container.status = CONTAINER_PAUSED;
    assert_text(container_start(&container), ERROR_STATE, "cannot start a paused container");
    container.status = CONTAINER_CREATING;
    assert_text(container_start(&container), ERROR_STATE,
                "cannot start a container that was not created completely");
    container_close(&container);
}

static void test_no_process(void **state)
{
    (void) state;
    make_closed(0, 0);
    struct container container = open_web();
    container.status = CONTAINER_CREATED;
    container.record.has_process = (struct oci_opt_bool){ false, true };
    assert_text(container_start(&container), ERROR_STATE, "the config has no process to start");

    static const char without[] = "{\"ociVersion\":\"1.3.0\"}";
    container.record.has_process.present = false;
    assert_ok(entry_write(&container.entry, "config.json", without, strlen(without)));
    assert_text(container_start(&container), ERROR_STATE, "the config has no process to start");
    assert_ok(entry_write(&container.entry, "config.json", "{", 1));
    assert_error(container_start(&container), ERROR_RECORD);
    container_close(&container);
}

static void test_kill(void **state)
{
    (void) state;
    int status;
    pid_t init = start_init();
    make_closed(init, start_time(init));
    struct container container = open_web();
    assert_ok(container_kill(&container, SIGUSR1, false));
    assert_int_equal(waitpid(init, &status, 0), init);
    assert_int_equal(WTERMSIG(status), SIGUSR1);
    assert_text(container_kill(&container, SIGTERM, false), ERROR_STATE, "container not running");
    container_close(&container);

    container = open_web();
    assert_text(container_kill(&container, SIGKILL, false), ERROR_STATE, "container not running");
    assert_ok(container_kill(&container, SIGKILL, true));
    container_close(&container);
}

static void test_delete(void **state)
{
    (void) state;
    pid_t init = start_init();
    make_closed(init, start_time(init));
    struct container container = open_web();
    struct error *error = container_delete(&store, &container, false);
    assert_non_null(error);
    assert_string_not_equal(error->hint, "");
    assert_text(error, ERROR_STATE, "cannot delete a container that is not stopped: it is running");
    container.status = CONTAINER_PAUSED;
    assert_text(container_delete(&store, &container, false), ERROR_STATE,
                "cannot delete a container that is not stopped: it is paused");
    assert_int_equal(waitpid(init, NULL, WNOHANG), 0);
    assert_true(is_there(below("web/state.json")));
    container_close(&container);
    end_init(init);

    container = open_web();
    assert_ok(container_delete(&store, &container, false));
    container_close(&container);
    assert_false(is_there(below("web")));
    assert_error(container_open(&store, "web", &arena, &container), ERROR_UNKNOWN);
}

static void test_force(void **state)
{
    (void) state;
    int status;
    pid_t init = start_init();
    make_closed(init, start_time(init));
    struct container container = open_web();
    assert_ok(container_delete(&store, &container, true));
    /* It has ended when delete returns, though nobody has reaped it. */
    assert_int_equal(waitpid(init, &status, WNOHANG), init);
    assert_int_equal(WTERMSIG(status), SIGKILL);
    container_close(&container);
    assert_false(is_there(below("web")));

    make_closed(0, 0);
    container = open_web();
    assert_text(container_delete(&store, &container, false), ERROR_STATE,
                "cannot delete a container that is not stopped: it is creating");
    assert_ok(container_delete(&store, &container, true));
    container_close(&container);
    assert_false(is_there(below("web")));
}

static void test_discard(void **state)
{
    (void) state;
    struct container container;
    struct entry entry = make(0, 0);
    /* Who has a record is nobody to be discarded. */
    entry_close(&entry);
    assert_error(container_discard(&store, "web", &arena), ERROR_STATE);
    entry = (struct entry){ .directory = -1 };
    assert_ok(store_find(&store, "web", &entry));
    /* A bad cgroup path stands for any config that cannot be used: nothing is removed blindly. */
    static const char bad[] = "{\"ociVersion\":\"1.3.0\",\"linux\":{\"cgroupsPath\":\"/../x\"}}";
    assert_ok(entry_write(&entry, "config.json", bad, strlen(bad)));
    assert_ok(entry_write(&entry, RECORD_FILE, "{", 1));
    entry_close(&entry);
    assert_error(container_open(&store, "web", &arena, &container), ERROR_RECORD);
    assert_error(container_discard(&store, "web", &arena), ERROR_CONFIG);
    assert_true(is_there(below("web")));

    /* Without a record nothing was made, whatever the config asks for. */
    assert_int_equal(unlink(below("web/" RECORD_FILE)), 0);
    assert_error(container_open(&store, "web", &arena, &container), ERROR_RECORD);
    assert_ok(container_discard(&store, "web", &arena));
    assert_false(is_there(below("web")));
    assert_error(container_discard(&store, "web", &arena), ERROR_UNKNOWN);
}

static const struct oci_state *describe_web(void)
{
    const char *json;
    struct oci_problem problem;
    struct container container = open_web();
    assert_ok(container_describe(&container, NULL, &arena, &json));
    container_close(&container);
    assert_int_equal(json[strlen(json) - 1], '\n');
    const struct oci_state *described =
        oci_decode(&oci_state_schema, &arena, json, strlen(json), &problem);
    assert_non_null(described);
    return described;
}

static void test_describe(void **state)
{
    (void) state;
    pid_t init = start_init();
    make_closed(init, start_time(init));
    const struct oci_state *described = describe_web();
    assert_string_equal(described->oci_version, "1.3.0");
    assert_string_equal(described->id, "web");
    assert_int_equal(described->status, OCI_STATUS_RUNNING);
    assert_int_equal(described->pid.value, init);
    assert_string_equal(described->bundle, "/bundle");
    assert_string_equal(described->rootfs, "/bundle/rootfs");
    assert_string_equal(described->created, "2026-01-02T03:04:05.000000006Z");
    assert_string_equal(described->owner, "root");
    assert_int_equal(described->annotations.n, 1);
    assert_string_equal(described->annotations.v[0].key, "key");
    assert_string_equal(described->annotations.v[0].value, "value");

    end_init(init);
    described = describe_web();
    assert_int_equal(described->status, OCI_STATUS_STOPPED);
    assert_true(described->pid.present);
    assert_int_equal(described->pid.value, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST("[ST3] the words for statuses", test_names),
        TEST("[ST3] creating: there is no pid yet", test_creating),
        TEST("[ST3] running until init ends, zombie or not", test_running),
        TEST("[ST4] a pid that was given to another process is not ours", test_reuse),
        TEST("[ST3] [OP16] created as long as the start socket has its name", test_created),
        TEST("[ST3] creating until the start socket has its name", test_unpublished),
        TEST("who looks waits for nobody", test_peek),
        TEST("[OP10] only a created container is started", test_start),
        TEST("[OP12] a config without a process is not started", test_no_process),
        TEST("[OP14] [OP15] signals reach init, and nobody once it is gone", test_kill),
        TEST("[OP16] [OP18] only a stopped container is deleted", test_delete),
        TEST("[OP16] force kills, and waits for the end", test_force),
        TEST("a damaged container can be discarded", test_discard),
        TEST("[OP4] [ST1] [ST6] [ST7] the state is described", test_describe),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
