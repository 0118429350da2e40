# SPDX-License-Identifier: Apache-2.0
"""Runtimes that are not what they should be, to see that the soak finds that out."""
import glob
import os

import counters
import crowds
import soak
from containers import TOP

SECONDS, ROUNDS = 3, 30
LEAK = '/sys/fs/cgroup/leak'

# A case of a shell script, which otherwise becomes the runtime: "$3" is the command.
LIES = {
    'start does nothing': 'start) exit 0',
    'start fails without a word': 'start) exit 1',
    'delete leaves a cgroup': f'delete) mkdir {LEAK}-$$',
    'state tells another status': 'state) "$real" "$@" | sed s/running/paused/; exit',
    'gc takes what is whole': 'gc) for id in $("$real" "$1" "$2" list --quiet | grep worker); do'
                              ' "$real" "$1" "$2" delete --force "$id"; echo "$id"; done; exit',
}


def liar(program, lie):
    path = f'{TOP}/liar'
    with open(path, 'w', encoding='ascii') as file:
        file.write(f'#!/bin/sh\nreal={program}\ncase $3 in\n{lie} ;;\nesac\nexec "$real" "$@"\n')
    os.chmod(path, 0o755)
    return path


def is_found(place, seed):
    for turn in range(ROUNDS):
        tally = soak.Tally(is_quiet=True, patience=2)
        soak.soak(place, counters.Counters(place.state, TOP), f'{seed} {turn}', SECONDS, tally)
        if tally.faults:
            return True
    return False


def believed(place, seed):
    """Those of the lies that the soak does not find."""
    honest, missed = place.program, []
    for name, lie in LIES.items():
        place.program = liar(honest, lie)
        if not is_found(place, seed):
            missed.append(name)
        place.program = honest
        place.end_all()
        for leak in glob.glob(f'{LEAK}-*'):
            os.rmdir(leak)
    return missed


def slow_ones(place):
    """Those of some crowds of which it is not seen that the runtime takes its time."""
    honest = place.program
    place.program = liar(honest, f'delete) sleep {crowds.MOST_SECONDS}')
    missed = [name for name, *case in list(crowds.cases(10, 10, False))[::4]
              if crowds.is_in_time(place, case, [])]
    place.program = honest
    return missed
