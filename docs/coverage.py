#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/COVERAGE.md: which requirement is shown by what.

    docs/coverage.py RESULTS [--check]

RESULTS is what `lockproof check scenarios --report json=RESULTS` wrote. With --check the file is compared instead of
written. A number that nothing shows and nobody calls open is an error, and so is a number, a test or a mutant that is
not there; and a guard of solo that no search misses, without a reason why none does.
"""
import json
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/COVERAGE.md"
HEAD = """# Coverage

Made by `make coverage` from `docs/requirements.toml`, the scenarios' `covers`, and a search of all of them. For each
scenario: what it is checked with, and how many states that has. For each mutant: the invariant that catches it, and the
number of system calls and faults of the shortest run that does.
"""


def read(path):
    with open(path, "rb") as file:
        return tomllib.load(file)


def wrong(problems):
    for problem in problems:
        print(f"coverage: {problem}", file=sys.stderr)
    sys.exit(1)


def covered():
    """number -> the scenarios that cover it"""
    by_number = {}
    for path in sorted((ROOT / "scenarios").glob("*/*.toml")):
        for number in read(path).get("covers", []):
            by_number.setdefault(number, []).append(f"{path.parent.name}/{path.stem}")
    return by_number


def scenario_cell(name, result):
    outcome = "holds" if result["verdict"] == "holds" else f"{result['verdict']}: {result['invariant']}"
    steps = f", {result['steps']} steps" if result["steps"] else ""
    return f"`{name}` ({result['subject']}; {outcome}{steps}, {result['counts']['states']:,} states)"


def mutant_cell(mutant):
    return f"`{mutant['name']}` {mutant['invariant']}, {mutant['steps']}"


def row(number, asks, names, results, requirements):
    if not names:
        test = requirements["tests"].get(number)
        shown = f"test `{test}`" if test else f"**open**: {requirements['open'][number]}"
        return f"| {number} | {asks} | {shown} | |"
    scenarios = "<br>".join(scenario_cell(name, results[name]) for name in names)
    mutants = "<br>".join(mutant_cell(mutant) for name in names for mutant in results[name]["mutants"])
    return f"| {number} | {asks} | {scenarios} | {mutants} |"


SYSTEMS_END = ("tests", "open", "unsearched")
GUARD_LINE = re.compile(r'SOLO_GUARD_LINE\((\w+), "(.*)"\)')


def guards():
    """guard of solo -> what would happen without it"""
    return dict(GUARD_LINE.findall((ROOT / "ref/src/guards.def").read_text()))


def missed(results):
    """guard of solo -> the scenarios whose search misses it"""
    by_guard = {}
    for name, result in results.items():
        for mutant in result["mutants"]:
            if mutant["caught"] and mutant["name"].startswith("solo/without_"):
                guard = mutant["name"].removeprefix("solo/without_")
                by_guard.setdefault(guard, []).append(f"`{name}` {mutant['invariant']}, {mutant['steps']}")
    return by_guard


def guard_rows(requirements, results):
    by_guard = missed(results)
    for guard, sentence in guards().items():
        shown = "<br>".join(by_guard.get(guard, []))
        yield f"| `{guard}` | {sentence} | {shown or 'its witness alone: ' + requirements['unsearched'][guard]} |"


def problems_of_guards(requirements, results):
    by_guard = missed(results)
    witnesses = "\n".join(path.read_text() for path in (ROOT / "ref/guarded").glob("*_guards_test.cc"))
    for guard in guards():
        reason = guard in requirements["unsearched"]
        if (guard in by_guard) == reason:
            yield f"guard {guard}: expected a scenario that misses it, or a reason why none does; found {2 if reason else 0} of these"
        if not re.search(rf"^bool {guard}\(Scene& scene\)", witnesses, re.MULTILINE):
            yield f"guard {guard}: it has no witness"
    for guard in sorted(requirements["unsearched"].keys() - guards().keys()):
        yield f"unsearched: there is no guard '{guard}'"


def exhausted():
    """scenario of solo -> what `make exhaust` searches of it; with `contenders`, those who are there before among them"""
    table = read(ROOT / "docs/exhausted.toml")
    default = table.pop("default")
    for name, row in table.items():
        scenario = read(ROOT / "scenarios" / f"{name}.toml")
        row.update(default | row)
        row["contenders"] = (row["processes"] or len(scenario["cast"])) + len(scenario.get("setup", []))
    return table


def exhausted_rows():
    for name, row in exhausted().items():
        yield f"| `{name}` | {row['contenders']} | {row['kills']} | {row['states']:,} | {row.get('why', '')} |"


def problems_of_exhausted(results):
    table = exhausted()
    for name in sorted(name for name, result in results.items() if result["subject"] == "solo" and name not in table):
        yield f"{name}: a scenario of solo that docs/exhausted.toml does not have"
    for name, row in table.items():
        if (row["contenders"] < 3 or row["kills"] < 2) != ("why" in row):
            yield f"docs/exhausted.toml: {name}: expected a reason where there are fewer than three contenders or two kills, and else none"


def page(requirements, by_number, results):
    lines = [HEAD]
    for system, numbers in requirements.items():
        if system in SYSTEMS_END:
            continue
        lines += [f"## {numbers['title']}\n", "| number | asks, or breaks by | shown by | mutants |", "|---|---|---|---|"]
        lines += [
            row(number, asks, by_number.get(number, []), results, requirements)
            for number, asks in numbers.items()
            if number != "title"
        ]
        lines.append("")
    lines += [
        "## The guards of solo\n",
        "Each can be switched off by name in the harness's build, and each has a witness in",
        "`ref/guarded` that is red without it. A search misses them too: the scenario, the invariant that its",
        "mutant `solo/without_NAME` breaks, and in how many system calls and faults; or why no search can.\n",
        "| guard | without it | missed by |",
        "|---|---|---|",
        *guard_rows(requirements, results),
        "",
        "## solo with three contenders and two kills\n",
        "What `make exhaust` searches, to the last state: each scenario of solo with more processes and kills than the gate has time",
        "for. `solo` holds in all of them. The late one, and children that are forked, come to the contenders.\n",
        "| scenario | contenders | kills | states | why not more |",
        "|---|---|---|---|---|",
        *exhausted_rows(),
    ]
    return "\n".join(lines) + "\n"


def problems_of(requirements, by_number, results):
    numbers = {n for s, t in requirements.items() if s not in SYSTEMS_END for n in t if n != "title"}
    tests = "\n".join(path.read_text() for path in (ROOT / "ref").rglob("*_test.cc"))
    for number in sorted(by_number.keys() - numbers):
        yield f"{', '.join(by_number[number])}: no requirement has the number '{number}'"
    for number, test in requirements["tests"].items():
        suite, name = test.split(".")
        if not re.search(rf"TEST(_F)?\({suite}, {name}\)", tests):
            yield f"{number}: there is no test '{test}'"
    for number in sorted(numbers):
        ways = [number in by_number, number in requirements["tests"], number in requirements["open"]]
        if sum(ways) != 1:
            yield f"{number}: expected to be covered by scenarios, or by a test, or to be open; found {sum(ways)} of these"
    for name in sorted({name for names in by_number.values() for name in names}):
        result = results.get(name)
        if result is None or result["verdict"] not in ("holds", "violated"):
            yield f"{name}: was not searched to an end"
        elif not all(mutant["caught"] for mutant in result["mutants"]):
            yield f"{name}: a mutant was not caught"
    yield from problems_of_guards(requirements, results)
    yield from problems_of_exhausted(results)


def main(arguments):
    if len(arguments) not in (1, 2) or arguments[1:] not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    requirements = read(ROOT / "docs/requirements.toml")
    by_number = covered()
    with open(arguments[0], encoding="utf-8") as file:
        results = {result["scenario"]: result for result in json.load(file)["results"]}
    if problems := list(problems_of(requirements, by_number, results)):
        wrong(problems)
    text = page(requirements, by_number, results)
    if arguments[1:] == []:
        PAGE.write_text(text)
    elif PAGE.read_text() != text:
        wrong(["docs/COVERAGE.md is not what the scenarios say now: run `make coverage`, and look at the difference"])


if __name__ == "__main__":
    main(sys.argv[1:])
