# SPDX-License-Identifier: Apache-2.0
"""python filelock, timed: `lock_peer.py MODE DIR [COUNT]`. The modes are those of lock_peer.cc."""
import sys
import time

import filelock


def claim(path):
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return None
    return lock


def until_owned(path):
    while True:
        lock = claim(path)
        if lock:
            return lock


def main(mode, folder, count="0"):
    path = folder + "/lock"
    if mode == "hold":
        held = claim(path)
        print("held", flush=True)
        while held:
            time.sleep(60)
    if mode == "until":
        print("ready", flush=True)
        lock = until_owned(path)
        print(time.monotonic_ns(), flush=True)
        lock.release()
    for _ in range(int(count)):
        begin = time.monotonic_ns()
        if mode == "probe":
            if claim(path):
                sys.exit("not held")
            print(time.monotonic_ns() - begin)
        elif mode == "life":
            claim(path).release()
            print(time.monotonic_ns() - begin)
        else:
            lock = until_owned(path)
            owned = time.monotonic_ns()
            time.sleep(0.0003)
            gives_up = time.monotonic_ns()
            lock.release()
            print(owned, gives_up)
            time.sleep(0.002)


main(*sys.argv[1:])
