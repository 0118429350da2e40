# SPDX-License-Identifier: Apache-2.0
"""Where what takes long to make is kept: in directories named by what went into them.

Several runs may share the cache.  Who makes a directory holds its lock alone, who uses it shares
the lock until the process ends, and who finds one of the same kind that nobody has used for a day
removes it.
"""
import contextlib
import fcntl
import glob
import hashlib
import os
import shutil
import sys
import time

CACHE = os.environ.get('TARE_VM_CACHE') or '/var/tmp/tare-vm'
DAY = 24 * 3600


def fingerprint(*inputs):
    """One short word for values and, where a value is the name of a file, for its contents."""
    digest = hashlib.sha256()
    for value in map(str, inputs):
        if os.path.isfile(value):
            with open(value, 'rb') as file:
                digest.update(hashlib.sha256(file.read()).digest())
        else:
            digest.update(repr(value).encode())
    return digest.hexdigest()[:12]


def keep(kind, inputs, make):
    """The directory of this kind made from these inputs by make(directory), now or earlier."""
    os.makedirs(CACHE, exist_ok=True)
    directory = f'{CACHE}/{kind}-{fingerprint(*inputs)}'
    lock = open_lock(directory)
    fcntl.flock(lock, fcntl.LOCK_SH)
    if not os.path.exists(directory + '/done'):
        fcntl.flock(lock, fcntl.LOCK_UN)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(directory + '/done'):
            remove_unused(kind, directory)
            make_anew(directory, make)
        fcntl.flock(lock, fcntl.LOCK_SH)
    return directory


def open_lock(directory):
    # Never closed, so that the lock lasts as long as the process; not inherited, so no longer.
    lock = os.open(directory + '.lock', os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    os.utime(lock)
    return lock


def make_anew(directory, make):
    print(f'# making {directory}', file=sys.stderr, flush=True)
    shutil.rmtree(directory, ignore_errors=True)
    os.mkdir(directory)
    try:
        make(directory)
        with open(directory + '/done', 'w', encoding='ascii'):
            pass
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise


def remove_unused(kind, wanted):
    """The lock files stay: one that is removed could still be waited for."""
    for directory in glob.glob(f'{CACHE}/{kind}-' + '[0-9a-f]' * 12):
        if directory == wanted or time.time() - os.path.getmtime(directory + '.lock') < DAY:
            continue
        with open(directory + '.lock', 'rb') as lock, contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(directory)
