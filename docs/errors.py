#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/ERRORS.md: the classes of errors, as `lockproof explain` has them.

    docs/errors.py LOCKPROOF [--check]

With --check the file is compared instead of written; and it is an error that a class is used nowhere.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/ERRORS.md"
HEAD = """# Errors

Made by `make errors` from `harness/core/error_codes.def`. `lockproof list codes` prints the table, `lockproof explain LP0402` one of them.

An error is one line on standard error, `lockproof: error[LP0102]: ` and what was found, where, and what was expected. A verdict that says nothing has its code
behind the reason, and in JSON as `code`. The first two digits are a chapter.
"""
CHAPTERS = {"01": "The command line", "02": "Scenarios", "03": "Other files", "04": "This host", "05": "The program that is checked",
            "06": "Ends that are no verdict", "07": "Lockproof itself"}
LABELS = {"means": "", "why": "Why: ", "mend": "What to do: "}


def printed(lockproof, *words):
    return subprocess.run([lockproof, *words], check=True, capture_output=True, text=True).stdout


def fields(text):
    """What stands behind each label, its lines joined."""
    found = {}
    for line in text.splitlines()[1:]:
        label = line[:8].strip()
        if label:
            last = label
        found[last] = f"{found.get(last, '')} {line[8:].strip()}".strip()
    return found


def page(lockproof):
    text, chapter = HEAD, ""
    for row in printed(lockproof, "list", "codes").splitlines():
        code, _, title = row.partition("  ")
        if code[2:4] != chapter:
            chapter = code[2:4]
            text += f"\n## {CHAPTERS[chapter]}\n"
        found = fields(printed(lockproof, "explain", code))
        text += f"\n### {code}: {title}\n\n" + "\n\n".join(LABELS[label] + found[label] for label in LABELS) + "\n"
    return text


def unused():
    """Classes that no place in the sources gives."""
    listed = re.findall(r"^LOCKPROOF_ERROR\(\d+, (k\w+)", (ROOT / "harness/core/error_codes.def").read_text(), re.M)
    sources = [path for path in (ROOT / "harness").rglob("*.*") if path.suffix in (".cc", ".h") and not path.name.endswith("_test.cc")]
    given = set(re.findall(r"ErrorCode::(k\w+)", "".join(path.read_text() for path in sources)))
    return [name for name in listed if name not in given]


def main(arguments):
    if len(arguments) not in (1, 2) or arguments[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    text = page(arguments[0])
    if arguments[1:] == []:
        PAGE.write_text(text)
        return
    problems = [f"harness/core/error_codes.def: {name}: no place gives it" for name in unused()]
    if PAGE.read_text() != text:
        problems.append("docs/ERRORS.md is not what the table says now: run `make errors`, and look at the difference")
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main(sys.argv[1:])
