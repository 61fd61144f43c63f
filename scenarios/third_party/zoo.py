#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Locks of other people, each asked the same questions: `zoo.py LOCKPROOF [--budget 20s] [--repeat N] [SUBJECT...]`.

A subject is a file of this folder (questions.py says what is in it). What was answered is kept in build/zoo/results, so
that an interrupted run goes on; what changed is asked again. Then docs/ZOO.md, docs/zoo.html and runs/ are written from
all that is kept there, and nothing else. What stayed open is asked again by another LOCKPROOF or another budget. An
interrupt (SIGINT, SIGTERM) ends the question that is asked, keeps what was answered, and writes no page. --repeat asks
what holds so many times more, and --replay makes each run that breaks a promise ten times again: both fail if one answer
is another.
Exit status: 0 all was answered, 1 something was answered in two ways or by a defect of ours, 2 usage, 130 interrupted.
"""
import argparse
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import tomllib

import questions
import zoo_report

FOLDER = questions.FOLDER
ROOT = FOLDER.parent.parent
BUILD = ROOT / "build" / "zoo"
REPLAYS = 10
IN_ORDER = ["exit"] + [question for question in questions.QUESTIONS if question != "exit"]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("lockproof", type=pathlib.Path)
    arguments.add_argument("--budget", default="20s", help="of each question")
    arguments.add_argument("--repeat", type=int, default=0, help="ask what holds so many times more")
    arguments.add_argument("--replay", action="store_true", help="make each run that breaks a promise ten times again")
    arguments.add_argument("--report-only", action="store_true")
    arguments.add_argument("subjects", nargs="*")
    options = arguments.parse_intermixed_args()
    names = options.subjects or sorted(path.stem for path in FOLDER.glob("*.toml"))
    unknown = [name for name in names if not (FOLDER / f"{name}.toml").is_file()]
    if unknown:
        sys.exit(f"zoo: no subject '{unknown[0]}': expected a file of {FOLDER}, without .toml")
    options.lockproof = options.lockproof.resolve()
    options.harness = hashlib.sha256(options.lockproof.read_bytes()).hexdigest()[:16]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        wrong = 0 if options.report_only else answered(names, options)
    except KeyboardInterrupt:
        print("\nzoo: interrupted; what was answered is kept, the same command goes on", file=sys.stderr)
        sys.exit(130)
    kept = everything()
    left = len(questions.QUESTIONS) * len(list(FOLDER.glob("*.toml"))) - sum(len(entry["answers"]) for entry in kept.values())
    if left:
        print(f"zoo: {left} questions were never asked here, so the pages stay as they are; `make zoo` asks all")
    else:
        remove_old_runs(kept)
        zoo_report.write(ROOT, kept)
    sys.exit(1 if wrong else 0)


def answered(names, options):
    """Asks all subjects what is not yet known of them. Returns how many answers are wrong."""
    make_workers()
    progress = Progress(sum(len(unknown(name, options)) for name in names))
    return sum(judge(name, options, progress) for name in names)


class Progress:
    """How many questions are left, and for how long: those left take as long as those before them did."""

    def __init__(self, total):
        self.asked, self.total, self.began = 0, total, time.monotonic()

    def line(self):
        took = time.monotonic() - self.began
        self.asked += 1
        left = "" if self.asked == 1 else f", {took / (self.asked - 1) * (self.total - self.asked + 1) / 60:.0f} min left"
        return f"[{self.asked}/{max(self.total, self.asked)}, {took / 60:.0f} min{left}]"


def read(name):
    with open(FOLDER / f"{name}.toml", "rb") as file:
        return tomllib.load(file)


def everything():
    """All that is kept, by subject, in the order of their names."""
    kept = {}
    for path in sorted(FOLDER.glob("*.toml")):
        results = BUILD / "results" / path.stem
        answers = {question: json.loads((results / f"{question}.json").read_text())
                   for question in questions.QUESTIONS if (results / f"{question}.json").is_file()}
        if answers:
            kept[path.stem] = {"file": read(path.stem), "answers": answers}
    return kept


# Workers

def make_workers():
    """Compiles those that are older than their sources, and installs the modules of npm."""
    binaries = BUILD / "bin"
    binaries.mkdir(parents=True, exist_ok=True)
    compile_to(binaries / "rest", ["g++", "-O1", "-o", "{out}", "{here}/workers/rest.cc"])
    modules = set()
    for path in sorted(FOLDER.glob("*.toml")):
        subject = read(path.stem)
        zoo = subject.get("x-zoo", {})
        if "build" in zoo:
            compile_to(binaries / pathlib.Path(subject["subject"]["run"][0]).name, zoo["build"])
        if "npm" in zoo:
            modules.add(zoo["npm"])
    missing = [module for module in sorted(modules) if npm_version(module) is None]
    if missing:
        (BUILD / "npm").mkdir(exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", "--prefix", BUILD / "npm", *sorted(modules)]
        if subprocess.run(command, stdout=subprocess.DEVNULL).returncode != 0:
            sys.exit(f"zoo: npm did not install {' '.join(missing)}: what it said is above; nothing was asked")


def compile_to(binary, command):
    words = [word.replace("{out}", str(binary)).replace("{here}", str(FOLDER)) for word in command]
    sources = [path for path in map(pathlib.Path, words) if path.suffix in (".cc", ".go")]
    newest = max(path.stat().st_mtime for path in [*sources, FOLDER / "workers/worker.h"])
    if not binary.exists() or binary.stat().st_mtime < newest:
        subprocess.run(words, check=True)


def npm_version(module):
    name, _, version = module.rpartition("@")
    package = BUILD / "npm/node_modules" / name / "package.json"
    if package.is_file() and json.loads(package.read_text())["version"] == version:
        return version
    return None


def version_of(subject):
    zoo = subject.get("x-zoo", {})
    if "npm" in zoo:
        return npm_version(zoo["npm"]) or ""
    found = subprocess.run(["dpkg-query", "-W", "-f=${Version}", subject["subject"].get("package", "")],
                           capture_output=True, text=True)
    return found.stdout.strip()


# One subject

def judge(name, options, progress):
    """Asks what is not yet known of it. Returns how many answers are wrong."""
    subject = read(name)
    version = version_of(subject)
    wrong = 0
    never_in = None
    for question in IN_ORDER:
        kept = kept_of(name, question)
        key = key_of(subject, question, version) + ("-" if never_in else "")
        answer = answer_in(kept)
        if is_to_be_asked(answer, key, options):
            print(f"{progress.line()} {name} {question} ... ", end="", flush=True)
            answer = ask(name, subject, question, options, never_in)
            answer.update(key=key, version=version, budget=options.budget, harness=options.harness)
            keep(kept, answer)
            print(answer["status"], answer.get("reason", "")[:100], flush=True)
        if question == "exit" and answer.get("invariant") == "recovers":
            never_in = "it does not get in where nobody was before, so nothing else says anything"
        if answer["status"] == "holds" and answer.get("repeated", 0) < options.repeat:
            wrong += not asked_again(name, question, answer, options)
            keep(kept, answer)
        if options.replay and "schedule" in answer:
            replay(answer, options)
            keep(kept, answer)
        if answer.get("replayed", REPLAYS) < REPLAYS:
            print(f"{name} {question}: its run was made again {answer['replayed']} of {REPLAYS} times", flush=True)
            wrong += 1
        wrong += answer["status"] == "defect"
        if answer["status"] == "violated" and "why" not in subject.get("x-zoo", {}):
            print(f"{name} {question}: breaks, and {name}.toml has no x-zoo.why that says in words how", flush=True)
            wrong += 1
    return wrong


def unknown(name, options):
    """The questions that it will be asked."""
    subject = read(name)
    version = version_of(subject)
    return [question for question in IN_ORDER
            if is_to_be_asked(answer_in(kept_of(name, question)), key_of(subject, question, version), options)]


def kept_of(name, question):
    return BUILD / "results" / name / f"{question}.json"


def answer_in(path):
    return json.loads(path.read_text()) if path.is_file() else {}


def is_to_be_asked(answer, key, options):
    """Whether it is not known, or another harness or another budget may say more."""
    if answer.get("key", "").rstrip("-") != key.rstrip("-") or answer["status"] == "defect":
        return True
    is_open = answer["status"] == "inconclusive" or "three" in answer
    return is_open and (answer["budget"], answer.get("harness")) != (options.budget, options.harness)


def keep(path, answer):
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(answer, indent=1))
    new.rename(path)


def key_of(subject, question, version):
    """Changes whenever the same question would be another one: the file, the worker, the program."""
    parts = [version]
    try:
        parts.append(text_of(questions.scenario(subject, question, 3, FOLDER)))
    except questions.Unasked as reason:
        parts.append(str(reason))
    parts.append(json.dumps(subject.get("x-zoo", {}).get("not_promised", {}).get(question)))
    words = json.dumps(subject["subject"]) + json.dumps({**subject.get("x-zoo", {}), "why": ""})
    parts += [path.read_text() for path in sorted((FOLDER / "workers").iterdir()) if path.stem in words]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def ask(name, subject, question, options, never_in):
    """The answer to one question: in the simulated kernel if the program can be learned, else by real processes."""
    if never_in:
        return {"status": "inconclusive", "reason": never_in, "seconds": 0}
    where = BUILD / "scenarios" / name
    try:
        file = written(subject, question, 3, where)
        answer = run(file, question, options, [])
        more = ["--world", "live"] if answer["status"] == "skipped" else []
        if more or answer["status"] == "inconclusive" and question in ("burst", "steal"):
            fewer = run(written(subject, question, 2, where), question, options, more)
            fewer.update(three=answer["reason"], seconds=round(fewer["seconds"] + answer["seconds"], 2))
            answer = fewer
    except questions.Unasked as reason:
        return {"status": "unasked", "reason": str(reason), "seconds": 0}
    promised = subject.get("x-zoo", {}).get("not_promised", {})
    if answer["status"] == "violated":
        keep_run(name, question, file, answer, options)
        if question in promised:
            answer.update(status="not promised", reason=source_of(promised, question))
    return answer


def source_of(promised, question):
    source = promised[question]
    return promised[source[3:]] if source.startswith("as ") else source


def written(subject, question, processes, where):
    where.mkdir(parents=True, exist_ok=True)
    file = where / f"{question}.toml"
    file.write_text(text_of(questions.scenario(subject, question, processes, where)))
    return file


def run(file, question, options, more):
    """lockproof's answer about one scenario."""
    report = file.with_suffix(".json")
    report.unlink(missing_ok=True)
    words = [options.lockproof, "check", file, "--budget", options.budget, "--no-store", "--report", f"json={report}", *more]
    began = time.monotonic()
    limit = 60 + 4 * int(options.budget.rstrip("s"))
    try:
        done = ended(words, limit)
    except subprocess.TimeoutExpired:
        return {"status": "defect", "reason": f"did not end within {limit} s", "seconds": limit}
    seconds = round(time.monotonic() - began, 2)
    if done.returncode in (2, 4) or not report.is_file():
        return {"status": "defect", "reason": (done.stderr.strip() or "no report").splitlines()[-1], "seconds": seconds}
    result = json.loads(report.read_text())["results"][0]
    answer = {"status": result["verdict"], "reason": result["reason"], "seconds": seconds, "world": result["world"],
              "bounds": result["bounds"], "exhausted": result["exhausted"], "counts": result["counts"],
              "invariant": result["invariant"], "steps": result["steps"], "notes": result["notes"]}
    if answer["status"] == "violated":
        answer.update(why=result["findings"][0]["why"], screen=done.stdout,
                      choices=re.search(r"@(v\d+:[^~]*)~", result["replay"]).group(1))
        if result["confirmed"] is False:
            answer.update(status="inconclusive", reason="in the model only: " + result["difference"])
    return answer


def ended(words, limit):
    """What a command said until its end. What makes us give it up lets it clean up after itself, too."""
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          cwd=ROOT, start_new_session=True) as child:
        try:
            out, err = child.communicate(timeout=limit)
        except (KeyboardInterrupt, subprocess.TimeoutExpired):
            child.send_signal(signal.SIGINT)
            try:
                child.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                child.kill()
            raise
    return subprocess.CompletedProcess(words, child.returncode, out, err)


def asked_again(name, question, answer, options):
    """Whether it holds in each of so many runs more."""
    file = BUILD / "scenarios" / name / f"{question}.toml"
    more = ["--world", "live"] if answer["world"] == "live" else []
    answer["repeated"] = 0
    for _ in range(options.repeat):
        again = run(file, question, options, more)
        if again["status"] != "holds":
            print(f"{name} {question}: held before, now {again['status']}: {again['reason']}", flush=True)
            return False
        answer["repeated"] += 1
    return True


# Runs that break a promise

def keep_run(name, question, file, answer, options):
    """The scenario in runs/, with the schedule that breaks it; made so many times by real processes, and counted."""
    runs = FOLDER / "runs"
    asked = f"{name}_{question}"
    schedule = f"third_party/runs/{asked}@{answer['choices']}"
    schedule += f"~{check_of(schedule):08x}"
    here = os.path.relpath(FOLDER, file.parent)
    lines = file.read_text().replace("{here}/" + here, "{here}/..")
    runs.mkdir(exist_ok=True)
    (runs / f"{asked}.toml").write_text(
        f"# Written by zoo.py. The run that breaks it: lockproof replay --world live \\\n#   {schedule}\n{lines}"
        f"[expect]\nverdict = \"violated\"\ninvariant = {quoted(answer['invariant'])}\n")
    answer["schedule"] = schedule
    replay(answer, options)


def replay(answer, options):
    """Makes a kept run so many times by real processes, and counts how often it broke the promise."""
    answer["replayed"] = 0
    for _ in range(REPLAYS):
        done = ended([options.lockproof, "replay", "--world", "live", answer["schedule"]], 300)
        answer["replayed"] += done.returncode == 1
    answer["screen"] = done.stdout if done.returncode == 1 else answer["screen"]


def remove_old_runs(kept):
    """Those of answers that are others now."""
    known = {f"{name}_{question}" for name, entry in kept.items()
             for question, answer in entry["answers"].items() if "schedule" in answer}
    for path in (FOLDER / "runs").glob("*.toml"):
        if path.stem not in known:
            path.unlink()


def check_of(text):
    """32 bits of FNV-1a, as a schedule ends with."""
    check = 2166136261
    for byte in text.encode():
        check = (check ^ byte) * 16777619 & 0xFFFFFFFF
    return check


# TOML

def text_of(scenario):
    tables = {key: value for key, value in scenario.items() if key in ("subject", "faults")}
    lines = [f"{key} = {quoted(value)}" for key, value in scenario.items() if key not in tables]
    for name, table in tables.items():
        lines += [f"[{name}]"] + [f"{key} = {quoted(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def quoted(value):
    if isinstance(value, list):
        return "[" + ", ".join(map(quoted, value)) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {quoted(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)


if __name__ == "__main__":
    main()
