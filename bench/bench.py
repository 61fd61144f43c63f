#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All benchmarks in one run, as a page: `bench.py BENCH_FOLDER LOCKPROOF OUT [--quick]`.

BENCH_FOLDER has the programs of `make bench`. OUT gets BENCH.md and bench/*.svg; every number of the page is in results.json,
beside the programs, for `gate.py`. With --quick everything is made once and small: a trial of the machinery, whose numbers say nothing.
"""
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time

import locks
import page
import plot

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = {  # repetitions; those with 1 take a median themselves, or mean many runs
    "claim_cost": 9, "search_states": 3, "live_programs": 3, "live_executions": 3, "stress_throughput": 1, "learned_programs": 1,
}
QUICK = {"search_states": "names/3/2|pids/3/2|spin/3/2", "live_programs": "static", "live_executions": "o_excl", "stress_throughput": "processes:2/",
         "learned_programs": "flock_n"}


def google(folder, name, quick):
    """row -> counters of the median; times in ns"""
    out = folder / f"{name}.json"
    words = [folder / name, f"--benchmark_out={out}", "--benchmark_out_format=json"]
    if not quick and PROGRAMS[name] > 1:
        words += [f"--benchmark_repetitions={PROGRAMS[name]}"]
    if quick and name in QUICK:
        words += [f"--benchmark_filter={QUICK[name]}"]
    subprocess.run(words, check=True, capture_output=True)
    rows, known = {}, {"name", "family_index", "per_family_instance_index", "run_name", "run_type", "repetitions", "repetition_index", "threads",
                       "iterations", "aggregate_name", "aggregate_unit", "time_unit"}
    units = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
    for row in json.loads(out.read_text())["benchmarks"]:
        if row.get("error_occurred"):
            print(f"bench: {row['name']}: {row['error_message']}", file=sys.stderr)
            continue
        if row["run_type"] == "aggregate" and row["aggregate_name"] != "median":
            continue
        label = re.sub(r"/(iterations:\d+|manual_time|repeats:\d+)", "", row["run_name"])
        values = {key: value for key, value in row.items() if key not in known}
        for key in ("real_time", "cpu_time"):
            values[key] *= units[row["time_unit"]]
        values["ms"] = values["real_time"] / 1e6
        if row["run_type"] == "aggregate" or label not in rows:
            rows[label] = values
    return rows


def check(lockproof, *words):
    """The one result of a check, with its wall time and the most memory that it had."""
    process = subprocess.Popen([lockproof, "check", *words, "--no-store", "--no-mutants", "--report", "json=-"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    text = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 3):
        sys.exit(f"bench: check {' '.join(words)} ended with {process.returncode}")
    result = json.loads(text[text.index("\n{\n  \"schema\"") if not text.startswith("{") else 0:])["results"][0]
    return {"verdict": result["verdict"], "seconds": result["seconds"], "mib": used.ru_maxrss / 1024, **result["counts"]}


def strategies(lockproof, quick):
    rows = []
    for name, processes, kills in [("classic/o_excl_steal", 2, 1), ("classic/o_excl", 3, 0), ("control/flock", 2, 1)][:1 if quick else 3]:
        row = {"scenario": name, "processes": processes, "kills": kills}
        for strategy in ("dfs", "dpor", "optimal", "search"):
            words = [name, "--processes", str(processes), "--kills", str(kills), "--strategy", strategy, "--world", "sim", "--budget", "60s"]
            row[strategy] = check(lockproof, *words)
        rows.append(row)
    return rows


# A worker of 4 to 20 calls that its lock is about: a directory as a lock, and looks in between.
def calls_scenario(folder, calls):
    looks = "; ".join(["[ -e $1/x ]"] * (calls - 2)) or ":"
    script = f"mkdir $1/lock 2>/dev/null || {{ echo busy; exit 0; }}; echo acquired; read x; {looks}; rmdir $1/lock; echo released"
    path = folder / f"calls_{calls}.toml"
    path.write_text(f'title = "{calls} calls"\ninvariants = ["clean_exit"]\ncast = ["run", "run", "run"]\n[faults]\nkill = 1\n'
                    f'[subject]\nname = "{calls} calls"\nkind = "worker"\nrun = {json.dumps(["sh", "-c", script, "sh", "{dir}"])}\n')
    return str(path)


def growth(lockproof, folder, quick):
    limits = ["--world", "sim", "--budget", "120s", "--memory", "12G", "--jobs", "1"]
    processes, kills, calls = (range(2, 4), range(0, 2), (4, 8)) if quick else (range(2, 6), range(0, 4), (4, 8, 12, 16, 20))
    of_processes = [{"processes": n, "kills": k, **check(lockproof, "control/flock", "--processes", str(n), "--kills", str(k), *limits)}
                    for k in kills for n in processes]
    of_calls = [{"calls": n, **check(lockproof, calls_scenario(folder, n), "--budget", "120s", "--jobs", "1")} for n in calls]
    return {"processes": of_processes, "calls": of_calls}


def jobs(lockproof, quick):
    words = ["classic/o_excl_steal", "--kills", "2", "--world", "sim"] if quick else ["genie/serve_pid", "--world", "sim"]
    cores = len(os.sched_getaffinity(0))
    rows = {}
    for count in sorted({1, 2, cores}):
        made = [check(lockproof, *words, "--jobs", str(count)) for _ in range(1 if quick else 5)]
        rows[count] = {"seconds": statistics.median(row["seconds"] for row in made), "states": made[0]["states"]}
    return {"scenario": words[0], "rows": rows}


def machine():
    cpu = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {"processor": cpu[1] if cpu else platform.machine(), "cores": len(os.sched_getaffinity(0)), "kernel": platform.release(),
            "load": os.getloadavg()[0]}


def main():
    quick = "--quick" in sys.argv
    folder, lockproof, out = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    begin = time.monotonic()
    results = {"machine": machine(), "quick": quick}
    results["version"] = subprocess.run([lockproof, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    steps = [("locks", lambda: locks.measure(folder, quick))]
    steps += [(name, lambda name=name: google(folder, name, quick)) for name in PROGRAMS]
    steps += [("strategies", lambda: strategies(lockproof, quick)), ("growth", lambda: growth(lockproof, folder, quick)),
              ("jobs", lambda: jobs(lockproof, quick))]
    for name, step in steps:
        print(f"bench: {name}", file=sys.stderr, flush=True)
        results[name] = step()
    results["machine"]["load_at_end"] = os.getloadavg()[0]
    results["seconds"] = time.monotonic() - begin
    (folder / ("trial.json" if quick else "results.json")).write_text(json.dumps(results, indent=1))
    shutil.rmtree(out / "bench", ignore_errors=True)
    (out / "bench").mkdir(parents=True)
    plot.plots(results, out / "bench")
    (out / "BENCH.md").write_text(page.page(results))
    print(f"bench: {results['seconds']:.0f} s; {out}/BENCH.md", file=sys.stderr)


if __name__ == "__main__":
    main()
