# SPDX-License-Identifier: Apache-2.0
"""Containers of many processes, which fork, are stopped or frozen, and how they are deleted."""
import glob
import json
import os
import signal
import time

import counters
from containers import Failure, without_pid_namespace
from plain import await_processes, seconds_to_end

MOST_SECONDS = 2
TIMES_PLAIN, ATTEMPTS = 2, 3  # on a machine that has other things to do
BOMB_USER = counters.FIRST_USER + counters.USERS - 1  # whose processes nobody else has


def crowd(number):
    return lambda config: config['process'].update(args=['/witness', 'crowd', str(number)])


def bomb(number):
    """Limited by what its user may have, and where that can be by its cgroup."""
    def edit(config):
        config['process'].update(
            args=['/witness', 'bomb'], user={'uid': BOMB_USER, 'gid': BOMB_USER},
            rlimits=[{'type': 'RLIMIT_NPROC', 'soft': number, 'hard': number}])
    return edit


def bomb_in_cgroup(number):
    def edit(config):
        config['process']['args'] = ['/witness', 'bomb']
        config['linux'].setdefault('resources', {})['pids'] = {'limit': number}
    return edit


def stop_all(cgroup):
    with open(f'{cgroup}/cgroup.procs', encoding='ascii') as file:
        for pid in file.read().split():
            try:
                os.kill(int(pid), signal.SIGSTOP)
            except ProcessLookupError:
                pass


def freeze(cgroup):
    with open(f'{cgroup}/cgroup.freeze', 'w', encoding='ascii') as file:
        file.write('1')
    for _ in counters.patience(60):
        if 'frozen 1' in counters.read(f'{cgroup}/cgroup.events'):
            return
    raise Failure(f'{cgroup} does not freeze')


def leave(_):
    pass


# What is deleted: its name, the processes, what they do, whether they have a pid namespace, and
# what is done to them before.
def cases(large, bombs, has_pids):
    yield f'{large} processes', large, crowd(large), True, leave
    yield f'{large} processes of the host\'s pids', large, crowd(large), False, leave
    yield f'{large} stopped processes', large, crowd(large), True, stop_all
    yield f'{large} stopped processes of the host\'s pids', large, crowd(large), False, stop_all
    yield f'{large} frozen processes', large, crowd(large), True, freeze
    yield f'{large} frozen processes of the host\'s pids', large, crowd(large), False, freeze
    yield f'fork bomb of {bombs}', bombs, bomb(bombs), True, leave
    yield f'fork bomb of {bombs} of the host\'s pids', bombs, bomb(bombs), False, leave
    yield f'frozen fork bomb of {bombs}', bombs, bomb(bombs), True, freeze
    if has_pids:
        yield f'fork bomb with a pids limit of {bombs}', bombs, bomb_in_cgroup(bombs), True, leave


def find_cgroup(place, name):
    pid = json.loads(place.must('state', name))['pid']
    for line in counters.read(f'/proc/{pid}/cgroup').splitlines():
        if line.startswith('0::'):
            return '/sys/fs/cgroup' + line[3:]
    raise Failure(f'{name} has no cgroup')


def delete_one(place, number, edit, has_pid_namespace, prepare):
    """Makes it, deletes it; the seconds that `delete --force` took."""
    def whole(config):
        if not has_pid_namespace:
            without_pid_namespace(config)
        edit(config)
    place.add_bundle('crowd', whole)
    place.must('run', '--detach', '--bundle', place.bundle('crowd'), 'crowd')
    cgroup = find_cgroup(place, 'crowd')
    await_processes(cgroup, number)
    prepare(cgroup)
    result = place.tare('delete', '--force', 'crowd')
    if result.status != 0:
        raise Failure(f'{result}')
    if os.path.exists(cgroup):
        raise Failure(f'{cgroup} is still there: {glob.glob(cgroup + "/*")[:3]}')
    return result.seconds


def is_in_time(place, case, took):
    """Whether one of some attempts is, as each is on a machine that does nothing else.  TOOK gets
    the seconds of each attempt, and those that the kernel alone needed."""
    for _ in range(ATTEMPTS):
        plain = seconds_to_end(place, *case)
        seconds = delete_one(place, *case)
        took.append((seconds, plain))
        if seconds < max(MOST_SECONDS, TIMES_PLAIN * plain):
            return True
    return False


def crowds(place, large, bombs, are_timed):
    """What `delete --force` took for each case, and the cases in which that was too long."""
    told, slow, longest = [], [], 0
    has_pids = 'pids' in counters.read('/sys/fs/cgroup/cgroup.subtree_control')
    for name, *case in cases(large, bombs, has_pids):
        took = []
        if not are_timed:
            took.append((delete_one(place, *case), None))
        elif not is_in_time(place, case, took):
            slow.append(name)
        for seconds, plain in took:
            longest = max(longest, seconds)
            told.append(f'{name}: deleted in {seconds:.2f} s' +
                        (f'; the kernel alone needs {plain:.2f} s' if are_timed else ''))
    told.append(f'the slowest of them: {longest:.2f} s')
    return told, slow
