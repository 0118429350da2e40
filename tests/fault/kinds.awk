# SPDX-License-Identifier: Apache-2.0
#
# Reads syscalls.csv and the tally of `fault list`, prints what is to fail: for the NTH call of a
# kind by an actor, and for each error that can be,
#
#     ACTOR NUMBER NTH ERROR NAME
#
# and KILL as one of the errors.  Wants -v machine=x86_64, as syscalls.csv calls it.

BEGIN {
    FS = "[, ]"
    # They cannot fail, and to be killed before them is to be killed before the next.
    add("never", "arch_prctl brk clock_gettime exit exit_group getegid geteuid getgid getpid " \
        "getppid gettid getuid rt_sigaction rt_sigprocmask rt_sigreturn sched_yield " \
        "set_robust_list set_tid_address umask")
    add("EINTR", "accept4 close connect epoll_pwait epoll_wait flock futex open openat openat2 " \
        "poll ppoll read readv recvfrom recvmsg sendmsg sendto wait4 waitid write writev")
    add("EAGAIN", "accept4 bpf clone clone3 fork getrandom mlock openat2 poll ppoll read readv " \
        "recvfrom recvmsg sendmsg sendto setresuid setuid vfork write writev")
    # Not recvmsg(2): descriptors that find no place are left out, and MSG_CTRUNC says so.
    add("EMFILE", "accept4 bpf dup dup3 epoll_create1 eventfd2 fcntl fsmount fsopen fspick " \
        "memfd_create open open_tree openat openat2 pidfd_open pipe2 seccomp signalfd4 socket " \
        "socketpair")
    add("ENOSPC", "bpf clone clone3 fork fsmount ftruncate linkat mkdir mkdirat mknodat mount " \
        "move_mount open openat openat2 pivot_root pwrite64 rename renameat renameat2 symlinkat " \
        "unshare vfork write writev")
    # Whatever else happens to them, the descriptor or the memory is gone.
    add("only", "close munmap")
}

function add(kind, names, list, n, i) {
    n = split(names, list, " ")
    for (i = 1; i <= n; i++)
        has[kind, list[i]] = 1
}

function fails(error) {
    print $1, $2, nth, error, name
}

NR == FNR && $1 == "name" {
    for (i = 2; i <= NF; i++)
        if ($i == machine)
            column = i
}
NR == FNR {
    if (column)
        names[$column] = $1
    next
}

{
    name = $2 in names ? names[$2] : $2
    nth = ++seen[$1, $2]
    if (("never", name) in has)
        next
    # Who is killed there has taken leave, and might as well be the program that comes.
    if (name != "execve")
        fails("KILL")
    for (i = split("EINTR EAGAIN EMFILE ENOSPC", errors, " "); i > 0; i--)
        if ((errors[i], name) in has)
            fails(errors[i])
    if (("only", name) in has)
        next
    fails("ENOMEM")
    fails("ENOSYS")
    fails("EPERM")
}
