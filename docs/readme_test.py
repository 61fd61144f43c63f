#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The transcripts of the README are what is printed today: `readme_test README LOCKPROOF`.

Of a search every line, with seconds and the version aside. Of real processes at full speed, which meet in another way each
time, that the verdict, the promise and the replay line are such as the README has them.
"""
import pathlib
import re
import shlex
import subprocess
import sys
import unittest

README, LOCKPROOF = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()


def transcripts():
    """(words of the command, what it prints) of each block that begins with a prompt."""
    blocks = re.findall(r"^```\n\$ (.*)\n([^`]*)^```", README.read_text(), re.M)
    return [(shlex.split(command), output) for command, output in blocks]


def printed_by(words):
    # Through a pipe lines are as wide as at a terminal of 80 columns.
    return subprocess.run([str(LOCKPROOF), *words[1:], "--no-store"], capture_output=True, text=True, timeout=240).stdout


def without_what_differs(text):
    text = re.sub(r"\d+\.\d+ s$", "N s", text, flags=re.M)
    return re.sub(r"lockproof\s+\d+\.\d+\.\d+\S*", "lockproof VERSION", text)


class Readme(unittest.TestCase):
    def test_there_are_transcripts_of_all_kinds(self):
        self.assertEqual({words[1] for words, _ in transcripts()}, {"check", "stress"})
        self.assertTrue(all(words[0] == "lockproof" for words, _ in transcripts()))

    def test_searches_print_what_it_has(self):
        for words, output in transcripts():
            if words[1] == "check":
                self.assertEqual(without_what_differs(printed_by(words)), without_what_differs(output), words)

    def test_stress_finds_what_it_has(self):
        for words, output in transcripts():
            if words[1] == "stress":
                now = printed_by(words)
                self.assertEqual(now.splitlines()[0], output.splitlines()[0])
                for label in ("invariant", "scenario", "event", "why", "replay", "counts"):
                    self.assertRegex(now, rf"(?m)^ {label} ")
                    self.assertRegex(output, rf"(?m)^ {label} ")


unittest.main(argv=sys.argv[:1])
