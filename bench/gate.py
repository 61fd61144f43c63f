#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has something become slower? `gate.py BENCH_FOLDER BIN_FOLDER [--accept]`.

Seconds differ from hour to hour; what is compared is what does not. Ratios of the last `make bench` (results.json), measured side by side,
meet their limits. And so many instructions, counted by callgrind, are executed by the same work, 3 % more or less than in
bench/instructions.json; with --accept they are written there.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import page

HERE = pathlib.Path(__file__).resolve().parent
KNOWN = HERE / "instructions.json"
TOLERANCE = 0.03


def works(folder, binaries):
    """name -> (what is run, what is taken away from it, how often the rest is in it). A search maps more addresses than valgrind has: SPIN is its gate."""
    with_solo = [folder / "lock_peer", "solo", "life", "{dir}"]
    check = [binaries / "lockproof", "check", "classic/o_excl_steal", "--processes", "2", "--kills", "1", "--world", "sim", "--no-store", "--no-mutants"]
    return {"a life of solo": ([*with_solo, "1100"], [*with_solo, "100"], 1000),
            "all runs of classic/o_excl_steal, and their start": ([*check, "--strategy", "dfs"], None, 1),
            "dpor of classic/o_excl_steal, and its start": ([*check, "--strategy", "dpor"], None, 1)}


def instructions(words):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as place:
        made = [str(word).replace("{dir}", place) for word in words]
        done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *made], capture_output=True, text=True, timeout=600, check=False)
    count = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not count:
        sys.exit(f"gate: {' '.join(made)} ended with {done.returncode}: {done.stderr[-500:]}")
    return int(count[1])


def main():
    folder, binaries = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    worse = 0
    results = folder / "results.json"
    if results.exists():
        for name, (ratio, limit, side) in page.ratios(json.loads(results.read_text())).items():
            kept = page.keeps(ratio, limit, side)
            worse += not kept
            print(f"{'ok   ' if kept else 'WORSE'} {name}: {ratio:.2f}, has to be at {side} {limit}")
    else:
        print("gate: ratios are not known: no whole `make bench` was run here")
        worse += 1
    known = json.loads(KNOWN.read_text()) if KNOWN.exists() else {}
    counted = {}
    for name, (words, without, times) in works(folder, binaries).items():
        counted[name] = (instructions(words) - (instructions(without) if without else 0)) // times
        before = known.get(name)
        change = counted[name] / before - 1 if before else 0
        kept = before is not None and abs(change) <= TOLERANCE
        worse += not kept
        print(f"{'ok   ' if kept else 'CHANGED'} {name}: {counted[name]:,} instructions, {change:+.1%}")
    if "--accept" in sys.argv:
        KNOWN.write_text(json.dumps(counted, indent=1) + "\n")
        return 0
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
