#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each class of errors is provoked, and says its code: `codes_test.py LOCKPROOF`. Those that need a host of another kind are listed, with why."""
import os
import resource
import signal
import subprocess
import sys
import tempfile
import unittest

LOCKPROOF = os.path.abspath(sys.argv.pop(1))
HEAD = 'title = "t"\nsubject = "control/flock"\ninvariants = ["one_owner"]\n'
COMMAND = 'title = "t"\ninvariants = ["one_owner"]\n[subject]\nname = "flock"\nkind = "wrapper"\n'
HISTORY = '{"schema":1,"kind":"history","scenario":"a/b","subject":"s","world":"sim","excerpt":%s}\n'
BASELINE = """[[known]]
scenario = "control/flock"
invariant = "one_owner"
schedule = "canary/no_lock@v1:AB~1c42899f"
reason = "r"
expires = "2999-01-31"
"""
FILES = {
    "toml.toml": "x = [", "key.toml": HEAD + "titel = 1\n", "many.toml": HEAD + "[faults]\nkill = 200\n",
    "pattern.toml": COMMAND + 'run = ["flock", "-n", "{dir}/lock", "{critical}"]\nrecord = "regexp"\n',
    "files.toml": HEAD + f'[files]\n"{"n" * 500}" = "garbage"\n', "history": "{}\n", "tree": "tree 2\n",
    "baseline.toml": BASELINE, "checkpoint": "no checkpoint", "early": HISTORY % "true", "owned": HISTORY % "false",
    "mutant.toml": HEAD + '[mutants]\n"classic/flock" = "one_owner"\n', "kept/result.json": "{}", "cut/result.json": "{", "shards/search": "{}",
}
ALL = ["check", "canary/no_lock", "--kills", "0", "--processes", "2"]
BIG = ["check", "classic/link", "--processes", "6", "--kills", "6"]
FLOCK = ["--wrapper", "flock -n {dir}/lock {critical}"]
WORKER = "/usr/bin/perl -e '%s'"

PROVOKED = {
    "LP0101": ["check", "--frobnicate"],
    "LP0102": ["check", "canary/no_lok"],
    "LP0103": [*ALL, "--jobs", "65"],
    "LP0104": [*ALL, "--seed", "1"],
    "LP0201": ["check", "toml.toml"],
    "LP0202": ["check", "key.toml"],
    "LP0203": ["check", "--wrapper", "flock {dir}/lock true"],
    "LP0204": ["init", "--daemon", "true", "--owners", "("],
    "LP0206": ["check", "files.toml"],
    "LP0207": ["check", "many.toml"],
    "LP0208": ["check", "namespaces/solo", "--processes", "4"],
    "LP0209": ["check", "--worker", WORKER % 'syswrite STDOUT, "acquired\\n"; sysread STDIN, $x, 1'],
    "LP0301": ["verify", "none"],
    "LP0302": ["explain", "cut"],
    "LP0303": ["verify", "history"],
    "LP0304": ["learn", *FLOCK, "--against", "tree"],
    "LP0305": ["check", "control/flock", "--no-mutants", "--baseline", "baseline.toml"],
    "LP0306": ["check", "control/flock", "--no-mutants", "--resume", "checkpoint"],
    "LP0307": ["merge", "shards"],
    "LP0308": ["replay", "canary/no_lock"],
    "LP0309": ["replay", None],
    "LP0310": ["explain", "kept"],
    "LP0406": [*ALL, "--report", "json=none/r.json"],
    "LP0407": ["check", "canary/no_lock", "--store", "/proc/none"],
    "LP0408": ["check", "--wrapper", "no_such_program {critical}"],
    "LP0501": ["check", "--wrapper", "env {dir}/none {dir}/lock {critical}"],
    "LP0502": ["check", "--wrapper", "mkfifo {dir}/lock {critical}", "--world", "sim"],
    "LP0505": ["init", "--worker", "echo locked"],
    "LP0601": [*BIG, "--budget", "10ms"],
    "LP0602": [*BIG, "--memory", "64M"],
    "LP0605": ["stress", "--wrapper", "false {critical}", "--duration", "1s", "--processes", "4"],
    "LP0609": ["check", "control/flock", "--strategy", "urw", "--executions", "5"],
    "LP0610": ["check", "mutant.toml"],
}
# Sentences of these are in tests of their layers, or need another host, a part that is missing, or a defect.
ELSEWHERE = {
    "LP0205": "harness/check/stage_test.cc", "LP0401": "a host without /proc", "LP0402": "a host without ptrace",
    "LP0403": "a host without namespaces", "LP0405": "a limit of processes, which root has not", "LP0409": "a part that is not installed",
    "LP0503": "harness/program/native_test.cc", "LP0504": "harness/cli/program_cli_test.cc", "LP0603": "harness/explore/strategies_test.cc",
    "LP0606": "harness/check/live_test.cc", "LP0607": "a run that the live world cannot make", "LP0608": "docs/scale/scale_test.py",
    "LP0611": "words of a worker in another order", "LP0701": "a defect", "LP0702": "an engine that is killed",
}
OTHERWISE = {"LP0404": "test_address_space", "LP0604": "test_interruption"}


class Codes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="codes.")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for name, content in FILES.items():
            path = os.path.join(self.folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as out:
                out.write(content)

    def said(self, words, **more):
        done = subprocess.run([LOCKPROOF, *words], cwd=self.folder, capture_output=True, text=True, timeout=60, **more)
        self.assertIn(done.returncode, (1, 2, 3, 4, 77), done.stderr)
        return done.stdout + done.stderr

    def has(self, code, text):
        self.assertTrue(f"lockproof: error[{code}]: " in text or f"({code})" in " ".join(text.split()), text)

    def another_run(self):
        """A schedule that another scenario's subject cannot make, sealed as its own."""
        run = self.said([*ALL, "--report", "json=-"])
        return next(word for word in run.split() if "@v1:" in word).strip('",')

    def test_each_is_provoked_or_said_where(self):
        listed = subprocess.run([LOCKPROOF, "list", "codes"], capture_output=True, text=True, check=True).stdout
        codes = {line.split()[0] for line in listed.splitlines()}
        self.assertEqual(codes, {*PROVOKED, *ELSEWHERE, *OTHERWISE})

    def test_each_says_its_code(self):
        for code, words in PROVOKED.items():
            if words[-1] is None:  # of a search with kills: none is possible without
                words = ["replay", self.another_run(), "--processes", "1", "--kills", "0"]
            with self.subTest(code):
                self.has(code, self.said(words))

    def test_address_space(self):
        self.has("LP0404", self.said(["check", "control/flock"], preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))))

    def test_interruption(self):
        run = subprocess.Popen([LOCKPROOF, "stress", "control/flock", "--duration", "1h", "--processes", "4"], cwd=self.folder,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        while b"owners" not in run.stderr.read1():
            pass
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
        self.has("LP0604", (out + err).decode())


unittest.main()
