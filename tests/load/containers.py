# SPDX-License-Identifier: Apache-2.0
"""A place where containers live, and the runtime's commands there."""
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

import counters

TOP = '/run/load'
HANGS = 60  # seconds, after which a command is one that does not end
KILLED = -signal.SIGKILL


def sleeping(config):
    config['process']['args'] = ['/witness', 'sleep', '1000000']


def with_users(config):
    sleeping(config)
    config['linux']['namespaces'].append({'type': 'user'})
    mapping = [{'containerID': 0, 'hostID': counters.FIRST_USER, 'size': counters.USERS}]
    config['linux'].update(uidMappings=mapping, gidMappings=mapping)


def without_pid_namespace(config):
    config['process']['args'] = ['/witness', 'chain', *'spawn sleep 1000000 ;'.split() * 3,
                                 'sleep', '1000000']
    config['linux']['namespaces'] = [namespace for namespace in config['linux']['namespaces']
                                     if namespace['type'] != 'pid']
    config['mounts'] = [mount for mount in config['mounts'] if mount['type'] != 'proc']
    for paths in 'maskedPaths', 'readonlyPaths':
        config['linux'].pop(paths, None)


def filtered(config):
    sleeping(config)
    config['linux']['seccomp'] = {
        'defaultAction': 'SCMP_ACT_ALLOW',
        'syscalls': [{'names': ['swapon', 'reboot'], 'action': 'SCMP_ACT_ERRNO'}],
    }


def short(config):
    config['process']['args'] = ['/witness', 'say', 'hello']


KINDS = {'plain': sleeping, 'users': with_users, 'pids': without_pid_namespace,
         'filtered': filtered, 'short': short}


class Place:
    """The program and its test helpers are copied, since /tmp is made empty."""

    def __init__(self, build):
        os.makedirs(TOP)
        self.program = shutil.copy(f'{build}/tare', TOP)
        self.witness = shutil.copy(f'{build}/tests/helpers/witness', TOP)
        self.state = f'{TOP}/state'
        for kind, edit in KINDS.items():
            self.add_bundle(kind, edit)
        for folder in '/tmp', '/var/tmp', '/dev/shm':
            subprocess.run(['mount', '-t', 'tmpfs', '-o', 'mode=1777', 'tmpfs', folder], check=True)
        os.environ['TMPDIR'] = '/tmp'

    def add_bundle(self, kind, edit):
        rootfs = f'{self.bundle(kind)}/rootfs'
        shutil.rmtree(self.bundle(kind), ignore_errors=True)
        for folder in 'proc', 'dev', 'sys', 'tmp':
            os.makedirs(f'{rootfs}/{folder}')
        shutil.copy(self.witness, rootfs)
        subprocess.run([self.program, 'spec', '--bundle', self.bundle(kind)], check=True)
        path = f'{self.bundle(kind)}/config.json'
        with open(path, encoding='utf-8') as file:
            config = json.load(file)
        config['process']['terminal'] = False
        edit(config)
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(config, file)

    def bundle(self, kind):
        return f'{TOP}/bundles/{kind}'

    def tare(self, *words, kill_after=None):
        """Runs a command, and kills it after so many seconds; the answer is a Result."""
        with tempfile.TemporaryFile(dir=TOP) as out, tempfile.TemporaryFile(dir=TOP) as err:
            begin = time.monotonic()
            # What is created keeps these files, where a pipe would be waited for.
            process = subprocess.Popen([self.program, '--root', self.state, *words], stdout=out,
                                       stderr=err, stdin=subprocess.DEVNULL, close_fds=False)
            is_late = not has_ended(process, HANGS if kill_after is None else kill_after)
            hangs = is_late and kill_after is None
            waits = look_at(process.pid) if hangs else ''
            if is_late:
                process.kill()
            status = process.wait()
            seconds = time.monotonic() - begin
            return Result(words, status, hangs, seconds, content(out), content(err) + waits)

    def must(self, *words):
        """The output of a command that has to succeed."""
        result = self.tare(*words)
        if result.status != 0:
            raise Failure(f'{result}')
        return result.out

    def status(self, name):
        return json.loads(self.must('state', name))['status']

    def await_stopped(self, name):
        for _ in counters.patience(HANGS):
            status = self.status(name)
            if status == 'stopped':
                return
        raise Failure(f'{name} was killed and is {status}')

    def names(self):
        return self.must('list', '--quiet').split()

    def end_all(self):
        """What is to be called when anything may be left; {id} of what there was."""
        self.must('gc')
        names = self.names() if os.path.isdir(self.state) else []
        for name in names:
            self.must('delete', '--force', name)
        return set(names)


class Failure(Exception):
    """Something is not as it should be."""


class Result:
    """What has come of a command."""

    def __init__(self, words, status, hangs, seconds, out, err):
        self.words, self.status, self.hangs, self.seconds = words, status, hangs, seconds
        self.out, self.err = out, err

    def is_clear(self):
        """It worked, or said exactly one error."""
        errors = [line for line in self.err.splitlines()
                  if line.startswith('tare: ') and not line.startswith('tare: warning: ')]
        return not self.hangs and (not errors if self.status == 0 else
                                   self.status > 0 and len(errors) == 1)

    def __str__(self):
        what = 'hangs' if self.hangs else f'status {self.status}'
        return f'{" ".join(self.words)}: {what}: {self.err.strip()}'


def look_at(pid):
    """What a process and its children wait for."""
    told = ''
    for name in 'cmdline', 'stat', 'wchan', 'syscall', 'cgroup', 'stack':
        try:
            with open(f'/proc/{pid}/{name}', encoding='utf-8', errors='replace') as file:
                text = file.read().replace('\0', ' ').replace('\n', ' | ')
                told += f'\n    {pid} {name}: {text}'
        except OSError as error:
            told += f'\n    {pid} {name}: {error.strerror}'
    try:
        with open(f'/proc/{pid}/task/{pid}/children', encoding='utf-8') as file:
            children = file.read().split()
    except OSError:
        children = []
    return told + ''.join(look_at(child) for child in children)


def has_ended(process, seconds):
    """Whether it has within that time; it is not waited for yet."""
    descriptor = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        if seconds < 0.001:
            time.sleep(seconds)
            seconds = 0
        return bool(poll.poll(seconds * 1000))
    finally:
        os.close(descriptor)


def content(file):
    file.seek(0)
    return file.read().decode(errors='replace')
