/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets of a restored container (R21), each asked by a copy of its descriptor.  criu makes them
 * with its own rights, so that a raw one needs none of the container's.
 */
#include <linux/capability.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "launch/host.h"
#include "launch/restore_files.h"
#include "os/pidfd.h"

static fallible refuse(const struct restored_file *file, const char *reason)
{
    return error_hint(restore_refuse("process.capabilities", file->pid, reason), "it is /proc/%s",
                      file->link);
}

static fallible check_kind(const struct restored_file *file, int socket)
{
    int domain, type;
    socklen_t size = sizeof(domain);

    if (getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) ||
        getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size))
        return error_system("ask socket /proc/%s", file->link);
    bool is_of_network = domain == AF_INET || domain == AF_INET6;
    bool is_raw = domain == AF_PACKET || (is_of_network && type == SOCK_RAW);
    if (is_raw)
        return file->restored->reach >> CAP_NET_RAW & 1
                   ? OK
                   : refuse(file, "has a raw socket, and no CAP_NET_RAW");
    return is_of_network || domain == AF_UNIX || domain == AF_NETLINK
               ? OK
               : refuse(file, "has a socket that cannot be checked");
}

/* Which network it is in. */
static fallible check_network(const struct restored_file *file, int socket)
{
    char path[RESTORED_PATH_SIZE];
    struct stat own, found;
    auto_close int network = ioctl(socket, SIOCGSKNS);

    text_format(path, sizeof(path), "%d/ns/net", file->restored->launch->host->pid);
    if (network < 0 || fstat(network, &found) || fstatat(file->restored->proc, path, &own, 0))
        return error_system("ask which network socket /proc/%s is in", file->link);
    return own.st_ino == found.st_ino
               ? OK
               : refuse(file, "has a socket in another network than its own");
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
    auto_close int process = -1, socket = -1;

    try(check_queue(file, info));
    try(pidfd_open_process(file->pid, &process));
    try(pidfd_copy(process, file->number, &socket));
    try(check_kind(file, socket));
    return check_network(file, socket);
}
