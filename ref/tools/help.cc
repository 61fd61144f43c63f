// SPDX-License-Identifier: Apache-2.0
#include "help.h"

namespace solo::tool {

const char* const kHelp = R"(solo: at most one instance of a program at a time

  solo run NAME [--state-dir DIR] [--busy-exit N] -- CMD...
  solo status NAME [--state-dir DIR] [--json]
  solo --help | --version

run     Becomes the one NAME, runs CMD, and ends with CMD's exit status (128 + N when
        signal N killed it; 126 or 127 when CMD could not be started). When NAME is
        owned already it says so on stderr and ends with 0, or with --busy-exit.
        SIGTERM, SIGINT and SIGHUP are passed on to CMD, except those that the terminal
        has sent to CMD already.
        The owner is the solo process, not CMD: the record names solo's pid. A signal to
        that pid reaches CMD; SIGKILL of it ends both, as the kernel then kills CMD too.
        That holds for CMD itself, not for processes that CMD started, nor when CMD is a
        set-user-ID program. CMD dies a moment after solo, so the next owner may start
        while it is on its way out.
status  Tells whether NAME is running, and disturbs no one. Text, or one JSON object with
        name, state (running, stopped, unknown), pid, since, holder. Ends with 0 when
        running, 3 when stopped, 4 when that could not be found out.

NAME    1 to 64 letters, digits, dots, underscores and dashes; no dot first.
DIR     Where NAME.lock and NAME.record are kept. The default is /run/solo for root and
        /run/user/UID/solo for others, whatever the environment says. It is created when
        missing, mode 0700. It must be an absolute path without symbolic links, yours, on
        a local file system, and not writable by others.

The lock file is never removed; remove it while nothing runs, if at all. With 2 solo says
that it was called wrongly, with 4 that something failed and what.
)";

}  // namespace solo::tool
