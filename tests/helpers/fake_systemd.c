/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the place of systemd and its bus, for tests of the program `scope` (src/scope.c):
 *
 *     fake_systemd SOCKET [REACTION...]
 *
 * Takes one connection at SOCKET, as a bus does, and answers its calls one by one until it ends.
 * What is called stands on standard output: the method, then each value in it on a line of its own.
 * A reaction is METHOD=WORD, and holds for the next call of that method; several may follow each
 * other.  Without one a unit is not there (GetUnit), and all else succeeds.
 *
 *     METHOD=error:NAME:TEXT   refuses it; org.freedesktop. stands before the name
 *     METHOD=job:RESULT        a job, which ends with that result ("done") behind the answer
 *     METHOD=job-before:RESULT the same, but its end comes before the answer
 *     METHOD=job-never:        a job without an end
 *     METHOD=never:            no answer
 *     METHOD=close:            the end of the connection
 *     METHOD=unit:             GetUnit: it is there
 *     Get=TEXT                 of a property: that string, if it is no error
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define JOB "/org/freedesktop/systemd1/job/7"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define NO_SUCH_UNIT "org.freedesktop.systemd1.NoSuchUnit"
#define MANAGER "org.freedesktop.systemd1.Manager"

static char **reactions;
static sd_bus *bus;

static void need(int result, const char *what)
{
    if (result >= 0)
        return;
    fprintf(stderr, "fake_systemd: %s: %s\n", what, strerror(-result));
    exit(1);
}

/* The next reaction to METHOD, which is used up; NULL without one. */
static const char *take_reaction(const char *method)
{
    size_t length = strlen(method);

    for (char **reaction = reactions; *reaction; reaction++) {
        const char *word = *reaction;
        if (strncmp(word, method, length) != 0 || word[length] != '=')
            continue;
        for (char **next = reaction; *next; next++)
            next[0] = next[1];
        return word + length + 1;
    }
    return NULL;
}

static void tell_basic(sd_bus_message *message, char type)
{
    union {
        const char *text;
        uint64_t number;
        double real;
    } value = { .number = 0 };

    need(sd_bus_message_read_basic(message, type, &value), "read");
    if (strchr("sog", type))
        printf("%c %s\n", type, value.text);
    else if (type == 'd')
        printf("d %g\n", value.real);
    else
        printf("%c %llu\n", type, (unsigned long long) value.number);
}

/* Every value up to the end of what has been entered. */
static void tell_values(sd_bus_message *message)
{
    const char *inner;
    char type;

    while (sd_bus_message_peek_type(message, &type, &inner) > 0) {
        if (!strchr("arvr(e", type)) {
            tell_basic(message, type);
            continue;
        }
        printf("%c %s\n", type, inner);
        need(sd_bus_message_enter_container(message, type, inner), "enter");
        tell_values(message);
        need(sd_bus_message_exit_container(message), "exit");
        printf(".\n");
    }
}

/* A bus names the sender of all that it passes on. */
static void end_one_job(uint32_t number, const char *job, const char *result)
{
    sd_bus_message *signal = NULL;

    need(sd_bus_message_new_signal(bus, &signal, MANAGER_PATH, MANAGER, "JobRemoved"), "signal");
    need(sd_bus_message_append(signal, "uoss", number, job, "u", result), "signal");
    need(sd_bus_message_set_sender(signal, ":1.0"), "signal");
    need(sd_bus_send(bus, signal, NULL), "signal");
}

/* Ours, behind somebody else's. */
static void end_job(const char *result)
{
    end_one_job(6, JOB "6", "failed");
    end_one_job(7, JOB, result);
}

static int refuse(sd_bus_message *message, const char *word)
{
    char name[128];
    const char *text = strchr(word, ':');

    snprintf(name, sizeof(name), "org.freedesktop.%.*s", (int) (text - word), word);
    return sd_bus_reply_method_errorf(message, name, "%s", text + 1);
}

static int answer_plainly(sd_bus_message *message, const char *method)
{
    if (!strcmp(method, "Hello"))
        return sd_bus_reply_method_return(message, "s", ":1.1");
    if (!strcmp(method, "GetUnit"))
        return sd_bus_reply_method_errorf(message, NO_SUCH_UNIT, "there is no such unit");
    return sd_bus_reply_method_return(message, "");
}

static int react(sd_bus_message *message, const char *method, const char *word)
{
    const char *behind = strchr(word, ':');

    if (!strncmp(word, "error:", 6))
        return refuse(message, behind + 1);
    if (!strcmp(method, "Get"))
        return sd_bus_reply_method_return(message, "v", "s", word);
    if (!strncmp(word, "close:", 6))
        exit(0);
    if (!strncmp(word, "never:", 6))
        return 0;
    if (!strncmp(word, "unit:", 5))
        return sd_bus_reply_method_return(message, "o", MANAGER_PATH "/unit/u");
    if (!strncmp(word, "job-before:", 11))
        end_job(behind + 1);
    need(sd_bus_reply_method_return(message, "o", JOB), "reply");
    if (!strncmp(word, "job:", 4))
        end_job(behind + 1);
    return 1;
}

static int hear(sd_bus_message *message, void *context, sd_bus_error *error)
{
    const char *method = sd_bus_message_get_member(message), *word;

    (void) context;
    (void) error;
    if (!sd_bus_message_is_method_call(message, NULL, NULL))
        return 0;
    word = take_reaction(method);
    printf("%s\n", method);
    tell_values(message);
    fflush(stdout);
    need(word ? react(message, method, word) : answer_plainly(message, method), "answer");
    return 1;
}

static int accept_one(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char name[sizeof(address.sun_path)];

    snprintf(address.sun_path, sizeof(address.sun_path), "%s.new", path);
    snprintf(name, sizeof(name), "%s", path);
    if (listener < 0 || bind(listener, (void *) &address, sizeof(address)) || listen(listener, 1) ||
        rename(address.sun_path, name))
        need(-errno, path);
    alarm(300);
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int main(int argc, char **argv)
{
    sd_id128_t id;
    int result = 0;

    if (argc < 2)
        return 64;
    reactions = argv + 2;
    int connection = accept_one(argv[1]);
    need(connection < 0 ? -errno : 0, "accept");
    need(sd_id128_randomize(&id), "id");
    need(sd_bus_new(&bus), "bus");
    need(sd_bus_set_fd(bus, connection, connection), "bus");
    need(sd_bus_set_server(bus, true, id), "bus");
    need(sd_bus_set_anonymous(bus, true), "bus");
    need(sd_bus_set_trusted(bus, true), "bus");
    need(sd_bus_add_filter(bus, NULL, hear, NULL), "bus");
    need(sd_bus_start(bus), "bus");
    while ((result = sd_bus_process(bus, NULL)) >= 0)
        if (result == 0 && sd_bus_wait(bus, UINT64_MAX) < 0)
            break;
    return 0;
}
