# SPDX-License-Identifier: Apache-2.0
"""The questions of the zoo: of one file about a subject, the scenario that asks each.

A subject's file is a scenario by itself; its table [x-zoo] adds what only the zoo wants to know:

    build        the command that makes its worker, {out} is where (build/zoo/bin)
    npm          the module of npm and its version, NAME@VERSION
    start        of a worker: the same as a wrapper of {critical}, so that it can be asked about
    status       the command that asks whether somebody owns
    not_promised a question -> where its documentation says, or leaves open, that it does not promise this
    why          where it breaks what it promises: how, in words, and the strace that shows it
    unasked      a question -> why it is not asked
    contents     a question about a stale file -> what lies there, where its record is no text
"""
import copy
import os
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent

# name -> what is asked, as people read it
QUESTIONS = {
    "burst": "three start at once: never two owners",
    "record": "the same: while one owns, its file names it",
    "crash": "an owner is killed anywhere: the next one gets in, never two",
    "dead": "a file of a dead owner: the next one gets in",
    "recycled": "the same, and its pid is a stranger's now",
    "empty": "an empty file: the next one gets in",
    "torn": "half a file: the next one gets in",
    "steal": "three find the file of a dead owner: never two owners",
    "pid_reuse": "an owner is killed, and a stranger gets its pid: the next one gets in",
    "leak": "the owner leaves a program behind: the next one gets in",
    "stop": "a process stops anywhere, past every time-out: never two owners",
    "probe": "who only asks makes no start fail, and changes nothing",
    "exit": "who gives up ends without an error, and the next one gets in",
}
NO_STATUS = 250  # that nobody ends with
STALE = ("dead", "recycled", "empty", "torn")


class Unasked(Exception):
    """A question that a subject cannot be asked, with the reason."""


def scenario(subject, question, processes, where):
    """The scenario that asks it, as a table, for a file in the folder `where`. Raises Unasked."""
    zoo = subject.get("x-zoo", {})
    if question in zoo.get("unasked", {}):
        raise Unasked(zoo["unasked"][question])
    asked = {"title": QUESTIONS[question], "source": subject["source"]}
    command = copy.deepcopy(subject["subject"])
    verb = "start" if command["kind"] == "daemon" else "run"
    is_record = "record" in command
    if question in ("record", "recycled", "torn", "pid_reuse", "steal") and not is_record:
        raise Unasked("it writes no pid")
    if question == "record" and command["kind"] == "wrapper":
        raise Unasked("it records itself, and who owns is the program that it runs")
    if question in STALE and not is_record and "lock" not in command:
        raise Unasked("what it leaves is no file; `crash` asks the same")

    files = dict(subject.get("files", {}))
    faults = {}
    cast = [verb]
    if command["kind"] == "worker":
        command["busy_exit"] = [NO_STATUS]  # it says so: whatever else it ends with is an error
    if question == "burst":
        cast, invariants = [verb] * processes, ["one_owner"]
    elif question == "record":
        cast, invariants = [verb] * processes, ["record_names_owner"]
    elif question == "crash":
        cast, faults, invariants = [verb] * 2, {"kill": 1}, ["one_owner", "recovers"]
    elif question in STALE:
        invariants = ["one_owner", "recovers"]
    elif question == "steal":
        cast, invariants = [verb] * processes, ["one_owner"]
    elif question == "pid_reuse":
        faults, invariants = {"kill": 1, "pid_reuse": 1}, ["one_owner", "recovers"]
    elif question == "leak":
        invariants = ["recovers"]
        leave_something(command, verb)
    elif question == "stop":
        cast, faults, invariants = [verb] * 2, {"stop": 1}, ["one_owner"]
    elif question == "probe":
        invariants = ["one_owner", "clean_exit", "probes_change_nothing"]
        ask_only(command, zoo)
        cast = ["start", "status"]
    else:
        invariants = ["clean_exit", "recovers"]
    if question in STALE or question == "steal":
        state = "dead" if question == "steal" else question
        content = zoo.get("contents", {}).get(state)
        files["record" if is_record else "lock"] = f"'{content}'" if content else state

    asked["cast"] = cast
    if files:
        asked["files"] = files
    asked["invariants"] = invariants
    asked["subject"] = moved(command, where)
    asked["faults"] = faults
    return asked


def leave_something(command, verb):
    """The owner starts a program that goes on when the owner has ended, and inherits what it inherits."""
    rest = "{here}/../../build/zoo/bin/rest"
    if command["kind"] == "worker":
        command["run"] = command["run"] + ["--rest", rest]
    elif command["kind"] == "wrapper":
        run = [word if word != "{critical}" else "{here}/workers/leave" for word in command[verb]]
        command[verb] = ["env", "CRITICAL={critical}", "REST=" + rest] + run
    else:
        raise Unasked("a daemon is what its start leaves behind")


def ask_only(command, zoo):
    """A start, and one who only asks. No start can lose here, so that it says `busy` is an error."""
    status = zoo.get("status", command.get("status"))
    if status is None:
        raise Unasked("it has nothing that only asks")
    if command["kind"] != "daemon":
        command["start"] = zoo.get("start", command["run"])
        command["kind"] = "daemon"
        del command["run"]
    command["status"] = status
    command["busy_exit"] = [NO_STATUS]


def moved(value, where):
    """The same for a file in another folder: {here} is that one's."""
    if isinstance(value, str):
        return value.replace("{here}", "{here}/" + os.path.relpath(FOLDER, where))
    if isinstance(value, list):
        return [moved(item, where) for item in value]
    if isinstance(value, dict):
        return {key: moved(item, where) for key, item in value.items()}
    return value
