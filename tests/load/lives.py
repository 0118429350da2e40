# SPDX-License-Identifier: Apache-2.0
"""Many lives of containers, side by side, and many containers at once."""
import concurrent.futures
import json
import os
import random
import time

from containers import Failure

LAUNCHERS = 2 * (os.cpu_count() or 1)
LASTING = ('plain', 'users', 'pids', 'filtered')


def side_by_side(work, items):
    """Calls work(item) for each, by all launchers; the answers."""
    with concurrent.futures.ThreadPoolExecutor(LAUNCHERS) as pool:
        return list(pool.map(work, items))


def expect(place, name, status):
    seen = place.status(name)
    if seen != status:
        raise Failure(f'{name} is {seen} instead of {status}')


def live(place, name, kind):
    place.must('create', '--bundle', place.bundle(kind), name)
    expect(place, name, 'created')
    place.must('start', name)
    expect(place, name, 'running')
    said = place.must('exec', name, '/witness', 'say', name)
    if said != f'{name}\n':
        raise Failure(f'exec in {name} said {said!r}')
    place.must('kill', name, 'KILL')
    place.await_stopped(name)
    place.must('delete', name)


def many_lives(place, seed, number):
    """From the first to the last step of so many containers."""
    kinds = random.Random(seed)
    lives = [(f'life-{n}', kinds.choice(LASTING)) for n in range(number)]
    begin = time.monotonic()
    side_by_side(lambda each: live(place, *each), lives)
    seconds = time.monotonic() - begin
    return [f'{number} lives by {LAUNCHERS} launchers in {seconds:.1f} s']


def listed(place, names, status):
    """`list` has all of them, once, with that status and a process each."""
    rows = json.loads(place.must('list', '--format', 'json'))
    if sorted(row['id'] for row in rows) != sorted(names):
        raise Failure(f'list has {len(rows)} containers instead of {len(names)}, or others')
    if place.names() != [row['id'] for row in rows]:
        raise Failure('list --quiet has others than list --format json')
    for row in rows:
        if row['status'] != status:
            raise Failure(f'list: {row["id"]} is {row["status"]} instead of {status}')
    if status != 'stopped' and len({row['pid'] for row in rows} - {0}) != len(names):
        raise Failure('list: two containers have one process')


def at_once(place, number):
    """So many containers that are there at the same time."""
    names = [f'one-of-{number}-{n}' for n in range(number)]
    steps = (
        ('created', lambda name: place.must('create', '--bundle', place.bundle('plain'), name)),
        ('running', lambda name: place.must('start', name)),
        ('stopped', lambda name: (place.must('kill', name, 'KILL'), place.await_stopped(name))),
        (None, lambda name: place.must('delete', name)),
    )
    told = []
    for status, step in steps:
        begin = time.monotonic()
        side_by_side(step, names)
        done = time.monotonic()
        listed(place, names if status else [], status)
        told.append(f'{number} {status or "deleted"} in {done - begin:.1f} s, '
                    f'listed twice in {time.monotonic() - done:.2f} s')
    return told
