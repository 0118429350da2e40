/* SPDX-License-Identifier: Apache-2.0 */
/* A socket of a restored container that is connected has its other end in the container, also where
 * the kernel has no number for that end. */

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "launch/criu.h"
#include "launch/host.h"
#include "launch/restore_files.h"
#include "tests/unit/os/in_child.h"

static int pair[2], lone;
static pid_t own; /* by the number that /proc has for us */

/* What the check says of one without any capability, of whose processes MEMBER is one, or 0. */
static struct error *check(int fd, pid_t member)
{
    const struct criu_options options = { .has_ext_unix_sk = true };
    struct criu_work work = { .options = &options };
    struct host host = { .criu = &work, .pid = own };
    const struct launch launch = { .host = &host };
    auto_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct restored restored = {
        .launch = &launch,
        .proc = proc,
        .processes = { .v = &member, .n = member ? 1 : 0 },
    };
    struct restored_file file = { .restored = &restored, .pid = own, .copy = fd };

    return restore_check_socket(&file, "");
}

/* The kernel tells nobody else which network a socket is in. */
static void need_root(void)
{
    if (geteuid())
        skip();
}

static bool is_refused(struct error *error)
{
    bool is = error && strstr(error->text, "is connected to a socket that is not the container's");

    error_forget(error);
    return is;
}

static void test_peers_with_a_number(void **state)
{
    (void) state;
    need_root();
    assert_null(check(lone, 0));
    assert_null(check(pair[0], own));
    assert_true(is_refused(check(pair[0], own + 1)));
}

/* In a pid namespace of its own, where who has made the pair has no number. */
static void look_from_inside(void)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);

    demand(!getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &peer, &size) && !peer.pid);
    demand(!check(lone, getpid()));
    demand(is_refused(check(pair[0], getpid())));
    demand(is_refused(check(pair[0], 0)));
}

static void enter_and_look(void)
{
    if (unshare(CLONE_NEWPID))
        _exit(CHILD_SKIPS);
    _exit(run_child(look_from_inside));
}

static void test_a_peer_without_a_number(void **state)
{
    (void) state;
    need_root();
    in_child(enter_and_look);
}

static int begin(void **state)
{
    (void) state;
    own = getpid();
    lone = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return lone < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_peers_with_a_number),
        cmocka_unit_test(test_a_peer_without_a_number),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, begin, NULL);
}
