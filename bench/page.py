# SPDX-License-Identifier: Apache-2.0
"""docs/BENCH.md from the results of bench.py, and from nothing else."""
import locks


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(row) + " |" for row in rows), ""])


def short(value):
    if value is None:
        return "never"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def first(rows, part):
    return next((row for label, row in rows.items() if part in label), None)


def ratios(results):
    """What is compared with a limit, here and by gate.py: name -> (ratio, limit, at least or at most)."""
    cost, states, programs, stress = (results[name] for name in ("claim_cost", "search_states", "live_programs", "stress_throughput"))
    found = {"claim: solo / its system calls": (cost["claim_and_give_up"]["real_time"] / cost["its_system_calls"]["real_time"], 1.25, "most")}
    largest = "4/2" if first(states, "spin/4/2") else "3/2"
    ours, spin = first(states, f"/pids/{largest}"), first(states, f"spin/{largest}")
    if spin:
        found["search: states/s / SPIN's"] = (ours["states_per_s"] / spin["states_per_s"], 1, "least")
    found["live: runs/s / the bare ptrace loop's"] = (first(programs, "static_program")["ratio"], 0.75, "least")
    for label, row in stress.items():
        found[f"stress: owners/s / the bare loop's, {label.split('/', 1)[1].replace('/', ', ')}"] = (row["ratio"], 0.8, "least")
    return found


def keeps(ratio, limit, side):
    return ratio >= limit if side == "least" else ratio <= limit


def limits(results):
    rows = [[name, f"{ratio:.2f}", f"at {side} {limit}", "yes" if keeps(ratio, limit, side) else "**no**"]
            for name, (ratio, limit, side) in ratios(results).items()]
    mine = results["locks"]["solo"]
    for lock, row in results["locks"].items():
        if lock in ("solo", "bare"):
            continue
        slower = [what for what in ("life", "probe") if row[what] < mine[what]]
        slower += ["hand-over"] if row["hand_over"]["us"] < mine["hand_over"]["us"] else []
        slower += ["recovery"] if row["recovery"] is not None and row["recovery"] < mine["recovery"] else []
        rows.append([f"solo faster than {locks.NAMES[lock]}", f"{row['life'] / mine['life']:.2f} (life)", "in all four",
                     "yes" if not slower else "**no**: " + ", ".join(slower)])
    return "## What has to hold\n\n" + table(["", "measured", "has to be", ""], rows)


def of_locks(results):
    mine = results["locks"]["solo"]
    cost = results["claim_cost"]

    def cell(value, ours):
        return "never" if value is None else f"{short(value)} ({value / ours:.2f})"

    rows = [[locks.NAMES[lock], cell(row["life"], mine["life"]), cell(row["probe"], mine["probe"]), cell(row["hand_over"]["us"], mine["hand_over"]["us"]),
             cell(row["recovery"], mine["recovery"]), str(row["hand_over"]["two_owners"])] for lock, row in results["locks"].items()]
    return f"""## Locks

How long does a lock take? Medians in us, and in brackets as many times solo's. *life*: claim and give up, one process alone. *probe*: is it held,
asked while another process holds it. *hand-over*: from where an owner begins to give up until another process, which tries all the time, owns.
*recovery*: the same from its SIGKILL. *two owners*: hand-overs in which the next one owned before the former one began to give up.

{table(["", "life", "probe", "hand-over", "recovery", "two owners"], rows)}
What is compared differs in what it does: solo writes a record of who owns before it owns, and looks at its directory and files before it believes them
(`SOLO.md`); libbsd's pidfile and QLockFile write a pid; Boost and filelock only lock; proper-lockfile makes a directory, and an owner that was killed
is one whose directory was not touched for 2 s, the least that can be asked for. Programs: `bench/peers/`.

A life of solo takes {cost["claim_and_give_up"]["real_time"] / 1e3:.1f} us; its {cost["its_system_calls"]["calls"]:.0f} system calls, made again without
solo, {cost["its_system_calls"]["real_time"] / 1e3:.1f} us (`bench/claim_cost.cc`).

![claim and give up](bench/life.svg)
"""


def of_rows(results, name, title, question, columns):
    rows = [[label, *(short(row[key]) if key in row else "" for key in columns.values())] for label, row in results[name].items()]
    return f"## {title}\n\n{question} `bench/{name}.cc`.\n\n" + table(["", *columns], rows)


def of_strategies(results):
    rows = []
    for row in results["strategies"]:
        naive = row["dfs"]["executions"]
        for name in ("dfs", "dpor", "optimal", "search"):
            one = row[name]
            made = one.get("executions", one.get("states"))
            rows.append([f"{row['scenario']}, {row['processes']} processes, {row['kills']} kill" if name == "dfs" else "", name, one["verdict"],
                         f"{made:,} {'states' if name == 'search' else 'runs'}", f"{naive / made:,.0f}" if name != "search" else "", short(one["seconds"])])
    return ("## Runs that are left out\n\nHow many runs does each strategy make, beside all of them? `lockproof check SCENARIO --strategy dpor`. A `dfs` that "
            "is inconclusive met its budget of a minute: there are more runs; a `dpor` that is has made all of its own, and leaves `recovers` to `search`.\n\n" + table(["", "strategy", "verdict", "made", "reduction", "s"], rows))


def of_growth(results):
    rows = [[str(row["processes"]), str(row["kills"]), row["verdict"], f"{row['states']:,}", short(row["seconds"]), short(row["mib"])]
            for row in results["growth"]["processes"]]
    calls = [[str(row["calls"]), row["verdict"], f"{row['states']:,}", short(row["seconds"]), short(row["mib"])] for row in results["growth"]["calls"]]
    return f"""## Growth

How long does a search take, and how much memory, on one core? Below about 16 MiB the memory is that of who measured. `lockproof check control/flock --processes N --kills K --jobs 1`:

{table(["processes", "kills", "verdict", "states", "s", "MiB"], rows)}
![states](bench/processes_states.svg) ![seconds](bench/processes_seconds.svg) ![memory](bench/processes_memory.svg)

Over the calls of a program (a shell that makes a directory, looks so often, and removes it), 3 processes, 1 kill; learning and comparing included:

{table(["calls", "verdict", "states", "s", "MiB"], calls)}
![calls](bench/calls.svg)
"""


def of_jobs(results):
    made = results["jobs"]
    one = next(iter(made["rows"].values()))["seconds"]
    rows = [[str(jobs), f"{row['states']:,}", short(row["seconds"]), f"{one / row['seconds']:.2f}"] for jobs, row in made["rows"].items()]
    return f"## Cores\n\nWhat is gained by more threads? `lockproof check {made['scenario']} --jobs J`, no mutants:\n\n" + table(["jobs", "states", "s", "gain"], rows)


def page(results):
    at = results["machine"]
    trial = "**A trial of the machinery: its numbers say nothing.**\n\n" if results["quick"] else ""
    parts = [f"""# Benchmarks

{trial}Written by `make bench` from one run of {results['seconds']:.0f} seconds, and by nothing else: {results['version']}, {at['processor']}, {at['cores']}
processors, Linux {at['kernel']}; load {at['load']:.1f} at the begin, {at['load_at_end']:.1f} at the end. Each is a median; peer and limit were measured beside it.
`make bench-gate` compares ratios and counts of instructions with their limits.
""", limits(results), of_locks(results),
             of_rows(results, "search_states", "Search beside SPIN", "How many states a second, and how many bytes does each take, beside SPIN on the same "
                     "protocol, processes/kills? One core; `pids` is what SPIN does, `names` needs fewer states.",
                     {"states": "states", "states/s": "states_per_s", "bytes a state": "bytes_per_state"}),
             of_strategies(results),
             of_rows(results, "live_programs", "Real processes: programs", "Runs of two programs a second, beside the least that ptrace needs, on one core.",
                     {"steps a run": "steps_per_run", "runs/s": "runs_per_s", "limit": "limit_per_s", "ratio": "ratio", "us a turn": "us_per_turn"}),
             of_rows(results, "live_executions", "Real processes: built-in subjects", "The same, beside so many forks and stopped calls.",
                     {"steps a run": "steps_per_run", "runs/s": "runs_per_s", "limit": "limit_per_s", "ratio": "ratio", "us a step": "us_per_step"}),
             of_rows(results, "stress_throughput", "Stress", "Owners a second under the harness, beside the same loop without it.",
                     {"bare/s": "bare/s", "harness/s": "harness/s", "ratio": "ratio"}),
             of_rows(results, "learned_programs", "Learned programs", "What a check of a program on disk takes, from its start to its verdict.",
                     {"ms": "ms", "states": "states", "answers": "answers", "ms by a start for each answer": "starts_ms", "ms by dpor, live": "live_ms", "ratio": "ratio"}),
             of_growth(results), of_jobs(results)]
    return "\n".join(parts)
