/* SPDX-License-Identifier: Apache-2.0 */
/* launch/bridge, the host's side: what the bridge says, and its end.  poll(2) is ours: between its
 * looks at two descriptors anything may happen. */

#include <poll.h>

#include "base/error.h"
#include "base/list.h"
#include "launch/bridge.h"
#include "launch/host.h"
#include "os/channel.h"
#include "os/pidfd.h"
#include "tests/unit/os/in_child.h"

static int go[2], bridge = -1;

static void let_bridge_end(void)
{
    demand(!close(go[1]));
    demand(!pidfd_wait_end(bridge, -1));
}

/* As the kernel does it: one look at each, in their order. */
int poll(struct pollfd *events, nfds_t count, int limit)
{
    const struct timespec at_once = { 0 };
    const bool is_of_host = bridge >= 0 && count > 1;
    int ready = 0;

    if (!is_of_host)
        return (int) syscall(SYS_ppoll, events, count, limit < 0 ? NULL : &at_once, NULL, 0);
    for (nfds_t i = 0; i < count; i++) {
        ready += (int) syscall(SYS_ppoll, events + i, 1, &at_once, NULL, 0);
        if (i == 0)
            let_bridge_end();
    }
    return ready;
}

static void be_bridge(int channel)
{
    char byte;

    close(go[1]);
    demand(read(go[0], &byte, 1) == 0);
    demand(!channel_send_ready(channel, 0));
    _exit(0);
}

static void hear_word_before_end(void)
{
    struct plan plan = { 0 };
    struct host host = { .pidfd = -1 };
    struct launch launch = { .plan = &plan, .host = &host };
    int theirs;

    demand(!channel_open(&launch.channel, &theirs) && !pipe(go));
    pid_t child = fork();
    demand(child >= 0);
    if (child == 0)
        be_bridge(theirs);
    demand(!pidfd_open_process(child, &bridge));
    host.pidfd = bridge;
    struct error *error = bridge_await(&launch);
    demand(error && error->code == ERROR_PROTOCOL); /* heard: 0 is no process */
}

static void test_word_before_end(void **state)
{
    (void) state;
    in_child(hear_word_before_end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_word_before_end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
