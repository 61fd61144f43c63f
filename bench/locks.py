# SPDX-License-Identifier: Apache-2.0
"""Locks of libraries, each in its own language, timed by their own clocks (peers/): medians in us."""
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
NAMES = {"bare": "bare calls: open, OFD lock, close", "solo": "solo", "pidfile": "libbsd pidfile", "boost": "Boost file_lock", "qlockfile": "QLockFile",
         "filelock": "python filelock", "proper-lockfile": "npm proper-lockfile"}


def command(folder, lock):
    if lock == "filelock":
        return ["/usr/bin/python3", HERE / "peers/lock_peer.py"]
    if lock == "proper-lockfile":
        return ["node", HERE / "peers/lock_peer.js", folder / "npm/node_modules"]
    return [folder / "lock_peer", lock]


class Place:
    """A folder in memory, so that no disk is measured."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="lockproof-bench.", dir="/dev/shm")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def numbers(words):
    done = subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True, timeout=300)
    return [[int(word) for word in line.split()] for line in done.stdout.splitlines()]


def start(words):
    return subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, text=True)


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def life(words, count):
    with Place() as place:
        return statistics.median(row[0] for row in numbers([*words, "life", place, count])) / 1e3


def probe(words, count):
    with Place() as place:
        holder = start([*words, "hold", place])
        holder.stdout.readline()
        try:
            return statistics.median(row[0] for row in numbers([*words, "probe", place, count])) / 1e3
        finally:
            kill(holder)


def hand_over(words, count):
    """From when one begins to give up until another one, which tries all the time, owns."""
    with Place() as place:
        both = [start([*words, "alternate", place, count]) for _ in range(2)]
        lives = []
        for who, process in enumerate(both):
            out, _ = process.communicate(timeout=300)
            if process.returncode != 0:
                sys.exit(f"bench: {words} ended with {process.returncode}")
            lives += [(*map(int, line.split()), who) for line in out.splitlines()]
    lives.sort()
    waits = [after[0] - before[1] for before, after in zip(lives, lives[1:]) if before[2] != after[2]]
    overlaps = sum(wait < 0 for wait in waits)  # owned before the other one began to give up
    return {"us": statistics.median(waits) / 1e3, "times": len(waits), "two_owners": overlaps}


def recovery(words, count):
    """From SIGKILL of the owner until another one, which tries all the time, owns."""
    waits = []
    for _ in range(count):
        with Place() as place:
            holder = start([*words, "hold", place])
            holder.stdout.readline()
            waits_for = start([*words, "until", place])
            waits_for.stdout.readline()
            time.sleep(0.05)  # tries by then; if not, it only owns later
            begin = time.monotonic_ns()
            os.kill(holder.pid, signal.SIGKILL)
            try:
                out, _ = waits_for.communicate(timeout=30)
                waits.append(int(out) - begin)
            except subprocess.TimeoutExpired:
                kill(waits_for)
                return None
            finally:
                kill(holder)
    return statistics.median(waits) / 1e3


def measure(folder, quick):
    few = 20 if quick else 1
    rows = {}
    for lock in NAMES:
        words = command(folder, lock)
        slow = lock in ("filelock", "proper-lockfile")
        rows[lock] = {"life": life(words, (2000 if slow else 20000) // few), "probe": probe(words, (2000 if slow else 20000) // few),
                      "hand_over": hand_over(words, 1000 // few), "recovery": recovery(words, 3 if lock == "proper-lockfile" else 30 // few + 1)}
        print(f"bench: {lock} {rows[lock]}", file=sys.stderr)
    return rows
