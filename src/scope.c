/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program `scope`: what tare has to say to systemd over D-Bus (org.freedesktop.systemd1(5)),
 * for linux.cgroupsPath.  It is one of its own so that tare need not be linked with libsystemd.
 *
 *     scope start|set|attach|stop
 *
 * One request, on standard input, in lines:
 *
 *     bus ADDRESS                  where to connect, unix:path=...
 *     unit NAME                    "tare-web.scope"
 *     seconds NUMBER               that an answer may take, and so may a job
 *     description TEXT             stop: how that of the unit must begin, else it is not ours
 *     subgroup PATH, pid NUMBER    attach: "/container", and who is moved there
 *     property NAME SIGNATURE      start, set: a property, and behind it its value, in order:
 *     a SIGNATURE, r SIGNATURE         an array of, a struct of; ended by
 *     .
 *     =T VALUE                         a basic value of the type T of D-Bus, to the end of the line
 *
 * One reply, on standard output, and the exit status 0:
 *     ok, or ok PATH               start: the unit's cgroup, from the root of the mount
 *     error KIND TEXT              KIND: bus, exists, job, late, refused, request
 *
 * start returns when systemd's job is done, and stop when the unit's name is free.  What the
 * library allocates is never freed: the process ends, by _exit(2), which looks for no leaks.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#define DESTINATION "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER DESTINATION, MANAGER_PATH, DESTINATION ".Manager"
#define NO_SUCH_UNIT DESTINATION ".NoSuchUnit"
#define UNIT_EXISTS DESTINATION ".UnitExists"

enum { REQUEST_SIZE = 1 << 20, USAGE_STATUS = 64, PAUSES = 50, NANOSECONDS = 1000000 };
static const uint64_t second = 1000000;
static char request[REQUEST_SIZE];

struct call {
    const char *address, *unit, *description, *subgroup;
    uint32_t pid, seconds;
    char *properties; /* what is behind the other lines, or NULL */
    sd_bus *bus;
    const char *job, *cgroup; /* that is waited for; of the new scope */
    char result[32];          /* the job's end: "done"; "" before */
};

static _Noreturn void fail(const char *kind, const char *text)
{
    char line[1024];

    snprintf(line, sizeof(line), "%s", text ? text : "no reason is given");
    for (char *c = line; *c; c++)
        if ((unsigned char) *c < ' ')
            *c = ' ';
    printf("error %s %s\n", kind, line);
    _exit(fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS);
}

static void need(int result, const char *kind)
{
    if (result < 0)
        fail(kind, strerror(-result));
}

/* Of a call: an answer that says no, none in time, or none because the bus has gone. */
static void need_call(int result, const sd_bus_error *error)
{
    const char *kind = result == -ETIMEDOUT ? "late" : "refused";

    if (result < 0)
        fail(result == -ECONNRESET || result == -ENOTCONN ? "bus" : kind, error->message);
}

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t) time.tv_sec * second + (uint64_t) time.tv_nsec / 1000;
}

static void read_request(void)
{
    size_t length = 0;
    ssize_t got;

    while ((got = read(STDIN_FILENO, request + length, sizeof(request) - 1 - length)) > 0)
        length += (size_t) got;
    if (got < 0 || length >= sizeof(request) - 1 || strlen(request) != length)
        fail("request", "it cannot be read, is too long, or has a NUL");
}

/* Ends the line at AT, and gives the next one; NULL at the end. */
static char *next_line(char *at)
{
    char *end = strchr(at, '\n');

    if (!end)
        return NULL;
    *end = '\0';
    return end[1] ? end + 1 : NULL;
}

/* What is behind the word and a space, if the line begins so. */
static char *value_of(char *line, const char *word)
{
    size_t length = strlen(word);

    return !strncmp(line, word, length) && line[length] == ' ' ? line + length + 1 : NULL;
}

static void parse_request(struct call *call)
{
    const struct {
        const char *word;
        const char **value;
    } words[] = {
        { "bus", &call->address },
        { "unit", &call->unit },
        { "description", &call->description },
        { "subgroup", &call->subgroup },
    };
    char *next;

    for (char *line = request; line; line = next) {
        const char *value = NULL;
        if (value_of(line, "property")) {
            call->properties = line;
            break;
        }
        next = next_line(line);
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && !value; i++)
            if ((value = value_of(line, words[i].word)))
                *words[i].value = value;
        if (!value && (value = value_of(line, "pid")))
            call->pid = (uint32_t) strtoul(value, NULL, 10);
        else if (!value && (value = value_of(line, "seconds")))
            call->seconds = (uint32_t) strtoul(value, NULL, 10);
        else if (!value)
            fail("request", line);
    }
    if (!call->address || !call->unit || !call->seconds)
        fail("request", "bus, unit or seconds is missing");
}

/* A negative number is one modulo 2^64, and so modulo what its type has room for. */
static int append_number(sd_bus_message *message, char type, const char *text)
{
    const char types[] = { type, '\0' };
    const uint64_t number = strtoull(text, NULL, 10);

    if (type == 'd')
        return sd_bus_message_append(message, types, strtod(text, NULL));
    if (strchr("xt", type))
        return sd_bus_message_append(message, types, number);
    return strchr("bynqiu", type) ? sd_bus_message_append(message, types, (uint32_t) number)
                                  : -EINVAL;
}

static int append_token(sd_bus_message *message, const char *line)
{
    if (line[0] == '=' && line[1] && line[2] == ' ')
        return strchr("sog", line[1]) ? sd_bus_message_append_basic(message, line[1], line + 3)
                                      : append_number(message, line[1], line + 3);
    if ((line[0] == 'a' || line[0] == 'r') && line[1] == ' ')
        return sd_bus_message_open_container(message, line[0], line + 2);
    if (line[0] == '.' && !line[1])
        return sd_bus_message_close_container(message);
    return -EINVAL;
}

/* The property that begins here; the line of the next one, or NULL. */
static char *append_property(sd_bus_message *message, char *line)
{
    char *name = value_of(line, "property");
    char *next = next_line(line);
    char *signature = name ? strchr(name, ' ') : NULL;

    if (!signature)
        fail("request", line);
    *signature++ = '\0';
    need(sd_bus_message_open_container(message, 'r', "sv"), "request");
    need(sd_bus_message_append_basic(message, 's', name), "request");
    need(sd_bus_message_open_container(message, 'v', signature), "request");
    for (line = next; line && !value_of(line, "property"); line = next) {
        next = next_line(line);
        need(append_token(message, line), "request");
    }
    need(sd_bus_message_close_container(message), "request");
    need(sd_bus_message_close_container(message), "request");
    return line;
}

static void append_properties(sd_bus_message *message, char *properties)
{
    need(sd_bus_message_open_container(message, 'a', "(sv)"), "request");
    while (properties)
        properties = append_property(message, properties);
    need(sd_bus_message_close_container(message), "request");
}

static int hear_job(sd_bus_message *message, void *context, sd_bus_error *error)
{
    struct call *call = context;
    const char *job, *unit, *result;
    uint32_t id;

    (void) error;
    if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) > 0 && call->job &&
        !strcmp(job, call->job))
        snprintf(call->result, sizeof(call->result), "%s", result);
    return 0;
}

static void connect_bus(struct call *call)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;

    need(sd_bus_new(&call->bus), "bus");
    need(sd_bus_set_address(call->bus, call->address), "bus");
    need(sd_bus_set_bus_client(call->bus, true), "bus");
    need(sd_bus_set_method_call_timeout(call->bus, call->seconds * second), "bus");
    need(sd_bus_start(call->bus), "bus");
    need(sd_bus_match_signal(call->bus, NULL, MANAGER, "JobRemoved", hear_job, call), "bus");
    if (sd_bus_call_method(call->bus, MANAGER, "Subscribe", &error, NULL, NULL) < 0)
        fail("bus", error.message);
}

static sd_bus_message *new_call(const struct call *call, const char *method)
{
    sd_bus_message *message = NULL;

    need(sd_bus_message_new_method_call(call->bus, &message, MANAGER, method), "bus");
    return message;
}

static void await_job(struct call *call, sd_bus_message *reply)
{
    uint64_t end = now() + call->seconds * second;

    need(sd_bus_message_read(reply, "o", &call->job), "bus");
    while (!call->result[0]) {
        int done = sd_bus_process(call->bus, NULL);
        need(done, "bus");
        if (done)
            continue;
        uint64_t at = now();
        if (at >= end)
            fail("late", "its job has not ended in time");
        need(sd_bus_wait(call->bus, end - at), "bus");
    }
    if (strcmp(call->result, "done"))
        fail("job", call->result);
}

/* A property of the unit; NULL when it has none, or is not there. */
static const char *read_unit(const struct call *call, const char *interface, const char *name)
{
    char *path = NULL, *value = NULL;

    need(sd_bus_path_encode(MANAGER_PATH "/unit", call->unit, &path), "request");
    sd_bus_get_property_string(call->bus, DESTINATION, path, interface, name, NULL, &value);
    return value;
}

static bool is_loaded(const struct call *call)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;
    int result = sd_bus_call_method(call->bus, MANAGER, "GetUnit", &error, NULL, "s", call->unit);
    if (!sd_bus_error_has_name(&error, NO_SUCH_UNIT))
        need_call(result, &error);
    return result >= 0;
}

/* One that has ended is forgotten in a moment, and in the time of an answer at most. */
static bool is_forgotten(const struct call *call)
{
    const uint64_t end = now() + call->seconds * second;
    for (int i = 0; i == 0 || now() < end; i++) {
        if (!is_loaded(call))
            return true;
        const char *state = read_unit(call, DESTINATION ".Unit", "ActiveState");
        if (state && strcmp(state, "inactive") && strcmp(state, "failed"))
            return false;
        if (i == 0)
            sd_bus_call_method(call->bus, MANAGER, "ResetFailedUnit", NULL, NULL, "s", call->unit);
        nanosleep(&(struct timespec){ .tv_nsec = (i < PAUSES ? 1L : 5L) * NANOSECONDS }, NULL);
    }
    return false;
}

/* The name may be that of a unit that has just ended: who deletes a container and makes it anew
 * shall not have to wait. */
static void start(struct call *call)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;

    if (is_loaded(call) && !is_forgotten(call))
        fail("exists", "there is such a unit");
    sd_bus_message *message = new_call(call, "StartTransientUnit"), *reply = NULL;
    need(sd_bus_message_append(message, "ss", call->unit, "fail"), "request");
    append_properties(message, call->properties);
    need(sd_bus_message_append(message, "a(sa(sv))", 0), "request");
    int result = sd_bus_call(call->bus, message, 0, &error, &reply);
    if (sd_bus_error_has_name(&error, UNIT_EXISTS))
        fail("exists", error.message);
    need_call(result, &error);
    await_job(call, reply);
    call->cgroup = read_unit(call, DESTINATION ".Scope", "ControlGroup");
    if (!call->cgroup || call->cgroup[0] != '/' || !call->cgroup[1])
        fail("job", "the scope has no cgroup: its process may have ended");
}

/* systemd writes to the cgroup behind its answer, but before it hears the next call. */
static void set(struct call *call)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message *message = new_call(call, "SetUnitProperties");

    need(sd_bus_message_append(message, "sb", call->unit, true), "request");
    append_properties(message, call->properties);
    need_call(sd_bus_call(call->bus, message, 0, &error, NULL), &error);
    is_loaded(call);
}

static void attach(struct call *call)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;

    need_call(sd_bus_call_method(call->bus, MANAGER, "AttachProcessesToUnit", &error, NULL, "ssau",
                                 call->unit, call->subgroup ? call->subgroup : "", 1, call->pid),
              &error);
}

static bool is_ours(const struct call *call)
{
    const char *description = read_unit(call, DESTINATION ".Unit", "Description");

    if ((!description && is_loaded(call)) || !call->description)
        fail("refused", "the description of the unit cannot be read");
    return description && !strncmp(description, call->description, strlen(call->description));
}

static void stop(struct call *call)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message *reply = NULL;

    if (!is_loaded(call) || !is_ours(call))
        return;
    int result = sd_bus_call_method(call->bus, MANAGER, "StopUnit", &error, &reply, "ss",
                                    call->unit, "replace");
    if (sd_bus_error_has_name(&error, NO_SUCH_UNIT))
        return;
    need_call(result, &error);
    await_job(call, reply);
    if (!is_forgotten(call))
        fail("late", "it does not go away");
}

static void harden(void)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ||
        setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }))
        fail("bus", strerror(errno));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(struct call *);
    } verbs[] = { { "start", start }, { "set", set }, { "attach", attach }, { "stop", stop } };
    struct call call = { .unit = NULL };

    for (size_t i = 0; argc == 2 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(argv[1], verbs[i].name))
            continue;
        harden();
        read_request();
        parse_request(&call);
        connect_bus(&call);
        verbs[i].run(&call);
        printf("ok%s%s\n", call.cgroup ? " " : "", call.cgroup ? call.cgroup : "");
        _exit(fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS);
    }
    fprintf(stderr, "usage: scope start|set|attach|stop, by tare alone\n");
    return USAGE_STATUS;
}
