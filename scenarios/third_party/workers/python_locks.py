# SPDX-License-Identifier: Apache-2.0
"""One attempt at a lock of a python library, as a worker tells of it: acquired or busy, released at the end of its input.

usage: python_locks.py KIND FILE                 KIND: a function below
       python_locks.py KIND FILE --rest PROGRAM  the owner starts a program that outlives it, without words for what it inherits
       python_locks.py KIND FILE --run PROGRAM   as a wrapper: the lock is held while PROGRAM runs
       python_locks.py KIND FILE --status        asks only
"""

import os
import sys
import tempfile

tempfile.tempdir = "/"  # portalocker asks while it is imported, and only the run's directory can be written


class Busy(Exception):
    pass


def fasteners(path):
    import fasteners as library
    lock = library.InterProcessLock(path)
    if not lock.acquire(blocking=False):
        raise Busy
    return lock.release


def portalocker(path):
    import portalocker as library
    lock = library.Lock(path, timeout=0, fail_when_locked=True)
    try:
        lock.acquire()
    except library.exceptions.LockException:
        raise Busy
    return lock.release


def zc(path):
    import zc.lockfile as library
    try:
        return library.LockFile(path).close
    except library.LockError:
        raise Busy


def link(path):
    return lockfile(path, "linklockfile", "LinkLockFile")


def mkdir(path):
    return lockfile(path, "mkdirlockfile", "MkdirLockFile")


def symlink(path):
    return lockfile(path, "symlinklockfile", "SymlinkLockFile")


def pid(path):
    return lockfile(path, "pidlockfile", "PIDLockFile")


def lockfile(path, module, name):
    import importlib
    import lockfile as library
    lock = getattr(importlib.import_module("lockfile." + module), name)(path)
    if sys.argv[3:] == ["--status"]:
        sys.exit(0 if lock.is_locked() else 1)
    try:
        lock.acquire(timeout=-1)
    except library.AlreadyLocked:
        raise Busy
    return lock.release


def daemon(path):
    """What DaemonContext(pidfile=...) of python-daemon enters and leaves."""
    import daemon.pidfile
    import lockfile as library
    lock = daemon.pidfile.TimeoutPIDLockFile(path, acquire_timeout=-1)
    try:
        lock.__enter__()
    except library.AlreadyLocked:
        raise Busy
    return lambda: lock.__exit__(None, None, None)


def main():
    kind, path, *more = sys.argv[1:]
    try:
        release = globals()[kind](path)
    except Busy:
        print("busy", flush=True)
        sys.exit(1 if more[:1] == ["--run"] else 0)
    child = os.fork() if more else 0
    if more and child == 0:
        os.execv(more[1], more[1:])
    if more[:1] == ["--run"]:
        os.waitpid(child, 0)
        release()
        return
    print("acquired", flush=True)
    while os.read(0, 64):
        pass
    release()
    print("released", flush=True)


main()
