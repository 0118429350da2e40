# SPDX-License-Identifier: Apache-2.0
"""What containers could leave behind, counted.

There are two kinds of counters.  What is ours alone, in the namespaces of tests/run-isolated, is
compared word by word: nothing of it may be left.  What the whole machine shares has neighbours, and
may grow by one for 10 containers, or by 200 if that is more; memory of the kernel by 1 KiB a
container and 32 MiB.  What each container leaves behind is far above that.

The kernel takes its time to free things, and neighbours come and go: a counter is read again, for a
minute at most, until it is good.
"""
import glob
import os
import re
import secrets
import time

USERS = 65536
FIRST_USER = 1000000000 + secrets.randbelow(10000) * USERS  # of those that only we map

SETTLE = 60  # seconds
ONE_IN = 10
SHARED_LEAST = 200
MEMORY_EACH = 1  # KiB
MEMORY_LEAST = 32 * 1024

# Of each container: its namespaces, its processes, its files and sockets, its keyring.
SLABS = ('net_namespace', 'pid_namespace', 'uts_namespace', 'user_namespace', 'nsproxy',
         'mnt_cache', 'task_struct', 'signal_cache', 'sock_inode_cache', 'filp', 'key_jar',
         'shmem_inode_cache', 'mqueue_inode_cache')


def read(path):
    with open(path, encoding='utf-8', errors='replace') as file:
        return file.read()


# Ours alone: sets of words -----------------------------------------------------------------------


def processes():
    found = set()
    for path in glob.glob('/proc/[0-9]*'):
        try:
            found.add(f'{path[6:]} {read(path + "/comm").strip()}')
        except OSError:
            pass  # it has ended meanwhile
    return found


def descriptors():
    """Of all processes that there are but this function's own."""
    found = set()
    for directory in glob.glob('/proc/[0-9]*/fd'):
        try:
            for name in os.listdir(directory):
                path = f'{directory}/{name}'
                if os.path.lexists(path):
                    found.add(f'{path} {os.readlink(path)}')
        except OSError:
            pass
    return found


def mounts():
    lines = read('/proc/self/mountinfo').splitlines()
    return {' '.join(line.split()[index] for index in (2, 3, 4)) for line in lines}


def cgroups():
    return {path for path, _, _ in os.walk('/sys/fs/cgroup')}


def files_below(*tops, but=''):
    found = set()
    for top in tops:
        for path, directories, files in os.walk(top):
            if but and path.startswith(but):
                directories.clear()
                continue
            found.update(f'{path}/{name}' for name in directories + files)
    return found


def keys_of_users():
    """Those that belong to users of our containers' namespaces."""
    found = set()
    for line in read('/proc/key-users').splitlines():
        user, _, number, _, _ = line.split()
        if FIRST_USER <= int(user[:-1]) < FIRST_USER + USERS and not number.startswith('0/'):
            found.add(f'{user} {number}')
    return found


# The machine's: numbers --------------------------------------------------------------------------


def shrink(name):
    """What a processor keeps of a cache for itself counts as in use."""
    try:
        with open(f'/sys/kernel/slab/{name}/shrink', 'w', encoding='ascii') as file:
            file.write('1')
    except OSError:
        pass  # then the number is less exact


def slabs():
    """{cache: objects in use}; nothing where that cannot be read."""
    try:
        for name in SLABS:
            shrink(name)
        lines = [line.split() for line in read('/proc/slabinfo').splitlines()[2:]]
    except OSError:
        return {}
    return {f'slab {fields[0]}': int(fields[1]) for fields in lines if fields[0] in SLABS}


def keys_of_root():
    for line in read('/proc/key-users').splitlines():
        fields = line.split()
        if fields[0] == '0:':
            return {'keys of root': int(fields[2].split('/')[0])}
    return {}


def open_files():
    return {'open files': int(read('/proc/sys/fs/file-nr').split()[0])}


def bpf_programs():
    """Of seccomp and of cgroups."""
    try:
        return {'bpf programs': read('/proc/vmallocinfo').count(' bpf_prog_alloc')}
    except OSError:
        return {}


def kernel_memory():
    sizes = dict(re.findall(r'^(\w+): +(\d+) kB', read('/proc/meminfo'), re.MULTILINE))
    names = ('SUnreclaim', 'KernelStack', 'PageTables', 'Percpu')
    return {'KiB of the kernel': sum(int(sizes.get(name, 0)) for name in names)}


def dying_cgroups():
    """Where memory is accounted pages hold them, until there is need of memory."""
    if 'memory' in read('/sys/fs/cgroup/cgroup.controllers'):
        return {}
    numbers = dict(re.findall(r'(\w+) (\d+)', read('/sys/fs/cgroup/cgroup.stat')))
    return {'dying cgroups': int(numbers.get('nr_dying_descendants', 0))}


# All of them -------------------------------------------------------------------------------------


class Counters:
    """What there was when this was made, and what has come since."""

    def __init__(self, state, top):
        self.exact = {
            'processes': processes,
            'descriptors': descriptors,
            'mounts': mounts,
            'cgroups': cgroups,
            'state': lambda: files_below(state, '/run/tare'),
            'files': lambda: files_below('/run', '/tmp', '/var/tmp', '/dev/shm', but=top),
            'keys of users': keys_of_users,
        }
        self.shared = (slabs, keys_of_root, open_files, bpf_programs, dying_cgroups, kernel_memory)
        self.words = {name: count() for name, count in self.exact.items()}
        self.numbers = self.count_shared()

    def count_shared(self):
        numbers = {}
        for count in self.shared:
            numbers.update(count())
        return numbers

    def judge_exact(self, seconds=SETTLE):
        """{counter: what is new of it, or missing}, which should be empty."""
        left = {}
        for name, count in self.exact.items():
            for _ in patience(seconds):
                now, before = count(), self.words[name]
                left[name] = sorted(now - before) + [f'no more: {word}' for word in before - now]
                if not left[name]:
                    break
        return {name: words for name, words in left.items() if words}

    def judge_shared(self, containers, seconds=SETTLE):
        """The least growth of each, {counter: (growth, bound)}; a good one is below its bound."""
        growth = {}
        for _ in patience(seconds):
            for name, now in self.count_shared().items():
                since = now - self.numbers.get(name, 0)
                growth[name] = min(since, growth.get(name, since))
            if all(growth[name] <= bound(name, containers) for name in growth):
                break
        return {name: (growth[name], bound(name, containers)) for name in growth}


def bound(name, containers):
    if name.startswith('KiB'):
        return MEMORY_LEAST + MEMORY_EACH * containers
    return max(SHARED_LEAST, containers // ONE_IN)


def patience(seconds):
    """Turns in a loop, with longer and longer rests between them, and one at least."""
    deadline, rest = time.monotonic() + seconds, 0.01
    yield
    while time.monotonic() < deadline:
        time.sleep(rest)
        rest = min(2 * rest, 1)
        yield
