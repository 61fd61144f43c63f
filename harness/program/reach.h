// SPDX-License-Identifier: Apache-2.0
// What a call of a program of somebody else reaches: files of the run's directory, or others. All
// that a run can change lies in that directory; the rest of the host is read-only to it.
//
// A descriptor is told by the file system that its file lies on, whatever name it was opened by. A
// path is told by its text from the directory that it begins at. Answers of a moment in which the
// process stands still.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "program/descriptors.h"
#include "trace/tracee.h"

namespace lockproof {

// The directory of a run.
struct Ground {
  std::string directory;  // absolute, as the processes name it
  dev_t device = 0;
};

bool is_on(const Ground& ground, pid_t pid, int fd);

// Where the path leads as text, absolute, without ".", ".." and "//". Nothing: it begins at
// something that is no directory.
std::optional<std::string> absolute(pid_t pid, int directory, std::string_view path);

// From the ground's directory, "." for itself; nothing: it lies elsewhere.
std::optional<std::string> below(const Ground& ground, std::string_view absolute_path);

enum class Reach { kUnknownCall, kElsewhere, kGround, kRefused };
struct Reached {
  Reach reach = Reach::kUnknownCall;
  std::string_view name{};  // of the call; "": unknown
  std::string paths{};      // those of its arguments, for people: ' "a" "b"'
  std::string path{};       // the last of them, absolute
};
// `open`: descriptors of the ground, as far as they are known. REQUIRES: the tracee stands before
// `call`, or an older form of it.
Reached reached(const Ground& ground, const StoppedTracee& tracee, const KernelCall& call,
                const Descriptors& open);

}  // namespace lockproof
