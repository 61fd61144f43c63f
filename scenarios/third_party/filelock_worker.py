# SPDX-License-Identifier: Apache-2.0
"""One attempt at a FileLock, as a worker tells of it: acquired or busy, released at the end.

usage: filelock_worker.py FILE [soft] [--rest PROGRAM]
    soft: a SoftFileLock, which is a file that exists; --rest: the owner starts a program that outlives it
"""

import os
import select
import signal
import sys

import filelock


def say(word):
    print(word, flush=True)


def main():
    # SIGTERM only wakes the wait below, whenever it comes: the lock is given up in one place.
    wake, woken = os.pipe()
    signal.signal(signal.SIGTERM, lambda *_: os.write(woken, b"x"))

    kind = filelock.SoftFileLock if "soft" in sys.argv[2:] else filelock.FileLock
    lock = kind(sys.argv[1])
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        say("busy")
        return
    if "--rest" in sys.argv and os.fork() == 0:
        os.execv(sys.argv[-1], sys.argv[-1:])
    say("acquired")
    wait_for_end(wake)
    lock.release()
    say("released")


def wait_for_end(wake):
    while True:
        ready, _, _ = select.select([wake, 0], [], [])
        if wake in ready or not os.read(0, 4096):
            return


main()
