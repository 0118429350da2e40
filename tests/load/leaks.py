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

LIVES, ONE_IN = 2000, 20  # of the containers of `load` leave something behind
FEW = LIVES // counters.SLICES // ONE_IN  # in a slice
MORE = 4 * FEW  # of what neighbours too have many of
ATTEMPTS = 5
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
    reading, writing = os.pipe()
    for _ in range(FEW):
        if os.fork() == 0:
            check(libc.unshare(CLONE_ALL))
            os.write(writing, b'.')
            while True:
                signal.pause()
    for _ in range(FEW):
        os.read(reading, 1)


def sockets():
    globals()['kept'] = [socket.socketpair() for _ in range(MORE)]


def keys(number=FEW):
    check(libc.syscall(SYS_KEYCTL, KEYCTL_JOIN_SESSION_KEYRING, None))
    for each in range(number):
        check(libc.syscall(SYS_ADD_KEY, b'user', b'leak %d' % each, b'x', 1, SESSION_KEYRING))


def key_of_user():
    """Of one who has no others: the kernel takes its time to give those of the dead back."""
    os.setresuid(*[counters.FIRST_USER + counters.USERS - 2] * 3)
    keys(1)


def filters():
    instruction = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, SECCOMP_RET_ALLOW))
    program = ctypes.create_string_buffer(
        struct.pack('HxxxxxxQ', 1, ctypes.addressof(instruction)))
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    for _ in range(FEW):
        check(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0))


def page_tables():
    """A page read in each 2 MiB of 8 GiB: 16 MiB of tables, and no memory but these."""
    step, size = 2 << 20, 8 << 30
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


# The counters that a plant must move: of what is ours alone once, of what all share in each slice.
PLANTS = (
    (('processes',), lambda: held(lambda: None)),
    (('descriptors',), open_one),
    (('mounts',), mount),
    (('cgroups',), lambda: make_directory('/sys/fs/cgroup/leak')),
    (('state',), lambda: make_file(f'{TOP}/state/leak')),
    (('files',), lambda: make_file('/tmp/leak')),
    (('files',), lambda: make_file('/dev/shm/leak')),
    (('keys of users',), lambda: held(key_of_user)),
)
SHARED_PLANTS = (
    (('keys of root',), lambda: held(keys)),
    (('open files', 'slab sock_inode_cache'), lambda: held(sockets)),
    (('bpf programs',), lambda: held(filters)),
    (('KiB of the kernel',), lambda: held(page_tables)),
    (('slab net_namespace', 'slab user_namespace', 'slab pid_namespace', 'slab uts_namespace',
      'slab task_struct'), lambda: held(processes)),
)


def find(counts, plant):
    """The counters that see one."""
    take_back = plant()
    found = counts.judge_exact(0)
    take_back()
    return set(found)


def find_shared(counts, plant):
    """Those that see that there is more in each slice, though it is not too much in all."""
    counts.forget()
    take_back = []
    for number in range(counters.SLICES):
        take_back.append(plant())
        if number < counters.SLICES - 1:
            counts.settle()
    growth = counts.judge_shared(0)
    for function in take_back:
        function()
    return {name for name, (_, slices) in growth.items() if counters.has_grown(name, 0, slices)}


def find_at_last(counts, names, plant):
    """Neighbours may hide what is shared, by ending at that moment."""
    found = set()
    for attempt in range(ATTEMPTS):
        time.sleep(attempt)
        found |= find_shared(counts, plant)
        if found.issuperset(names):
            break
    return found


def self_test(counts):
    """{the counters that see no leak}, and those that cannot be read here."""
    missed, readable = set(), {*counts.exact, *counts.count_shared()}
    for names, plant in PLANTS:
        missed |= set(names) - find(counts, plant)
    for names, plant in SHARED_PLANTS:
        missed |= readable & set(names) - find_at_last(counts, set(names) & readable, plant)
    counts.forget()
    return sorted(missed), {name for names, _ in SHARED_PLANTS for name in names} - readable
