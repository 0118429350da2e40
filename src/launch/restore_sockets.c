/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets of a restored container (R21), each asked by a copy of its descriptor.  criu makes them
 * with its own rights, so that a raw one, a mark or a low port needs none of the container's.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "launch/criu.h"
#include "launch/host.h"
#include "launch/restore_files.h"
#include "os/network.h"
#include "os/proc.h"

enum { PRIORITY_MOST = 6, NUMBER_SIZE = 16 };

static fallible refuse(const struct restored_file *file, const char *reason)
{
    return error_hint(restore_refuse("process.capabilities", file->pid, reason), "it is /proc/%s",
                      file->link);
}

static fallible ask(const struct restored_file *file, int option, int *value)
{
    socklen_t size = sizeof(*value);

    return getsockopt(file->copy, SOL_SOCKET, option, value, &size)
               ? error_system("ask socket /proc/%s", file->link)
               : OK;
}

static bool is_of_network(int domain)
{
    return domain == AF_INET || domain == AF_INET6;
}

static fallible check_kind(const struct restored_file *file, int domain)
{
    int type;

    try(ask(file, SO_TYPE, &type));
    if (domain == AF_PACKET || (is_of_network(domain) && type == SOCK_RAW))
        return restore_can(file->restored, CAP_NET_RAW)
                   ? OK
                   : refuse(file, "has a raw socket, and no CAP_NET_RAW");
    return is_of_network(domain) || domain == AF_UNIX || domain == AF_NETLINK
               ? OK
               : refuse(file, "has a socket that cannot be checked");
}

/* Which network it is in. */
static fallible check_network(const struct restored_file *file)
{
    char path[RESTORED_PATH_SIZE];
    struct stat own, found;
    auto_close int network = ioctl(file->copy, SIOCGSKNS);

    text_format(path, sizeof(path), "%d/ns/net", file->restored->launch->host->pid);
    if (network < 0 || fstat(network, &found) || fstatat(file->restored->proc, path, &own, 0))
        return error_system("ask which network socket /proc/%s is in", file->link);
    return own.st_ino == found.st_ino
               ? OK
               : refuse(file, "has a socket in another network than its own");
}

/* What firewalls and routes of the network go by (socket(7)). */
static fallible check_marks(const struct restored_file *file)
{
    int mark, priority;

    if (restore_can(file->restored, CAP_NET_ADMIN) || restore_can(file->restored, CAP_NET_RAW))
        return OK;
    try(ask(file, SO_MARK, &mark));
    try(ask(file, SO_PRIORITY, &priority));
    return mark || priority > PRIORITY_MOST
               ? refuse(file, "has a socket with a mark or a priority, and no CAP_NET_ADMIN")
               : OK;
}

static fallible check_port(const struct restored_file *file)
{
    struct sockaddr_in6 name = { .sin6_port = 0 }; /* IPv4 has the port in the same place */
    socklen_t size = sizeof(name);
    int protocol;

    try(ask(file, SO_PROTOCOL, &protocol));
    /* An echo has a number in its place. */
    if (restore_can(file->restored, CAP_NET_BIND_SERVICE) || protocol == IPPROTO_ICMP ||
        protocol == IPPROTO_ICMPV6)
        return OK;
    if (getsockname(file->copy, (struct sockaddr *) &name, &size))
        return error_system("ask for the port of socket /proc/%s", file->link);
    unsigned port = ntohs(name.sin6_port);
    return port && port < file->restored->first_port
               ? refuse(file, "has a socket on a port that needs CAP_NET_BIND_SERVICE")
               : OK;
}

/* A peer that has no number here either, as one outside of our pid namespace, is somebody. */
static bool has_peer(const struct restored_file *file)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof(name);

    return !getpeername(file->copy, (struct sockaddr *) &name, &size) || errno != ENOTCONN;
}

/* criu connects it as root to a name that the images say (--ext-unix-sk), and the other end may go
 * by that: so it has to be one of the container's. */
static fallible check_peer(const struct restored_file *file)
{
    const struct criu_options *options = file->restored->launch->host->criu->options;
    struct ucred peer;
    socklen_t size = sizeof(peer);
    int type;

    if (!options->has_ext_unix_sk || restore_can(file->restored, CAP_SETUID))
        return OK;
    try(ask(file, SO_TYPE, &type));
    if (type == SOCK_DGRAM)
        return OK;
    if (getsockopt(file->copy, SOL_SOCKET, SO_PEERCRED, &peer, &size))
        return error_system("ask for the peer of socket /proc/%s", file->link);
    bool is_alone = !peer.pid && !has_peer(file);
    return is_alone || (peer.pid && cgroup_has_process(&file->restored->processes, peer.pid))
               ? OK
               : refuse(file, "is connected to a socket that is not the container's");
}

/* Nobody can look at descriptors that wait in a socket: fdinfo tells how many there are, for a
 * socket of AF_UNIX alone. */
static fallible check_queue(const struct restored_file *file, const char *info)
{
    static const char name[] = "\nscm_fds: ";
    const char *queued = strstr(info, name);

    return queued && queued[strlen(name)] != '0'
               ? refuse(file, "has descriptors on their way through a socket")
               : OK;
}

fallible restore_check_socket(const struct restored_file *file, const char *info)
{
    int domain;

    try(check_queue(file, info));
    try(ask(file, SO_DOMAIN, &domain));
    try(check_kind(file, domain));
    try(check_network(file));
    try(check_marks(file));
    if (domain == AF_UNIX)
        return check_peer(file);
    return is_of_network(domain) ? check_port(file) : OK;
}

/* The kernel shows each process the settings of its own network. */
fallible restore_find_first_port(struct restored *restored)
{
    static const char setting[] = "sys/net/ipv4/ip_unprivileged_port_start";
    char text[NUMBER_SIZE];
    auto_close int proc = -1;
    int own;

    if (restored->reach >> CAP_NET_BIND_SERVICE & 1)
        return OK;
    try(proc_open_any(false, &proc));
    try(network_enter(restored->launch->host->pidfd, &own));
    try(network_return(&own, proc_read(proc, setting, text, sizeof(text))));
    text[strcspn(text, "\n")] = '\0';
    return text_to_unsigned(text, UINT16_MAX + 1, &restored->first_port)
               ? OK
               : error_new(ERROR_PROTOCOL, "/proc/%s is no number", setting);
}
