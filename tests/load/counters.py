# SPDX-License-Identifier: Apache-2.0
"""What containers could leave behind, counted.

There are two kinds of counters.  What is ours alone, in the namespaces of tests/run-isolated, is
compared word by word: nothing of it may be left.  What the whole machine shares has neighbours, and
may grow by so much, however many containers there were; and where these come in slices it may not
grow in each of them, for neighbours come and go, but what a few of our containers leave behind
stays.

The kernel takes its time to free things: a counter is read again until nothing becomes less, and at
the end, for a minute at most, until it is good.
"""
import collections
import glob
import os
import re
import secrets
import time

USERS = 65536
FIRST_USER = 1000000000 + secrets.randbelow(10000) * USERS  # of those that only we map

SETTLE = 60  # seconds
CALM, PAUSE, SETTLE_SLICE = 5, 0.1, 5  # readings in which nothing becomes less, and seconds
SLICES = 4

# How much may come in all, and in each slice.
Bounds = collections.namedtuple('Bounds', 'all each')
OF_CONTAINERS = Bounds(40, 15)  # nearly nobody else has such
OF_ALL = Bounds(200, 15)
KIB = Bounds(32 * 1024, 4 * 1024)

# Of each container: its namespaces and its keyring, its processes, its files and sockets.
RARE_SLABS = ('net_namespace', 'pid_namespace', 'uts_namespace', 'user_namespace', 'nsproxy',
              'key_jar', 'mqueue_inode_cache')
SLABS = RARE_SLABS + ('mnt_cache', 'task_struct', 'signal_cache', 'sock_inode_cache', 'filp',
                      'shmem_inode_cache')
BOUNDS = collections.defaultdict(lambda: OF_ALL, {
    'KiB of the kernel': KIB, 'keys of root': OF_CONTAINERS, 'bpf programs': OF_CONTAINERS,
    'dying cgroups': OF_CONTAINERS, **{f'slab {name}': OF_CONTAINERS for name in RARE_SLABS}})


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
        self.released = {'keys of users'}  # which the kernel gives back when it has time
        self.shared = (slabs, keys_of_root, open_files, bpf_programs, dying_cgroups, kernel_memory)
        self.words = {name: count() for name, count in self.exact.items()}
        self.forget()

    def forget(self):
        """What is shared is as it should be."""
        self.readings = []
        self.settle()

    def count_shared(self):
        numbers = {}
        for count in self.shared:
            numbers.update(count())
        return numbers

    def settle(self, seconds=SETTLE_SLICE):
        """Between two slices: reads what is shared, when the kernel has freed what it will."""
        least, calm = self.count_shared(), 0
        deadline = time.monotonic() + seconds
        while calm < CALM and time.monotonic() < deadline:
            time.sleep(PAUSE)
            now = self.count_shared()
            calm = 0 if any(now[name] < least[name] for name in least) else calm + 1
            least = {name: min(now[name], least[name]) for name in least}
        self.readings.append(least)

    def judge_exact(self, seconds=SETTLE):
        """{counter: what is new of it, or missing}, which should be empty."""
        left = {}
        for name, count in self.exact.items():
            for _ in patience(seconds):
                now, before = count(), self.words[name]
                left[name] = sorted(now - before)
                if name not in self.released:
                    left[name] += [f'no more: {word}' for word in before - now]
                if not left[name]:
                    break
        return {name: words for name, words in left.items() if words}

    def judge_shared(self, seconds=SETTLE):
        """{counter: its growth in all, and in each slice}, at its best within that time."""
        growth, least = {}, self.count_shared()
        for _ in patience(seconds):
            now = self.count_shared()
            for name in least:
                least[name] = min(now[name], least[name])
                numbers = [reading[name] for reading in self.readings] + [least[name]]
                growth[name] = numbers[-1] - numbers[0], slices_of(numbers)
            if not any(has_grown(name, *since) for name, since in growth.items()):
                break
        return growth


def slices_of(numbers):
    """The growth in slices of the same length; none, if there were fewer."""
    if len(numbers) <= SLICES:
        return []
    ends = [numbers[(len(numbers) - 1) * number // SLICES] for number in range(SLICES + 1)]
    return [end - begin for begin, end in zip(ends, ends[1:])]


def has_grown(name, since, slices):
    """What is wrong with such a growth, if anything is."""
    bounds = BOUNDS[name]
    if since > bounds.all:
        return f'{name} has grown by {since}, more than {bounds.all}'
    if slices and min(slices) > bounds.each:
        return f'{name} has grown by {slices}, each time by more than {bounds.each}'
    return ''


def patience(seconds):
    """Turns in a loop, with longer and longer rests between them, and one at least."""
    deadline, rest = time.monotonic() + seconds, 0.01
    yield
    while time.monotonic() < deadline:
        time.sleep(rest)
        rest = min(2 * rest, 1)
        yield
