# SPDX-License-Identifier: Apache-2.0
"""Plants a leak of each kind, to see that each counter finds its own."""
import ctypes
import mmap
import os
import signal
import socket
import struct
import subprocess
import time

import counters
from containers import TOP, Failure

MANY, ATTEMPTS = counters.SHARED_LEAST + 100, 5
CLONE_ALL = 0x7e020000 - 0x02000000  # mnt, uts, ipc, user, pid, net
KEYCTL_JOIN_SESSION_KEYRING, SESSION_KEYRING = 1, -3
SYS_ADD_KEY, SYS_KEYCTL = {'x86_64': (248, 250), 'aarch64': (217, 219),
                           'riscv64': (217, 219)}[os.uname().machine]
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, SECCOMP_RET_ALLOW = 38, 22, 2, 0x7fff0000

libc = ctypes.CDLL(None, use_errno=True)


def check(answer):
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def held(plant):
    """In a process that keeps what it has made; how it is taken back."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            plant()
            os.write(writing, b'done')
            while True:
                signal.pause()
        finally:
            os._exit(1)
    os.close(writing)
    is_done = os.read(reading, 4) == b'done'
    os.close(reading)

    def take_back():
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    if not is_done:
        take_back()
        raise Failure(f'{plant.__name__} could not be planted')
    return take_back


def processes():
    """In namespaces of their own; they end with their process group."""
    for _ in range(MANY):
        if os.fork() == 0:
            check(libc.unshare(CLONE_ALL))
            while True:
                signal.pause()
    time.sleep(2)


def sockets():
    globals()['kept'] = [socket.socketpair() for _ in range(MANY)]


def keys(number=MANY):
    check(libc.syscall(SYS_KEYCTL, KEYCTL_JOIN_SESSION_KEYRING, None))
    for each in range(number):
        check(libc.syscall(SYS_ADD_KEY, b'user', b'leak %d' % each, b'x', 1, SESSION_KEYRING))


def key_of_user():
    os.setresuid(*[counters.FIRST_USER] * 3)
    keys(1)


def filters():
    instruction = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, SECCOMP_RET_ALLOW))
    program = ctypes.create_string_buffer(
        struct.pack('HxxxxxxQ', 1, ctypes.addressof(instruction)))
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    for _ in range(MANY):
        check(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0))


def page_tables():
    """A page read in each 2 MiB of 64 GiB: 128 MiB of tables, and no memory but these."""
    step, size = 2 << 20, 64 << 30
    area = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, mmap.PROT_READ)
    area.madvise(mmap.MADV_NOHUGEPAGE)
    for offset in range(0, size, step):
        area[offset]
    globals()['kept'] = area


def make_file(path):
    with open(path, 'w', encoding='ascii'):
        pass
    return lambda: os.unlink(path)


def make_directory(path):
    os.makedirs(path)
    return lambda: os.rmdir(path)


def mount():
    subprocess.run(['mount', '-t', 'tmpfs', 'leak', '/tmp'], check=True)
    return lambda: subprocess.run(['umount', '/tmp'], check=True)


def open_one():
    descriptor = os.open('/dev/null', os.O_RDONLY)
    return lambda: os.close(descriptor)


# The counters that a plant must move.
PLANTS = (
    (('processes',), lambda: held(lambda: None)),
    (('descriptors',), open_one),
    (('mounts',), mount),
    (('cgroups',), lambda: make_directory('/sys/fs/cgroup/leak')),
    (('state',), lambda: make_file(f'{TOP}/state/leak')),
    (('files',), lambda: make_file('/tmp/leak')),
    (('files',), lambda: make_file('/dev/shm/leak')),
    (('keys of users',), lambda: held(key_of_user)),
    (('keys of root',), lambda: held(keys)),
    (('open files', 'slab sock_inode_cache'), lambda: held(sockets)),
    (('bpf programs',), lambda: held(filters)),
    (('KiB of the kernel',), lambda: held(page_tables)),
    (('slab net_namespace', 'slab user_namespace', 'slab pid_namespace', 'slab task_struct'),
     lambda: held(processes)),
)


def find(counts, names, plant):
    """Those of the names whose counters do not see the plant."""
    take_back = plant()
    left = counts.judge_exact(0)
    shared = counts.judge_shared(0, 0)
    take_back()
    return {name for name in names if name not in left
            and (name in counts.exact or shared[name][0] <= shared[name][1])}


def missed_by_all(counts, names, plant):
    """Neighbours may hide what is shared, by ending at that moment."""
    missed = set(names)
    for attempt in range(ATTEMPTS):
        time.sleep(attempt)
        counts.numbers = counts.count_shared()
        missed &= find(counts, names, plant)
        if not missed:
            break
    return missed


def self_test(counts):
    """{the counters that see no leak}, and those that cannot be read here."""
    missed, others = set(), set()
    for names, plant in PLANTS:
        others |= {name for name in names if name not in {**counts.exact, **counts.numbers}}
        missed |= missed_by_all(counts, set(names) - others, plant)
    return sorted(missed), others
