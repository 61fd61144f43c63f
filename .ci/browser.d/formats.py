#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What one run said in each format, the same everywhere: `formats.py FOLDER`, which has run.json, run.xml, run.txt and run.err of a scenario that is
violated and one that holds. JUnit is read by junitparser and xmllint; SARIF, HTML and the trace have readers of their own (`.ci/browser`). Of the
annotations nobody but GitHub has a reader: their grammar is that of its documentation."""
import json
import pathlib
import re
import subprocess
import sys

import junitparser

folder = pathlib.Path(sys.argv[1])
results = json.loads((folder / "run.json").read_text())["results"]
violated, holds = results
assert (violated["verdict"], holds["verdict"]) == ("violated", "holds")
promise, replay = violated["sentence"], violated["replay"]

subprocess.run(["xmllint", "--noout", folder / "run.xml"], check=True)
suites = list(junitparser.JUnitXml.fromfile(str(folder / "run.xml")))
cases = [case for suite in suites for case in suite]
failed = [case for case in cases if any(isinstance(found, junitparser.Failure) for found in case.result)]
assert len(cases) == sum(suite.tests for suite in suites) == len(violated["invariants"]) + len(holds["invariants"])
assert [(case.name, case.result[0].message) for case in failed] == [(found["invariant"], found["sentence"]) for found in violated["findings"]]
assert sum(suite.failures for suite in suites) == len(failed) and not any(suite.errors + suite.skipped for suite in suites)
assert replay in failed[0].result[0].text

screen = (folder / "run.txt").read_text()
assert f"VIOLATED  {promise}\n" in screen and f"HOLDS  {holds['scenario']} " in screen and replay in screen

annotations = re.findall(r"^::(\w+) ((?:\w+=[^,:]*,?)+)::(.*)$", (folder / "run.err").read_text(), re.M)
assert len(annotations) == 1, annotations
kind, properties, message = annotations[0]
assert kind == "error" and f"file={violated['file']}".replace(":", "%3A") in properties.split(",")
assert message.startswith(promise) and replay in message.replace("%25", "%")
