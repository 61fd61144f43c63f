#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile files and a hostile environment: `nasty_test.py LOCKPROOF`.

Each gets one clear sentence, the exit code that docs/REPORTS.md tells, and leaves nothing. Time and memory are bounded by the kernel
(setrlimit, and a time-out that only the hopeless case meets).
"""
import ctypes
import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import unittest

LOCKPROOF = os.path.abspath(sys.argv.pop(1))
SMALL = ["check", "canary/no_lock", "--kills", "0", "--processes", "2"]
HEAD = 'title = "t"\nsubject = "control/flock"\ninvariants = ["one_owner"]\n'
MIB = 1 << 20


class Nasty(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="nasty.")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.temporary = os.path.join(self.folder, "tmp")
        os.mkdir(self.temporary)

    def run_it(self, words, before=None, env=None, seconds=60, **more):
        def child():
            if before:
                before()

        variables = {**os.environ, "LOCKPROOF_STORE": "", "TMPDIR": self.temporary, **(env or {})}
        done = subprocess.run([LOCKPROOF, *words], preexec_fn=child, env=variables, cwd=self.folder, timeout=seconds,
                              capture_output="stdout" not in more, **more)
        self.assertEqual(os.listdir(self.temporary), [], "something was left")
        return done

    def file(self, content, name="s.toml"):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as out:
            out.write(content if isinstance(content, bytes) else content.encode())
        return path

    def refused(self, words, *said, **more):
        done = self.run_it(words, **more)
        text = done.stderr.decode()
        self.assertEqual(done.returncode, 2, text)
        self.assertEqual(text.count("\n"), 1, text)
        self.assertLess(len(text), 4096)
        self.assertTrue(all(32 <= ord(c) != 127 for c in text[:-1]), ascii(text))
        for part in said:
            self.assertIn(part, text)

    # Hostile scenario files

    def test_a_gigabyte_is_refused_by_its_size(self):
        path = self.file("# ")
        os.truncate(path, 1 << 30)
        self.refused(["check", path], "s.toml", before=lambda: limit(resource.RLIMIT_CPU, 2))

    def test_a_hundred_thousand_brackets_are_no_stack_overflow(self):
        for deep in ["x = " + "[" * 100_000, "x = " + "{a=" * 100_000, "[" + "a." * 100_000 + "a]\n"]:
            self.refused(["check", self.file(HEAD + deep)], "s.toml:")

    def test_what_no_text_editor_writes(self):
        for content, said in [
            (HEAD + "title = \"u\"\n", "s.toml:4"),
            (HEAD.encode() + b"x = \"\0\"\n", "s.toml"),
            (b"\xef\xbb\xbf" + HEAD.encode(), "s.toml"),
            (b"\xff\xfe", "s.toml"),
            (HEAD + "[stress]\nprocesses = 9223372036854775808\n", "s.toml:5"),
            (HEAD + "[stress]\nprocesses = 1000000000\n", "1000000000"),
            (HEAD + "[faults]\nkill = -1\n", "s.toml:5"),
            (HEAD.replace('"one_owner"', ""), "s.toml"),
            (HEAD.replace('"t"', '"\\u202eabc"'), "s.toml"),
            (HEAD.replace("one_owner", "one_owne"), "did you mean 'one_owner'"),
            ("", "s.toml"),
        ]:
            self.refused(["check", self.file(content)], said)

    def test_lines_may_end_as_on_windows(self):
        done = self.run_it(["check", self.file(HEAD.replace("\n", "\r\n"))])
        self.assertIn(done.returncode, (0, 2), done.stderr)

    def test_files_stay_below_the_folder_of_the_run(self):
        for name in ["../x", "/etc/x", "a/../../x", "", ".", "a\\nb"]:
            self.refused(["check", self.file(HEAD + f'[files]\n"{name}" = "garbage"\n')], "s.toml:")

    def test_what_is_no_file(self):
        fifo = os.path.join(self.folder, "fifo.toml")
        os.mkfifo(fifo)
        os.symlink("loop.toml", os.path.join(self.folder, "loop.toml"))
        for path in [fifo, os.path.join(self.folder, "loop.toml"), "/dev/zero", "x" * 5000 + ".toml"]:
            self.refused(["check", path])

    # Hostile schedules

    def test_no_schedule_but_a_whole_one_is_replayed(self):
        good = next(word for word in self.run_it(SMALL).stdout.decode().split() if "@v1:" in word)
        self.assertEqual(self.run_it(["replay", good, "--kills", "0", "--processes", "2"]).returncode, 1)
        for cut in range(len(good)):
            self.refused(["replay", good[:cut]])
        at = good.index(":") + 1
        for bad in [good[:at] + "B" + good[at:], good.replace("@v1", "@v9"), good[:-1] + chr(ord(good[-1]) ^ 1), "A" * 100_000]:
            self.refused(["replay", bad])

    # A hostile environment

    def test_few_descriptors(self):
        for most in (16, 5, 4):
            done = self.run_it(SMALL, before=lambda n=most: limit(resource.RLIMIT_NOFILE, n))
            self.assertIn(done.returncode, (1, 2, 3), done.stderr)

    def test_little_address_space(self):
        done = self.run_it(["check", "control/flock", "--jobs", "1"], before=lambda: limit(resource.RLIMIT_AS, 512 * MIB))
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(b"memory", done.stdout + done.stderr)

    def test_no_more_processes_or_threads(self):
        for what, lacks in (("process", b"Resource temporarily unavailable"), ("thread", b"(ulimit -u)")):
            codes = set()
            for words in (["check", "control/flock", "--jobs", "2", "--no-mutants"], ["stress", "control/flock", "--duration", "300ms", "--processes", "3"],
                          ["check", "--wrapper", "flock -n {dir}/lock {critical}", "--kills", "0"]):
                done = self.run_it(words, before=lambda w=what: forbid(w))
                text = done.stdout + done.stderr
                codes.add(done.returncode)
                self.assertIn(done.returncode, (0, 1, 3), text)
                if done.returncode == 3:
                    self.assertIn(lacks, b" ".join(text.split()))
            self.assertIn(3, codes)

    def test_a_full_disk_leaves_no_half_report(self):
        def full():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            limit(resource.RLIMIT_FSIZE, 100)

        report = os.path.join(self.folder, "r.json")
        done = self.run_it([*SMALL, "--report", "json=" + report], before=full)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("r.json")], [])

    def test_a_full_disk_leaves_the_checkpoint_before(self):
        def full():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            limit(resource.RLIMIT_FSIZE, 4096)

        file = os.path.join(self.folder, "c")
        words = ["check", "control/solo", "--no-mutants"]
        whole = self.run_it(words)
        done = self.run_it([*words, "--checkpoint", file, "--checkpoint-every", "0s"], before=full)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(b"too large", (done.stdout + done.stderr))
        again = self.run_it([*words, "--resume", file])
        self.assertEqual(again.returncode, whole.returncode, again.stderr)
        self.assertEqual(states(again), states(whole))
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("c.")], [])

    def test_a_store_that_cannot_be_made(self):
        self.file("", "file")
        done = self.run_it([*SMALL, "--store", os.path.join(self.folder, "file/store")])
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn(b"VIOLATED", done.stdout)

    def test_nobody_reads_what_is_printed(self):
        reads, writes = os.pipe()
        os.close(reads)
        done = self.run_it(SMALL, stdout=writes, stderr=subprocess.PIPE)
        os.close(writes)
        self.assertIn(done.returncode, (1, 4), done.stderr)

    def test_standard_streams_that_are_closed(self):
        def closed():
            for fd in (0, 1, 2):
                os.close(fd)

        report = os.path.join(self.folder, "r.json")
        done = self.run_it([*SMALL, "--report", "json=" + report], before=closed)
        self.assertEqual(done.returncode, 1)
        with open(report) as text:
            self.assertTrue(text.read().startswith("{"))

    def test_what_is_inherited(self):
        def strange():
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE, signal.SIGCHLD, signal.SIGTERM})
            os.umask(0)

        done = self.run_it([*SMALL], before=strange)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"confirmed on Linux", b" ".join(done.stdout.split()))

    def test_a_relative_folder_for_temporary_files(self):
        os.mkdir(os.path.join(self.folder, "here"))
        done = self.run_it(["stress", "control/flock", "--duration", "300ms", "--processes", "3"], env={"TMPDIR": "here"})
        self.assertIn(done.returncode, (0, 2, 3), done.stderr)
        self.assertEqual(os.listdir(os.path.join(self.folder, "here")), [])

    def test_signals_end_it_at_any_time(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            search = subprocess.Popen([LOCKPROOF, "check", "genie/serve_pid", "--no-store"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      env={**os.environ, "TMPDIR": self.temporary}, cwd=self.folder)
            search.stderr.readline()  # it says how far it is
            search.send_signal(number)
            out, err = search.communicate(timeout=60)
            self.assertEqual(search.returncode, 3, err)
            self.assertIn(b"interrupted", out)

    def in_mounts(self, prepare, words):
        """Below a mount namespace of its own, prepared by a line of shell that finds a file system of 200 KiB at ./small."""
        os.mkdir(os.path.join(self.folder, "small"))
        script = f"mount -t tmpfs -o size=200k none small && {prepare} && exec \"$0\" \"$@\""
        return subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, LOCKPROOF, *words], cwd=self.folder, timeout=60,
                              capture_output=True, env={**os.environ, "TMPDIR": self.temporary}, check=False)

    def test_a_store_on_a_full_disk(self):
        done = self.in_mounts("head -c 195k /dev/zero >small/fill", [*SMALL, "--store", "small/store"])
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn(b"VIOLATED", done.stdout)
        self.assertIn(b"No space left on device", done.stderr)

    def test_spilling_to_a_full_disk(self):
        done = self.in_mounts(":", ["check", "control/flock", "--no-mutants", "--no-store", "--spill", "small"])
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(b"the folder of --spill has only 0 MiB left", b" ".join(done.stdout.split()))

    def test_a_disk_that_is_full_or_gone_while_it_is_spilled_to(self):
        search = subprocess.Popen([LOCKPROOF, "check", "genie/serve_pid", "--no-store", "--spill", self.folder], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": self.temporary}, cwd=self.folder)
        search.stderr.readline()  # it says how far it is
        search.send_signal(signal.SIGBUS)  # as mmap(2) has it
        _, err = search.communicate(timeout=60)
        self.assertEqual(search.returncode, 3, err)
        self.assertIn(b"the folder of --spill is full", err)

    def test_what_is_spilled_is_the_same_and_leaves_nothing(self):
        disk = os.path.join(self.folder, "disk")
        os.mkdir(disk)
        words = ["check", "control/solo", "--no-mutants"]
        whole, spilled = self.run_it(words), self.run_it([*words, "--spill", disk])
        self.assertEqual(spilled.returncode, 0, spilled.stderr)
        self.assertEqual(states(spilled), states(whole))
        self.assertEqual(os.listdir(disk), [])
        self.refused([*words, "--spill", os.path.join(disk, "nowhere")], "--spill", "No such file")
        self.refused([*words, "--spill", disk, "--strategy", "dfs"], "--spill", "search")

    def test_a_file_system_that_is_read_only(self):
        done = self.in_mounts("mount -o remount,ro small", [*SMALL, "--no-store", "--report", "json=small/r.json"])
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn(b"Read-only file system", done.stderr)

    def test_no_proc(self):
        done = self.in_mounts("mount -t tmpfs none /proc", [*SMALL, "--no-store"])
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(b"there is no /proc", done.stderr)

    def test_descriptors_that_are_inherited(self):
        held = [os.open("/dev/null", os.O_RDONLY) for _ in range(200)]
        done = self.run_it(SMALL, pass_fds=held)
        for fd in held:
            os.close(fd)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"confirmed on Linux", b" ".join(done.stdout.split()))

    # Hostile subjects: the run ends, says something that can be printed, and nothing lives on

    def stressed(self, script):
        # Nobody else has this among the words of its processes.
        mark = f"98765.{os.getpid()}"
        lock = '#!/bin/sh\nmkdir "$1" 2>/dev/null || { echo busy; exit 0; }\n'  # else two owners end the run at once
        path = self.file(lock + script.replace("MARK", mark), "subject.sh")
        os.chmod(path, 0o700)
        done = self.run_it(["stress", "--worker", path + " {dir}/lock", "--duration", "500ms", "--processes", "2", "--no-store"])
        self.assertIn(done.returncode, (0, 1, 3), done.stderr)
        text = (done.stdout + done.stderr).decode()  # UTF-8
        self.assertTrue(all(ord(c) >= 32 or c in "\n" for c in text), ascii(text))
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/cmdline", "rb") as words_of:
                    self.assertNotIn(mark.encode(), words_of.read(), "it lives on")
            except OSError:
                pass

    def test_who_leaves_its_session_and_hears_nothing(self):
        away = "setsid sh -c 'trap \"\" TERM INT HUP; exec <&- >&- 2>&-; sleep MARK'"
        self.stressed(f"({away} &)\necho acquired; read x; echo released\n")

    def test_who_starts_many(self):
        self.stressed("i=0; while [ $i -lt 300 ]; do sleep MARK & i=$((i+1)); done\necho acquired; read x; echo released\n")

    def test_who_kills_all_that_it_sees(self):
        self.stressed("sleep MARK & echo acquired; kill -STOP $PPID; kill -9 $PPID; kill -9 -1\n")

    def test_who_talks_without_an_end(self):
        self.stressed("printf '\\033]52;c;QQ\\007::error::x\\n##vso[x]\\377\\376'; head -c 3000000 /dev/zero | tr '\\0' x; echo\n"
                      "echo acquired; read x; echo released\n")

    def test_who_has_a_name_like_a_line_of_proc(self):
        name = os.path.join(self.folder, "a) S 1 1 (\x1b]52;c;\n")
        shutil.copy("/bin/dash", name)
        script = self.file("echo acquired; read x; echo released\n", "script")
        self.stressed(f"exec '{name}' {script}\n")

    def test_a_child_that_is_its_parents_is_not_learned(self):
        script = ("import ctypes, os\nctypes.CDLL(None).syscall(56, 0x8000 | 17, 0, 0, 0, 0) or os._exit(0)\n"
                  "print('acquired', flush=True)\nos.read(0, 1)\nprint('released', flush=True)\n")
        done = self.run_it(["check", "--worker", f"/usr/bin/python3 {self.file(script, 'clones.py')}", "--kills", "0", "--processes", "2", "--budget", "3s",
                            "--no-store"])
        self.assertIn(b"no plain child", b" ".join(done.stdout.split()))
        self.assertNotEqual(done.returncode, 0)

    # Parts of a search

    def test_words_of_shards(self):
        for words in [["--shard", "0/8"], ["--shard", "9/8"], ["--shard", "1/x"], ["--shard", "1/2/3"], ["--shard", "1/99999"],
                      ["--shard", "1/2"], ["--shared", "x"], ["--shard", "1/2", "--shared", "x", "--patience", "-1"]]:
            self.refused(["check", "control/flock", *words], "--")
        self.refused(["merge", self.folder], "search")
        self.refused(["check", "control/flock", "--resume", self.file("x", "c")], "c: too short")
        self.assertFalse(os.path.exists(os.path.join(self.folder, "x")))


def states(done):
    return next(line for line in done.stdout.decode().split("\n") if line.startswith(" counts")).split(" states")[0]


def forbid(what):
    """Any clone fails as where `ulimit -u` is reached; or any that makes a thread."""
    eagain, enosys, allow = 0x50000 | 11, 0x50000 | 38, 0x7FFF0000
    load, equal, bits, give = 0x20, 0x15, 0x45, 0x06
    clone, fork, vfork, clone3, thread = 56, 57, 58, 435, 0x10000
    lines = [(load, 0, 0, 0), (equal, 0, 1, clone3), (give, 0, 0, enosys), (equal, 0, 3 if what == "thread" else 1, clone)]
    if what == "thread":
        lines += [(load, 0, 0, 16), (bits, 0, 1, thread)]  # the low half of its first argument
    lines += [(give, 0, 0, eagain)]
    if what == "process":
        lines += [(equal, 1, 0, fork), (equal, 0, 1, vfork), (give, 0, 0, eagain)]
    lines += [(give, 0, 0, allow)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    whole = struct.pack("HxxxxxxQ", len(lines), ctypes.addressof(program))
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((38, 1), (22, 2)):  # PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP
        if libc.prctl(option, value, whole if option == 22 else 0, 0, 0) != 0:
            os._exit(99)


def limit(what, most):
    resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    unittest.main()
