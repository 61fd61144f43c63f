#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The commands of a document do what it says: `validate_test DOCUMENT BIN`.

A fenced block whose first line is `# NAME` is written as that file. In a block ```console a line `$ COMMAND` is run, in one
folder for all, with BIN first in PATH; the lines below it are what it prints, in that order. `…` in a line is any text, and a
line of nothing else any number of lines.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile


def blocks(text):
    for kind, body in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S):
        yield kind, body


def pattern_of(wanted):
    lines = []
    for line in wanted:
        lines.append(r"(?:.*\n)*?" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n")
    return "".join(lines)


def check(command, wanted, folder, path):
    ran = subprocess.run(["sh", "-c", command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                         timeout=120, env={**os.environ, "PATH": path})
    if re.fullmatch(pattern_of(wanted), ran.stdout):
        print(f"ok      {command}")
        return True
    print(f"FAILED  {command}\nexit {ran.returncode}, it printed\n{ran.stdout}{ran.stderr}expected\n" + "\n".join(wanted))
    return False


def main(document, bin_folder):
    path = f"{os.path.realpath(bin_folder)}:{os.environ['PATH']}"
    commands = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, body in blocks(pathlib.Path(document).read_text()):
            named = re.match(r"# ([\w.]+)\n", body)
            if named:
                (pathlib.Path(folder) / named.group(1)).write_text(body)
            if kind != "console":
                continue
            for part in re.split(r"^\$ ", body, flags=re.M)[1:]:
                command, *wanted = part.splitlines()
                commands += 1
                if not check(command, wanted, folder, path):
                    return 1
    print(f"{commands} commands")
    return 0 if commands > 0 else 1


sys.exit(main(*sys.argv[1:]))
