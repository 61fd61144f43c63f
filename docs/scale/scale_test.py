#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the examples of docs/scale run, as their engines would run it: `scale_test.py LOCKPROOF`. With a smaller scenario, and a folder here."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

LOCKPROOF = os.path.abspath(sys.argv.pop(1))
HERE = pathlib.Path(__file__).parent
SCENARIO = "genie/read_check_unlink_write"


class Scale(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="scale.")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.shared = os.path.join(self.folder, "shared")
        self.env = {**os.environ, "PATH": os.path.dirname(LOCKPROOF) + ":" + os.environ["PATH"], "LOCKPROOF_STORE": ""}

    def states(self, words):
        done = subprocess.run([LOCKPROOF, *words], env=self.env, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 1, done.stderr)
        return re.search(rb"([\d ]+) states", done.stdout).group(1)

    def run_all(self, words, variables):
        shards = [subprocess.Popen(words, env={**self.env, **more}, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                  for more in variables]
        for shard in shards:
            _, err = shard.communicate(timeout=60)
            self.assertEqual(shard.returncode, 0, err)
        self.assertEqual(self.states(["merge", self.shared]), self.states(["check", SCENARIO]))

    def test_slurm(self):
        text = (HERE / "slurm.sh").read_text()
        first, last = map(int, re.search(r"--array=(\d+)-(\d+)", text).groups())
        self.assertEqual(first, 1)
        self.run_all(["sh", HERE / "slurm.sh", SCENARIO, self.shared], [{"SLURM_ARRAY_TASK_ID": str(i)} for i in range(first, last + 1)])

    def test_kubernetes(self):
        text = (HERE / "kubernetes.yml").read_text()
        self.assertIn("completionMode: Indexed", text)
        count = int(re.search(r"completions: (\d+)", text).group(1))
        self.assertEqual(int(re.search(r"parallelism: (\d+)", text).group(1)), count, "all run at the same time")
        command = re.search(r"- (exec lockproof .*)", text).group(1)
        command = command.replace("genie/serve_pid", SCENARIO).replace("/shared/serve_pid", self.shared)
        self.run_all(["sh", "-c", command], [{"JOB_COMPLETION_INDEX": str(i)} for i in range(count)])

    def test_one_that_is_missing_is_named(self):
        subprocess.run([LOCKPROOF, "check", SCENARIO, "--shard", "1/2", "--shared", self.shared, "--patience", "1ms"], env=self.env,
                       capture_output=True, timeout=60)
        lost = subprocess.run([LOCKPROOF, "merge", self.shared], env=self.env, capture_output=True, timeout=60)
        self.assertEqual(lost.returncode, 3)
        self.assertIn(b"shard 2/2 is missing from round 0 on", b" ".join(lost.stdout.split()))


if __name__ == "__main__":
    unittest.main()
