# SPDX-License-Identifier: Apache-2.0
"""Random commands in a random order on containers that come and go, some of them killed.

Each worker has containers of its own, of which it knows what they are: there a command must work,
or must fail.  When a command was killed its container may be anything until it has been deleted by
force.  Others are everybody's: there a command may fail, but has to say why.

From time to time the work rests: `gc` and `delete --force` then bring everything to nothing, and
nothing may be left.  The order of a worker's commands is the seed's; when they meet others', and
at which step they are killed, is not.
"""
import collections
import json
import random
import threading
import time
from signal import SIGKILL

import counters
from containers import KILLED, Failure
from lives import LASTING, LAUNCHERS, side_by_side

OWN, COMMON = 4, 4
KILLED_OF_100 = 25
FUTILE_OF_100 = 15  # of the commands that cannot work are chosen like others
ROUND = 30  # seconds between two rests
ABSENT, CREATED, RUNNING, PAUSED, STOPPED = 'absent', 'created', 'running', 'paused', 'stopped'
UNKNOWN = 'unknown'  # a command on it was killed
ANY = {CREATED, RUNNING, PAUSED, STOPPED}

Command = collections.namedtuple('Command', 'weight words works_on becomes')

# What a command needs to work, and what the container is then; None is what it was before.
COMMANDS = {
    'create': Command(14, 'create --bundle BUNDLE ID', {ABSENT}, CREATED),
    'run-detached': Command(6, 'run --detach --bundle BUNDLE ID', {ABSENT}, RUNNING),
    'run': Command(4, 'run --bundle SHORT ID', {ABSENT}, ABSENT),
    'start': Command(14, 'start ID', {CREATED}, RUNNING),
    'exec': Command(12, 'exec ID /witness say hello', {CREATED, RUNNING}, None),
    'exec-detached': Command(4, 'exec --detach ID /witness sleep 999', {CREATED, RUNNING}, None),
    'pause': Command(6, 'pause ID', {CREATED, RUNNING}, PAUSED),
    'resume': Command(8, 'resume ID', {PAUSED}, None),
    'state': Command(4, 'state ID', ANY, None),
    'ps': Command(2, 'ps ID', ANY, None),
    'events': Command(2, 'events --stats ID', {CREATED, RUNNING, PAUSED}, None),
    'list': Command(2, 'list', ANY | {ABSENT}, None),
    'signal': Command(2, 'kill ID CONT', {CREATED, RUNNING, PAUSED}, None),
    'kill': Command(8, 'kill ID KILL', {CREATED, RUNNING, PAUSED}, STOPPED),
    'kill-all': Command(2, 'kill --all ID KILL', ANY, STOPPED),
    'delete': Command(8, 'delete ID', {STOPPED}, ABSENT),
    'delete-force': Command(8, 'delete --force ID', ANY | {ABSENT}, ABSENT),
    'gc': Command(4, 'gc', ANY | {ABSENT}, None),
}
# What somebody else has frozen would be waited for.
NOT_IN_COMMON = {'pause'}
# Their status is that of a process of the container.
PLAYED = {'exec', 'run'}


class Tally:
    """What the workers have done, and what was wrong."""

    def __init__(self, is_quiet=False, patience=counters.SETTLE):
        self.is_quiet = is_quiet
        self.patience = patience  # seconds for what was ended to be gone
        self.lock = threading.Lock()
        self.operations = self.kills = self.containers = self.refused = self.rests = 0
        self.faults = []
        self.means = collections.defaultdict(lambda: 0.01)  # seconds, of a command

    def add(self, name, result, was_killed):
        with self.lock:
            self.operations += 1
            self.kills += was_killed
            self.refused += result.status > 0
            if result.status == 0:
                self.containers += name in ('create', 'run', 'run-detached')
            self.means[name] += 0.05 * (result.seconds - self.means[name])

    def __str__(self):
        return (f'{self.operations} commands, {self.refused} refused, {self.kills} killed; '
                f'{self.containers} containers, {self.rests} times all gone; '
                f'{len(self.faults)} faults')

    def blame(self, text):
        with self.lock:
            self.faults.append(text)
        self.say(text)

    def say(self, text):
        if not self.is_quiet:
            print(f'# {text}', flush=True)


class Containers:
    """What all containers are that are not common, and since when."""

    def __init__(self):
        self.lock = threading.Lock()
        self.known = {}

    def set(self, name, status):
        with self.lock:
            if self.known.get(name, (None, 0))[0] != status:
                self.known[name] = status, time.monotonic()

    def whole_since(self, names, moment):
        """Those of the names that were there by then, are still, and nobody has a doubt."""
        with self.lock:
            known = {name: self.known.get(name, (UNKNOWN, 0)) for name in names}
        return [name for name, (status, since) in known.items()
                if status in ANY and since < moment]


class Worker:
    """One after the other, commands on containers of its own and on common ones."""

    def __init__(self, place, tally, containers, seed, number):
        self.place, self.tally, self.containers = place, tally, containers
        self.random = random.Random(f'{seed} {number}')
        self.own = {f'worker{number}-{n}': ABSENT for n in range(OWN)}
        self.before_pause = {}
        self.common = [f'common-{n}' for n in range(COMMON)]
        self.forget()

    def forget(self):
        """After a rest nothing is there."""
        for name in self.own:
            self.become(name, ABSENT)

    def become(self, name, status):
        self.own[name] = status
        self.containers.set(name, status)

    def work(self, deadline):
        while time.monotonic() < deadline:
            try:
                self.step()
            except Failure as failure:
                self.tally.blame(str(failure))

    def step(self):
        """Chooses all by chance first, so that the order depends on the seed alone."""
        choose = self.random
        name = choose.choice([*self.own, choose.choice(self.common)])
        before = self.own.get(name, UNKNOWN)
        command = self.choose_command(before)
        kind = choose.choice(LASTING)
        is_killed, moment = choose.randrange(100) < KILLED_OF_100, choose.random()
        if name not in self.own and command in NOT_IN_COMMON:
            return
        if not is_killed:
            self.run(name, command, kind, before)
            return
        if name in self.own:
            self.become(name, UNKNOWN)
        result = self.tare(name, command, kind, moment * self.tally.means[command])
        if result.status != KILLED and not self.is_clear(name, command, before, result):
            self.tally.blame(f'not clear: {result}')

    def is_clear(self, name, command, before, result):
        """A process ends with its container, and then the status says how.  Others may end a
        common one at any time; one's own may be ending below an exec, when a killed `kill` had sent
        its signal, or a killed `run` has left it."""
        may_end = name in self.common or (command == 'exec' and before == UNKNOWN)
        ends_so = may_end and command in PLAYED and result.status == 128 + SIGKILL
        return result.is_clear() or (ends_so and not result.hangs)

    def choose_command(self, status):
        """Most of them those that work."""
        weights = {name: each.weight for name, each in COMMANDS.items()
                   if status in each.works_on or status == UNKNOWN
                   or self.random.randrange(100) < FUTILE_OF_100}
        if status == UNKNOWN:
            weights['delete-force'] *= 4
        return self.random.choices(list(weights), list(weights.values()))[0]

    def tare(self, name, command, kind, kill_after=None):
        words = COMMANDS[command].words.replace('BUNDLE', self.place.bundle(kind))
        words = words.replace('SHORT', self.place.bundle('short')).replace('ID', name).split()
        result = self.place.tare(*words, kill_after=kill_after)
        self.tally.add(command, result, result.status == KILLED)
        return result

    def run(self, name, command, kind, before):
        """A command that is not killed, and what must come of it."""
        begin = time.monotonic()
        result = self.tare(name, command, kind)
        works = result.status == 0
        if not self.is_clear(name, command, before, result):
            self.tally.blame(f'not clear: {result}')
        if command == 'gc':
            self.check_collected(result, begin)
        must_work = before in COMMANDS[command].works_on or command in ('delete-force', 'gc')
        if before == UNKNOWN and command != 'delete-force':
            return
        if works != must_work and name in self.own:
            self.tally.blame(f'{name} was {before}, and yet: {result}')
            self.become(name, UNKNOWN)
        elif works and name in self.own:
            self.note(name, command, before, result)

    def check_collected(self, result, begin):
        """It may have taken the bare name of one that was just being made: that is made again."""
        for name in self.containers.whole_since(result.out.split(), begin):
            self.tally.blame(f'gc has taken {name}, which was whole')

    def note(self, name, command, before, result):
        becomes = COMMANDS[command].becomes
        if command == 'pause':
            self.before_pause[name] = before
        if command == 'resume':
            becomes = self.before_pause[name]
        if becomes == STOPPED:
            self.place.await_stopped(name)
        self.become(name, becomes or before)
        if command == 'state':
            self.compare(name, json.loads(result.out)['status'])
        elif becomes in ANY:
            self.compare(name, self.place.status(name))

    def compare(self, name, status):
        if status != self.own[name]:
            self.tally.blame(f'{name} is {self.own[name]}, but state says {status}')


def rest(place, counts, workers, tally):
    """Brings all to nothing, and looks whether it is nothing."""
    try:
        place.end_all()
        if place.names():
            tally.blame(f'still there: {place.names()}')
    except Failure as failure:
        tally.blame(str(failure))
    for name, words in counts.judge_exact(tally.patience).items():
        tally.blame(f'left of {name}: {len(words)}: {", ".join(words[:5])}')
        counts.words[name] = counts.exact[name]()  # so that it is not blamed again
    counts.settle(min(tally.patience, counters.SETTLE_SLICE))
    for worker in workers:
        worker.forget()
    tally.rests += 1


def soak(place, counts, seed, seconds, tally):
    """Works and rests for so long."""
    containers = Containers()
    workers = [Worker(place, tally, containers, seed, number) for number in range(LAUNCHERS)]
    end = time.monotonic() + seconds
    told = 0
    while time.monotonic() < end:
        deadline = min(end, time.monotonic() + ROUND)
        side_by_side(lambda worker: worker.work(deadline), workers)
        rest(place, counts, workers, tally)
        if time.monotonic() > told + 60:
            told = time.monotonic()
            tally.say(str(tally))
    return tally
