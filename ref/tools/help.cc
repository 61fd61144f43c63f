// SPDX-License-Identifier: Apache-2.0
#include "help.h"

namespace solo::tool {

const char* const kHelp = R"(solo: at most one instance of a program at a time

  solo run NAME [options] -- CMD...
  solo ensure NAME [options] [--grace T] -- CMD...
  solo stop NAME [--grace T]
  solo rm NAME
  solo guard NAME [options] -- CMD...
  solo status NAME [--json]
  solo --help | --version

run     Becomes the one NAME, runs CMD, and ends with CMD's exit status (128 + N when
        signal N killed it; 126 or 127 when CMD could not be started). When NAME is
        owned already it says so on stderr and ends with 0, or with --busy-exit.
        SIGTERM, SIGINT and SIGHUP are passed on to CMD, except those that the terminal
        has sent to CMD already. After SIGTERM, CMD has 30s, or --drain, to end.
        The owner is the solo process, not CMD: the record names solo's pid. A signal to
        that pid reaches CMD; SIGKILL of it ends both, as the kernel then kills CMD too.
        That holds for CMD itself, not for processes that CMD started, nor when CMD is a
        set-user-ID program. CMD dies a moment after solo, so the next owner may start
        while it is on its way out.
ensure  Returns when NAME is ready: as it is, or started as "solo run" in a session of
        its own, without terminal and output. Of many at once one starts it. One that
        ensure has started and that is never ready is ended (--grace) and started anew;
        one that a user started is left alone, which is an error. Ends with 3, and starts
        nothing, while "solo stop" is under way.
stop    SIGTERM to the owner, and SIGKILL after 10s, or --grace. Returns when its exit was
        seen. Signals nobody whom it cannot be certain of, and then ends with 4.
rm      The owner gives NAME up now and ends by itself, as after SIGTERM. Returns when it
        has given up: a new run need not wait for the old one's end.
guard   Runs CMD only while nobody owns NAME, and keeps everybody out meanwhile. When NAME
        is owned CMD is not run, and guard ends with 2, or with --busy-exit.
status  Tells whether NAME is running, and disturbs no one. Text, or one JSON object with
        name, state (running, stopping, stopped, unknown), pid, managed, ready, since,
        holder and holder_uid (who has the lock, where the record does not tell), replaced
        (somebody has the lock of a former file), why. Ends with 0 when there is an owner,
        3 when stopped, 4 when that could not be found out.

NAME    1 to 64 letters, digits, dots, underscores and dashes; no dot first.
T       A whole number and ms, s, m or h: from 100ms to 24h.
--state-dir DIR
        Where NAME.lock and NAME.record are kept. The default is /run/solo for root and
        /run/user/UID/solo for others, whatever the environment says. It is created when
        missing, mode 0700. It must be an absolute path without symbolic links, yours, on
        a local file system, and not writable by others.
--ready line:TEXT | port:N | file:PATH
        NAME is ready when CMD has printed a line with TEXT in it, when somebody listens
        at that port of 127.0.0.1, or when the file is there. Without it: when CMD was
        started.
--managed auto|cli
        Who starts it: a program by itself, or a user, which is the default. One that is
        "auto" is not started while "solo stop" is under way, and may be ended by "solo
        ensure" when it is never ready. The record and "status --json" say which.
--side-file FILE
        A file of CMD's in DIR, such as FILE.port. Removed before NAME is owned anew, and
        when it is given up. More than one may be given.
--watch-parent[=T], --parent PID[:START]
        CMD gets SIGTERM when the parent of solo has ended: noticed at once, and looked
        for every 10s, or T. --parent hands over which process that is, where START is
        field 22 of its /proc/PID/stat; else it is the one that started solo.

The lock file is never removed; remove it while nothing runs, if at all. With 2 solo says
that it was called wrongly, with 4 that something failed and what.
)";

}  // namespace solo::tool
