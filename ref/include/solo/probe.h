// SPDX-License-Identifier: Apache-2.0
// probe: does anybody own NAME? Asks, and changes nothing.
//
// It takes no lock, not even for a moment (F_OFD_GETLK on a descriptor that is open for reading
// only): a contender that comes at that moment never finds it busy because of us. It creates
// neither file nor directory, and writes nothing; access times aside. Never blocks.
//
// The answer was true at one moment during the call, and may be old when it is read: decide nothing
// by it that claim() does not decide again.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "port/sys.h"
#include "solo/name.h"
#include "solo/record.h"
#include "solo/result.h"

namespace solo {

struct Free {};

// `holder`: the record, when it names a process that is alive. Empty: held, by whom is not known.
struct Held {
  std::optional<Record> holder;
  bool stopping = false;  // a stop is under way
  bool ready = false;     // the owner has said so (InstanceLock::become_ready)
};

// It could not be found out. Never to be read as free.
struct Unknown {
  Error why;
};

using ProbeResult = std::variant<Free, Held, Unknown>;

// A directory or lock file that does not exist is Free: nobody can own without them.
ProbeResult probe(port::Sys& sys, std::string_view dir_path, const Name& name);

}  // namespace solo
