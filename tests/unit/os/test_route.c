/* SPDX-License-Identifier: Apache-2.0 */
/* os/netlink and os/route: network devices and their addresses, in networks made for the test. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "tests/unit/process/checks.h"

#include "namespace/net_devices.h"
#include "os/netlink.h"
#include "os/route.h"

/* A device and the other end of it, whose name is the kernel's choice. */
static void make_device(int socket, const char *name)
{
    static const struct {
        struct rtattr kind;
        char name[4];
    } veth = { { sizeof(veth), IFLA_INFO_KIND }, { 'v', 'e', 't', 'h' } };
    union netlink_request request;
    const struct netlink_exchange exchange = { socket, &request, NULL, NULL, false };

    netlink_begin(&request, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
                  sizeof(struct ifinfomsg));
    netlink_add(&request, IFLA_IFNAME, name, strlen(name) + 1);
    netlink_add(&request, IFLA_LINKINFO, &veth, sizeof(veth));
    struct error *error = netlink_perform(&exchange);
    if (error_forget_if(error, EOPNOTSUPP))
        _exit(0); /* a kernel without veth */
    must(error);
}

/* A process in a network of its own, which is spoken to by SOCKET; our own stays. */
static pid_t make_network(int *socket)
{
    int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    claim(own >= 0 && unshare(CLONE_NEWNET) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    must(netlink_open(socket));
    claim(setns(own, CLONE_NEWNET) == 0);
    return pid;
}

static void find_links(void)
{
    struct route_link link = { .index = 0 }, other;
    int socket;

    claim(unshare(CLONE_NEWNET) == 0);
    must(netlink_open(&socket));
    must(route_find_link(socket, "lo", &link));
    claim(link.index == 1 && !link.is_up && strcmp(link.name, "lo") == 0);
    must(route_raise_link(socket, 1));
    must(route_read_link(socket, 1, &link));
    claim(link.is_up);
    claim(error_forget_if(route_find_link(socket, "none", &other), ENODEV));
    claim(error_forget_if(route_read_link(socket, 99, &other), ENODEV));
    claim(error_forget_if(route_raise_link(socket, 99), ENODEV));
}

static void finds_links(void **state) /* [ND2] */
{
    (void) state;
    need_root();
    assert_in_child(find_links);
}

/* The last name is the one that it gets, behind the move: that may fail. */
static void move_to_a_name_that_is_taken(void)
{
    struct route_link link, moved;
    int outside, inside, index;

    claim(unshare(CLONE_NEWNET) == 0);
    must(netlink_open(&outside));
    pid_t pid = make_network(&inside);
    make_device(outside, "a");
    make_device(inside, "b");
    must(route_find_link(outside, "a", &link));
    claim(error_forget_if(route_move_link(outside, link.index, inside, "b", &index), EEXIST));
    claim(index > 0);
    must(route_read_link(inside, index, &moved));
    claim(strcmp(moved.name, "a") == 0);
    claim(error_forget_if(route_read_link(outside, link.index, &link), ENODEV));
    must(route_move_link(inside, index, outside, "c", &index));
    must(route_read_link(outside, index, &link));
    claim(strcmp(link.name, "c") == 0);
    must(route_find_link(outside, "lo", &link));
    claim(error_forget_if(route_move_link(outside, link.index, inside, NULL, &index), EINVAL));
    claim(index == 0);
    kill(pid, SIGKILL);
}

static void says_where_a_device_is_when_a_move_fails(void **state) /* [ND4] [ND5] */
{
    (void) state;
    need_root();
    assert_in_child(move_to_a_name_that_is_taken);
}

/* Setting it down and moving it are two notices, for which the socket has no room; the answers to
 * other questions it can take. */
static void move_without_a_notice(void)
{
    struct net_device device = { .name = "a", .wanted = "b" };
    const struct net_devices_plan plan = { &device, 1 };
    struct net_devices_sockets sockets;
    struct route_link link;
    const int size = 1;

    claim(unshare(CLONE_NEWNET) == 0);
    must(netlink_open(&sockets.outside));
    pid_t pid = make_network(&sockets.inside);
    make_device(sockets.outside, "a");
    must(route_find_link(sockets.outside, "a", &device.outside));
    must(route_raise_link(sockets.outside, device.outside.index));
    device.outside.is_up = true;
    claim(setsockopt(sockets.outside, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) == 0);
    struct error *error = net_devices_move(&plan, &sockets);
    claim(error_forget_if(error, ENOBUFS));
    claim(!device.has_left);
    must(netlink_open(&sockets.outside));
    must(route_find_link(sockets.outside, "a", &link));
    kill(pid, SIGKILL);
}

static void takes_back_what_is_not_noticed(void **state) /* [ER2] */
{
    (void) state;
    need_root();
    assert_in_child(move_without_a_notice);
}

/* As the kernel would tell of one of IPv4. */
static struct route_address make_address(const char *label)
{
    static union netlink_request request;
    const struct ifaddrmsg body = { .ifa_family = AF_INET, .ifa_prefixlen = 24 };
    const uint32_t number = htonl(0xc0000201);

    memcpy(netlink_begin(&request, RTM_NEWADDR, 0, sizeof(body)), &body, sizeof(body));
    netlink_add(&request, IFA_LOCAL, &number, sizeof(number));
    netlink_add(&request, IFA_LABEL, label, strlen(label) + 1);
    return (struct route_address){ .size = request.header.nlmsg_len - NLMSG_HDRLEN,
                                   .bytes = NLMSG_DATA(&request) };
}

static void claim_label(const struct route_address *address, const char *wanted)
{
    size_t before = NLMSG_ALIGN(sizeof(struct ifaddrmsg));
    const char *label = netlink_find_among((const char *) address->bytes + before,
                                           address->size - before, IFA_LABEL, 1);
    claim(label && strcmp(label, wanted) == 0);
}

static void add_with_labels(void)
{
    static const struct {
        const char *label, *changed;
    } rows[] = {
        { "old", "eleven-byte" }, { "old:123", "eleven-byte:123" }, { "old:1234", "old:1234" },
        { "older:1", "older:1" }, { "other:old", "other:old" },
    };
    const struct route_link from = { .name = "old" };
    struct route_address *found, address;
    int socket;

    claim(unshare(CLONE_NEWNET) == 0);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct route_link to;
        claim(unshare(CLONE_NEWNET) == 0);
        must(netlink_open(&socket));
        make_device(socket, "eleven-byte");
        must(route_find_link(socket, "eleven-byte", &to));
        address = make_address(rows[i].label);
        must(route_add_address(socket, &from, &to, &address));
        must(route_read_addresses(socket, to.index, fresh_arena(), &found));
        claim(found && !found->next);
        claim_label(found, rows[i].changed);
        address = make_address("x");
        claim_error(route_add_address(socket, &from, &to, &address), ERROR_SYSTEM,
                    "the address 192.0.2.1/24");
        must(route_read_addresses(socket, 1, fresh_arena(), &found));
        claim(!found);
    }
}

static void changes_labels_with_names(void **state) /* [ND6] */
{
    (void) state;
    need_root();
    assert_in_child(add_with_labels);
}

/* Another process of the network claims that what we are about to ask is refused. */
static void hear_a_liar(void)
{
    struct sockaddr_nl ours;
    socklen_t length = sizeof(ours);
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
    } lie = { { sizeof(lie), NLMSG_ERROR, 0, 0, 0 }, { -EPERM, { 0 } } };
    struct route_link link;
    int socket_, liar;

    claim(unshare(CLONE_NEWNET) == 0);
    must(netlink_open(&socket_));
    must(route_find_link(socket_, "lo", &link));
    claim(!getsockname(socket_, (struct sockaddr *) &ours, &length));
    liar = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    for (lie.header.nlmsg_seq = 0; lie.header.nlmsg_seq < 50; lie.header.nlmsg_seq++)
        claim(sendto(liar, &lie, sizeof(lie), 0, (struct sockaddr *) &ours, sizeof(ours)) ==
              sizeof(lie));
    must(route_find_link(socket_, "lo", &link));
}

static void believes_the_kernel_alone(void **state)
{
    (void) state;
    need_root();
    assert_in_child(hear_a_liar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_links),
        cmocka_unit_test(says_where_a_device_is_when_a_move_fails),
        cmocka_unit_test(takes_back_what_is_not_noticed),
        cmocka_unit_test(changes_labels_with_names),
        cmocka_unit_test(believes_the_kernel_alone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("os/route", tests, NULL, NULL);
}
