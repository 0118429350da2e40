/* SPDX-License-Identifier: Apache-2.0 */
/* namespace/loopback: lo in a new network namespace. */
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "tests/unit/process/checks.h"

#include "namespace/loopback.h"

static bool is_up(void)
{
    struct ifreq request = { .ifr_name = "lo" };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    claim(fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0);
    close(fd);
    return request.ifr_flags & IFF_UP;
}

static void bring_up(void)
{
    claim(unshare(CLONE_NEWNET) == 0);
    claim(!is_up());
    must(loopback_bring_up());
    claim(is_up());
    must(loopback_bring_up());
    claim(is_up());
}

static void brings_it_up(void **state) /* [N9] */
{
    (void) state;
    need_root();
    assert_in_child(bring_up);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(brings_it_up) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("namespace/loopback", tests, NULL, NULL);
}
