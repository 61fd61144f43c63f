// SPDX-License-Identifier: Apache-2.0
// The record of an instance as a file: read by anybody, written by the holder of the lock. The
// guards are named in solo/instance.h.
#pragma once

#include <optional>

#include "port/sys.h"
#include "solo/fd.h"
#include "solo/name.h"
#include "solo/process.h"
#include "solo/record.h"
#include "solo/result.h"
#include "solo/state_dir.h"

namespace solo {

// Nothing when there is no record, or one that is not ours (empty, torn, foreign). Errors:
// something that is not a plain file of ours bears the name, or it cannot be read. Never blocks.
Result<std::optional<Record>> read_record(port::Sys& sys, const StateDir& dir, const Name& name);

// A record, and which file it was read from. As long as `file` is open, no other has that inode.
struct OpenRecord {
  Fd file;
  dev_t device = 0;
  ino_t inode = 0;
  Record record;
};
// As read_record, and the file stays open.
Result<std::optional<OpenRecord>> open_record(port::Sys& sys, const StateDir& dir,
                                              const Name& name);
// Whether the name still reaches the file that was read: 1, 0, or the negated errno.
int is_still_the_record(port::Sys& sys, const StateDir& dir, const Name& name,
                        const OpenRecord& read);

// The record, when it names a live process; else nothing, whatever the reason.
std::optional<Record> read_live_record(port::Sys& sys, const StateDir& dir, const Name& name,
                                       const Realm& realm);

// Replaces the record. Only for the holder of the lock (guard under_lock).
//
// If the process dies here, or an error is returned: the name shows the old record or the new one,
// whole; NAME.record.new may lie about.
MaybeError publish(port::Sys& sys, const StateDir& dir, const Name& name, const Record& record);

}  // namespace solo
