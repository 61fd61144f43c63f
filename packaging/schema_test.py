#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The JSON schema of scenarios accepts and refuses what the parser does: `schema_test LOCKPROOF READ_SCENARIOS SOURCE`.

Over every scenario that there is, the corpus of the fuzz target, and each of a few dozen with one thing changed. What a schema
cannot say is RELATIONS, by the parser's own sentences; each of them must come up, so that none is listed in vain. The parser's
keys are those that it names when it finds another one.
"""
import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib
import unittest

import jsonschema

LOCKPROOF, READ_SCENARIOS, SOURCE = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
SCHEMA = json.loads(subprocess.run([LOCKPROOF, "list", "schema"], check=True, capture_output=True, text=True).stdout)

# What only the parser sees: how parts of one file relate, the length of a duration, and whether a pattern is one.
RELATIONS = [
    "this scenario does not check", "no such mutant", "the mutant has no verb", "the subject itself is no mutant",
    r"key 'mutants\..*stands here twice", r"numbers for \d+ processes of", "asks whom a pid names", "is a pid of one namespace",
    "expected a duration from", "the pattern ", "the three words must differ",
]

# TOML tells 1 from 1.0, JSON does not.
CHECKER = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
    "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool))
VALIDATOR = jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=CHECKER)(SCHEMA)

BUILTIN = {
    "title": "t", "source": "s", "covers": ["1", "2"], "subject": "solo", "setup": ["run"], "cast": ["run", ["run", "stop"], "status"],
    "files": {"record": "dead", "lock": "absent", "other": "'x\n'"}, "invariants": ["one_owner", "recovers"],
    "faults": {"kill": 1, "stall": "30s"}, "mutants": {"solo/without_above_stdio": "one_owner"},
    "bounds": {"recover": "5s", "wait_attempts": 20}, "stress": {"processes": 9, "duration": "20s"},
    "expect": {"verdict": "violated", "invariant": "one_owner", "states": 10, "steps": 3}, "x-tool": {"any": [1]},
}
SPACES = {"title": "t", "subject": "solo", "cast": ["run", "run"], "namespaces": [0, 1], "invariants": ["one_owner"],
          "files": {"record": "empty"}, "mutants": {"genie/read_check_unlink_write": "one_owner"}}
WRAPPER = {
    "title": "t", "cast": ["run", "run"], "files": {"lock": "empty", "record": "dead"},
    "subject": {"kind": "wrapper", "run": ["flock", "{dir}/lock", "{critical}", "${HOME}", "{}"], "name": "n", "busy_exit": [1, 2],
                "package": "p", "probe": ["{here}/x"], "record": "{dir}/r", "lock": "{dir}/lock"},
}
WORKER = {
    "title": "t",
    "subject": {"kind": "worker", "run": ["w", "{here}", "{dir}"], "says": {"acquired": "A", "busy": "B", "released": "C"},
                "record": {"path": "{dir}/r", "read": "json:.pid"}},
    "files": {"record": "'{}'"},
}
DAEMON = {
    "title": "t", "cast": ["start", ["stop", "run"], "status"], "invariants": ["one_owner"],
    "subject": {"kind": "daemon", "start": ["d", "{dir}"], "stop": ["d", "{here}"], "status": ["d"], "owners": {"ready": "R"},
                "loser": "stays", "busy_exit": [1], "record": {"path": "{dir}/r", "read": "regex:([0-9]+)"}},
}
BY_ARGV = {"title": "t", "subject": {"kind": "daemon", "run": ["d"], "owners": {"argv": "d"}, "loser": "reuses"}}
LEAVES = {"title": "t", "subject": {"kind": "daemon", "run": ["d", "--exec", "{critical}"], "lock": "{dir}/l"}}
BASES = [BUILTIN, SPACES, WRAPPER, WORKER, DAEMON, BY_ARGV, LEAVES]

# Put in the place of each value.
INSTEAD = [
    "", "x", "run", "stop", "start", "solo", "one_owner", "no_lock_leak", "record_names_owner", "holds", "violated", "wrapper", "worker",
    "daemon", "exits", "stays", "reuses", "text", "dead", "torn", "empty", "recycled", "'x'", "'", "two\nlines", "end\n", "\u202e", "\x7f",
    "nul\0", "30s", "0s", "9999h", "5", "5 s", "5ms\n", "{dir}/a", "{dir}/", "{dir}/../a", "{dir}/{here}", "{critical}", "{here}", "{unknown}",
    "${critical}", "{critical}{critical}", "a{critical}b", "json:.a.b", "json:", "json:.", "json:.a\n", "regex:(", "regex:x", "(", "flock",
    "genie/read_check_unlink_write", "read_check_unlink_write",
    0, 1, -1, 3, 4, 255, 256, 1000, 1001, 5000, 5001, 1000000, 1000001, 2**62, 1.0, 1.5, True, [], [1], ["x"], ["run"], ["run", "run"], [[]], [["run"]], ["one_owner"],
    ["one_owner", "one_owner"], ["no_lock_leak"], [0, 0], [0, 1, 2], {}, {"x": 1}, {"argv": "x"}, {"ready": "x"}, {"argv": "x", "ready": "y"},
    {"path": "{dir}/a"}, {"path": "{dir}/a", "read": "text"}, {"record": "dead"}, {"record": "self"}, {"lock": "dead"}, {"/a": "empty"},
    {"a/../b": "empty"}, {"": "empty"}, {"solo": "one_owner"}, {"unlink_at_exit": "one_owner"}, {"read_check_unlink_write": "one_owner"},
    {"read_check_unlink_write": "one_owner", "genie/read_check_unlink_write": "one_owner"}, {"acquired": "busy"}, {"kill": 0}, {"verdict": "holds"},
]
# Put under a key of its own into each table.
MORE = {"qqqqqq": 1, "x-y": 1, "start": ["d", "{critical}"], "run": ["{critical}"], "stop": ["d"], "owners": {"argv": "x"}, "loser": "exits",
        "says": {"busy": "b"}, "invariant": "one_owner", "steps": 1, "namespaces": [0, 1], "lock": "empty", "record": "dead",
        "mutants": {"genie/read_check_unlink_write": "recovers"}, "busy_exit": [1]}


def places(value, path=()):
    """The path of each value within it."""
    yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], path + (key,))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def changed(base):
    """`base` with one thing changed, each way."""
    for path in places(base):
        if not path:
            continue
        removed = copy.deepcopy(base)
        del at(removed, path[:-1])[path[-1]]
        yield removed
        for value in INSTEAD:
            other = copy.deepcopy(base)
            at(other, path[:-1])[path[-1]] = value
            yield other
    for path in places(base):
        for key, value in MORE.items() if isinstance(at(base, path), dict) else ():
            other = copy.deepcopy(base)
            at(other, path).setdefault(key, value)
            yield other


def toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(str(key))} = {toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value).replace("\x7f", "\\u007f")


def document(table):
    return "".join(f"{toml(key)} = {toml(value)}\n" for key, value in table.items()).encode("utf-8", "surrogatepass")


def said_by_parser(texts):
    """The complaint about each, "" where it is accepted."""
    with tempfile.TemporaryDirectory() as folder:
        for i, text in enumerate(texts):
            (pathlib.Path(folder) / str(i)).write_bytes(text)
        out = subprocess.run([READ_SCENARIOS, folder], check=True, capture_output=True, text=True, timeout=240).stdout
    said = {int(number): sentence for number, _, sentence in (line.partition("\t") for line in out.splitlines())}
    return [said[i] for i in range(len(texts))]


def accepted_by_schema(text):
    try:
        return VALIDATOR.is_valid(tomllib.loads(text.decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False


def keys_of_parser(base, path):
    """The keys of the table at `path` of `base`, by the parser's own word."""
    other = copy.deepcopy(base)
    at(other, path)["qqqqqqqqqqqq"] = 1
    sentence = said_by_parser([document(other)])[0]
    return sorted(re.search(r"unknown key '[\w.]*qqqqqqqqqqqq'; known are (.*)", sentence).group(1).split(", "))


class Schema(unittest.TestCase):
    def agree(self, texts):
        """Both say the same of each; returns the relations that made the parser alone refuse one."""
        seen, differing = set(), []
        for text, sentence in zip(texts, said_by_parser(texts)):
            relation = [one for one in RELATIONS if re.search(one, sentence)]
            if sentence and relation and accepted_by_schema(text):
                seen.update(relation)
                continue
            if accepted_by_schema(text) != (not sentence):
                differing.append(f"{text.decode(errors='replace')}the parser: {sentence or 'accepts'}")
        self.assertFalse(differing, "\n\n".join(differing[:20]))
        return seen

    def test_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_every_scenario_is_accepted_by_both(self):
        # The names of built-in mutants depend on the family: those that leave it out are known in their own folder alone.
        files = sorted((SOURCE / "scenarios").rglob("*.toml"))
        self.assertGreater(len(files), 300)
        for file in files:
            VALIDATOR.validate(tomllib.loads(file.read_text()))
        self.agree([file.read_bytes() for file in files])

    def test_corpus_of_the_fuzz_target(self):
        self.agree([file.read_bytes() for file in sorted((SOURCE / "fuzz/corpus/scenario").iterdir())])

    def test_bases_are_accepted(self):
        self.assertEqual(said_by_parser(list(map(document, BASES))), [""] * len(BASES))
        self.assertEqual([accepted_by_schema(document(base)) for base in BASES], [True] * len(BASES))

    def test_what_differs_in_one_thing(self):
        texts = sorted({document(other) for base in BASES for other in changed(base)})
        self.assertGreater(len(texts), 5000)
        self.assertEqual(sorted(self.agree(texts)), sorted(RELATIONS))

    def test_has_the_keys_of_the_parser(self):
        tables = [(BUILTIN, ()), (BUILTIN, ("bounds",)), (BUILTIN, ("stress",)), (BUILTIN, ("expect",)), (WORKER, ("subject", "says")),
                  (WORKER, ("subject", "record")), (DAEMON, ("subject",)), (DAEMON, ("subject", "owners"))]
        command = SCHEMA["$defs"]["command"]["properties"]
        known = {(): SCHEMA["properties"], ("subject",): command, ("subject", "says"): command["says"]["properties"],
                 ("subject", "record"): command["record"]["then"]["properties"], ("subject", "owners"): command["owners"]["properties"]}
        for base, path in tables:
            properties = known.get(path) or SCHEMA["properties"][path[0]]["properties"]
            self.assertEqual(keys_of_parser(base, path), sorted(properties), path)


unittest.main(argv=sys.argv[:1])
