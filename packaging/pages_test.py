#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every public option and command is in --help, in the manual page, and in each completion: `pages_test PAGES LOCKPROOF SOLO`.

Reads --help in its own way, which is to look for words that begin with dashes.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PAGES, LOCKPROOF, SOLO = (pathlib.Path(word).resolve() for word in sys.argv[1:4])


def help_of(*words):
    return subprocess.run([str(word) for word in words] + ["--help"], check=True, capture_output=True, text=True).stdout


def options(text):
    return sorted(set(re.findall(r"^  (?:-\w,)?(--[a-z][a-z-]*)", text, re.M)))


def page(name):
    return (PAGES / name).read_text()


def complete(*words):
    """What bash offers for the last word."""
    script = """source "$0/lockproof.bash"; source "$0/solo.bash"; compopt() { :; }
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); "_$1"; printf '%s\\n' "${COMPREPLY[@]}\""""
    path = {**os.environ, "PATH": f"{LOCKPROOF.parent}:{os.environ['PATH']}"}
    return subprocess.run(["bash", "-c", script, str(PAGES), *words], check=True, capture_output=True, text=True,
                          env=path).stdout.split()


COMMANDS = re.findall(r"^  ([a-z]+) ", help_of(LOCKPROOF).partition("Subcommands:")[2], re.M)


class Lockproof(unittest.TestCase):
    def test_there_are_commands_with_options(self):
        self.assertIn("check", COMMANDS)
        self.assertIn("--world", options(help_of(LOCKPROOF, "check")))

    def test_each_is_in_the_manual_page(self):
        sections = dict(part.partition('"\n')[::2] for part in page("lockproof.1").split('.SS "')[1:])
        for command in COMMANDS:
            for option in options(help_of(LOCKPROOF, command)):
                self.assertIn(f"\\fB{option}\\fP".replace("-", "\\-"), sections[command], command)

    def test_each_is_completed_by_bash(self):
        self.assertLessEqual(set(COMMANDS + options(help_of(LOCKPROOF))), set(complete("lockproof", "")))
        for command in COMMANDS:
            self.assertEqual(sorted(complete("lockproof", command, "--")), options(help_of(LOCKPROOF, command)))

    def test_each_is_completed_by_zsh_and_fish(self):
        cases = dict(re.findall(r"^    (\w+)\) _arguments(.*?);;$", page("_lockproof"), re.M | re.S))
        fish = page("lockproof.fish").splitlines()
        for command in COMMANDS:
            self.assertTrue(any(f" -n __fish_use_subcommand -a {command} " in line for line in fish), command)
            for option in options(help_of(LOCKPROOF, command)):
                self.assertRegex(cases[command], rf"'\*?{option}\[")
                self.assertTrue(any(f"_from {command}' -l {option[2:]} " in line for line in fish), option)

    def test_scenarios_and_words_are_known(self):
        self.assertEqual(complete("lockproof", "check", "control/fl"), ["control/flock"])
        self.assertEqual(complete("lockproof", "check", "--world", "l"), ["live"])
        self.assertEqual(complete("lockproof", "check", "--strategy", "dp"), ["dpor"])
        self.assertIn("scenarios", complete("lockproof", "list", ""))
        self.assertIn("json=", complete("lockproof", "check", "--report", ""))
        # What is offered is what the option takes.
        for option, words in (("--world", ["auto", "sim", "live"]), ("--time", ["any", "ordered"])):
            text = re.search(rf"{option} .*", help_of(LOCKPROOF, "check")).group()
            self.assertEqual(sorted(complete("lockproof", "check", option, "")), sorted(words))
            for word in words:
                self.assertRegex(text, rf"\b{word}\b")

    def test_each_exit_code_is_in_the_manual_page(self):
        status = page("lockproof.1").partition("EXIT STATUS")[2]
        for code in re.findall(r"(\d+) \w+", re.search(r"Exit codes: (.*)", help_of(LOCKPROOF)).group(1)):
            self.assertIn(f".TP\n{code}\n", status)


class Solo(unittest.TestCase):
    def test_each_option_is_in_all(self):
        wanted = set(re.findall(r"--[a-z]+(?:-[a-z]+)*", help_of(SOLO)))
        self.assertIn("--state-dir", wanted)
        for option in wanted:
            self.assertIn(option.replace("-", "\\-"), page("solo.1"))
        self.assertEqual(wanted, {"--help", "--version"}.union(*(self.offered(verb) for verb in complete("solo", "") if verb[0] != "-")))
        self.assertEqual(complete("solo", "e"), ["ensure"])
        self.assertEqual(complete("solo", "--v"), ["--version"])

    def offered(self, verb):
        return set(complete("solo", verb, "web", "--"))

    def test_a_verb_is_offered_what_it_takes(self):
        self.assertEqual(self.offered("stop"), {"--state-dir", "--grace"})
        self.assertEqual(self.offered("status"), {"--state-dir", "--json"})
        zsh = dict(re.findall(r"^    (\w+)\) compadd -- (.*) ;;$", page("_solo"), re.M))
        for verb in re.findall(r"^  solo (\w+)", help_of(SOLO), re.M):
            fish = re.findall(rf"_from {verb}' -l (\S+)$", page("solo.fish"), re.M)
            self.assertEqual({f"--{option}" for option in fish}, self.offered(verb))
            self.assertEqual(set(zsh[verb].split()), self.offered(verb))
            for option in re.findall(r"--[a-z]+(?:-[a-z]+)*", help_of(SOLO)):  # solo says itself what it does not take
                said = subprocess.run([SOLO, verb, "../none", option], capture_output=True, text=True).stderr
                if option not in ("--help", "--version"):
                    self.assertEqual("has no" not in said, option in self.offered(verb), f"{verb} {option}: {said}")


class Roff(unittest.TestCase):
    def test_pages_have_no_markdown_and_no_request_by_accident(self):
        known = "TH SH SS TP PP IP B BR br nf fi RS RE sp".split()
        for name in ("lockproof.1", "solo.1", "lockproof-scenario.5"):
            for line in page(name).splitlines():
                if line[:1] in ".'":
                    self.assertIn(line[1:].split()[0], known, f"{name}: {line}")
                self.assertNotRegex(line, r"```|^\|", name)


unittest.main(argv=sys.argv[:1])
