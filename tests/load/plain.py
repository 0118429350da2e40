# SPDX-License-Identifier: Apache-2.0
"""The crowds once more, without a container: what the kernel alone needs to end them now."""
import ctypes
import os
import resource
import time

import counters
from containers import Failure

CGROUP = '/sys/fs/cgroup/plain'
CLONE_NEWPID = 0x20000000
MOST_SECONDS = 60


def write(name, text):
    with open(f'{CGROUP}/{name}', 'w', encoding='ascii') as file:
        file.write(text)


def become(program, config):
    """What a config says of this process, as far as crowds say anything."""
    process = config['process']
    write('cgroup.procs', '0')
    for limit in process.get('rlimits', []):
        resource.setrlimit(getattr(resource, limit['type']), (limit['soft'], limit['hard']))
    user = process.get('user', {'uid': 0, 'gid': 0})
    os.setresgid(*[user['gid']] * 3)
    os.setresuid(*[user['uid']] * 3)
    os.execv(program, process['args'])


def start(program, config, has_pid_namespace):
    """In the cgroup; the process that is to be waited for, whose child it is in a namespace."""
    pid = os.fork()
    if pid:
        return pid
    try:
        if has_pid_namespace:
            if ctypes.CDLL(None).unshare(CLONE_NEWPID) != 0:
                os._exit(1)
            child = os.fork()
            if child:
                os.waitpid(child, 0)
                os._exit(0)
        become(program, config)
    finally:
        os._exit(1)


def end(pid):
    """Kills all of them; the seconds until this one has ended, and their cgroup can be removed."""
    begin = time.monotonic()
    write('cgroup.kill', '1')
    os.waitpid(pid, 0)
    while time.monotonic() < begin + MOST_SECONDS:
        try:
            os.rmdir(CGROUP)
            return time.monotonic() - begin
        except OSError:
            time.sleep(0.002)
    raise Failure(f'{CGROUP} cannot be removed')


def seconds_to_end(place, number, edit, has_pid_namespace, prepare):
    """Of such a crowd; 0 where the kernel has no cgroup.kill."""
    config = {'process': {}, 'linux': {}}
    edit(config)
    os.mkdir(CGROUP)
    if not os.path.exists(f'{CGROUP}/cgroup.kill'):
        os.rmdir(CGROUP)
        return 0
    limits = config['linux'].get('resources', {})
    if 'pids' in limits:
        write('pids.max', str(limits['pids']['limit']))
    pid = start(place.witness, config, has_pid_namespace)
    try:
        await_processes(CGROUP, number)
        prepare(CGROUP)
    finally:
        seconds = end(pid)
    return seconds


def await_processes(cgroup, number):
    for _ in counters.patience(120):
        count = len(counters.read(f'{cgroup}/cgroup.procs').split())
        if count >= number:
            return
    raise Failure(f'{cgroup} has {count} processes, not {number}')
