#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the documents point to is there: `links_test LOCKPROOF SOLO`.

Each relative link and its anchor; each path in code that begins with a folder of the repository
(but not what a command is said to write); each `make TARGET`; and of each
`lockproof COMMAND ...` the command and its options. Decisions (docs/adr) tell what was so then: of these the links only.
"""
import functools
import pathlib
import re
import subprocess
import sys
import unittest

LOCKPROOF, SOLO = sys.argv[1:3]
ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("docs", "harness", "scenarios", "ref", "fuzz", "bench", "packaging", "cmake", ".ci")
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "scenarios").rglob("*.md")])
OF_TODAY = [path for path in DOCUMENTS if path.parent != ROOT / "docs/adr"]


def without_blocks(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def code_of(text):
    """Spans of code, which may go over the end of a line, and the lines of blocks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```$", text, re.M | re.S)
    lines = [line for block in blocks for line in re.sub(r"\\\n", " ", block).splitlines()]
    return lines + [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", without_blocks(text))]


def anchors(path):
    """As GitHub makes them of headings."""
    heads = re.findall(r"^#+ (.*)$", without_blocks(path.read_text()), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@functools.cache
def help_of(program, *words):
    return subprocess.run([program, *words, "--help"], capture_output=True, text=True).stdout


COMMANDS = set(re.findall(r"^  ([a-z]+) ", help_of(LOCKPROOF).partition("Subcommands:")[2], re.M))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))


def options(words):
    """Up to where the line of a shell ends or another command begins."""
    line = re.split(r" -- | [|;&#] | [|;]{2} | && ", f"{words} ")[0]
    line = re.sub(r"'[^']*'|\"[^\"]*\"", "", line)
    return re.findall(r"(?<![\w-])(--[a-z][a-z-]*)", line)


def wrong_calls(text):
    for call in code_of(text):
        for command, rest in re.findall(r"(?:^|[$&|;(] )(?:\S*/)?lockproof ([a-z]\w*)((?: .*)?)$", call):
            if command not in COMMANDS:
                yield f"lockproof {command}"
                continue
            known = set(re.findall(r"--[a-z][a-z-]*", help_of(LOCKPROOF, command)))
            yield from (f"lockproof {command} {option}" for option in options(rest) if option not in known)
        for verb, rest in re.findall(r"(?:^|[$&|;(] )(?:\S*/)?solo (run|ensure|guard|stop|rm|status)\b(.*)$", call):
            known = set(re.findall(r"--[a-z][a-z-]*", help_of(SOLO)))
            yield from (f"solo {verb} {option}" for option in options(rest) if option not in known)


class Documents(unittest.TestCase):
    def each(self, documents, problems_of):
        problems = [f"{path.relative_to(ROOT)}: {problem}" for path in documents for problem in problems_of(path)]
        self.assertEqual(problems, [])

    def test_there_are_links_targets_and_commands(self):
        self.assertIn("test", TARGETS)
        self.assertIn("check", COMMANDS)
        self.assertGreater(len(DOCUMENTS), 30)

    def test_links_lead_somewhere(self):
        def wrong(path):
            for link in re.findall(r"\]\(([^)\s]+)\)", without_blocks(path.read_text())):
                if re.match(r"[a-z]+:", link):
                    continue
                name, _, anchor = link.partition("#")
                there = path.parent / name if name else path
                if not there.exists():
                    yield link
                elif anchor and anchor not in anchors(there):
                    yield f"{link}: there is no such heading"
        self.each(DOCUMENTS, wrong)

    def test_paths_are_there(self):
        def wrong(path):
            for span in re.findall(r"(?<!write )`([^`\s]+)`", without_blocks(path.read_text())):
                name = re.sub(r":\d+$", "", span)
                if re.fullmatch(rf"(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./{{}},*-]+", name) is None:
                    continue
                stem, _, choices = name.partition("{")
                names = [stem + one + choices.partition("}")[2] for one in choices.partition("}")[0].split(",")] if choices else [name]
                yield from (span for one in names if not any(ROOT.glob(one.rstrip("/"))))
        self.each(OF_TODAY, wrong)

    def test_targets_of_make_are_there(self):
        def wrong(path):
            for call in code_of(path.read_text()):
                for words in re.findall(r"^make((?: [\w=-]+)+)", call):
                    yield from (f"make {word}" for word in words.split() if re.fullmatch("[a-z-]+", word) and word not in TARGETS)
        self.each(OF_TODAY, wrong)

    def test_commands_and_options_are_there(self):
        self.each(OF_TODAY, lambda path: wrong_calls(path.read_text()))


unittest.main(argv=sys.argv[:1])
