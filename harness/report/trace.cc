// SPDX-License-Identifier: Apache-2.0
// Chrome's trace format. Each process of a run is a process of the trace with a track of its steps,
// one of its ownership and one of its locks, so that no two slices of a track overlap.
#include <fmt/format.h>

#include <algorithm>

#include "core/json.h"
#include "core/text.h"
#include "report/course.h"
#include "report/report.h"

namespace lockproof {
namespace {

constexpr std::uint64_t kRow = 1000;  // microseconds
enum Track : int { kSteps = 1, kOwns = 2, kLock = 3 };

bool has(const std::vector<Life>& lives, Life life) {
  return std::find(lives.begin(), lives.end(), life) != lives.end();
}

class Trace {
 public:
  void add(const RunResult& result) {
    const Course course = course_of(result);
    if (course.moments.empty()) return;
    const std::string scenario = escape(result.scenario);
    for (Life life : course.cast.lives()) {
      const std::uint64_t process = ++processes_;
      name_of("process_name", process, 0, scenario + ": " + course.cast.title(life));
      name_of("thread_name", process, kSteps, "steps");
      name_of("thread_name", process, kOwns, "owns");
      name_of("thread_name", process, kLock, "holds a lock");
      add_bars(course, life, process, kOwns, "owns", &Moment::owners);
      add_bars(course, life, process, kLock, "lock", &Moment::holders);
      for (std::size_t i = 0; i < course.moments.size(); ++i) {
        if (course.moments[i].row.column == life) add_step(course.moments[i], i, process);
      }
    }
    add_record(course, scenario);
    add_lock_flows(course, processes_ - course.cast.lives().size());
  }

  JsonWriter take() { return std::move(events_); }

 private:
  JsonWriter& event(const char* phase, const std::string& name, std::uint64_t process, int track) {
    return events_.emplace_back(
        JsonWriter{{"name", name}, {"ph", phase}, {"pid", process}, {"tid", track}});
  }
  void name_of(const char* what, std::uint64_t process, int track, const std::string& name) {
    event("M", what, process, track)["args"] = {{"name", name}};
  }
  JsonWriter& slice(const std::string& name, const char* category, std::uint64_t process, int track,
                    std::size_t from, std::size_t to) {
    JsonWriter& slice = event("X", name, process, track);
    slice["cat"] = category;
    slice["ts"] = from * kRow;
    slice["dur"] = (to - from) * kRow;
    return slice;
  }

  void add_step(const Moment& moment, std::size_t i, std::uint64_t process) {
    const char* category = moment.row.marked ? "breaks the promise"
                           : moment.fault    ? "fault"
                                             : "step";
    slice(moment.row.text, category, process, kSteps, i, i + 1)["args"] = {
        {"number", moment.row.seq}, {"record", moment.record}};
    if (!moment.fault) return;
    JsonWriter& instant = event("i", moment.row.text, process, kSteps);
    instant["ts"] = i * kRow;
    instant["s"] = "p";
  }

  void add_bars(const Course& course, Life life, std::uint64_t process, Track track,
                const char* name, std::vector<Life> Moment::*who) {
    for (std::size_t i = 0; i < course.moments.size(); ++i) {
      if (!has(course.moments[i].*who, life)) continue;
      const std::size_t begin = i;
      while (i < course.moments.size() && has(course.moments[i].*who, life)) ++i;
      slice(name, "state", process, track, begin, i);
    }
  }

  void add_record(const Course& course, const std::string& scenario) {
    const std::uint64_t process = ++processes_ + kRecords;
    for (std::size_t i = 0; i < course.moments.size();) {
      const std::size_t begin = i;
      const std::string& content = course.moments[begin].record;
      while (i < course.moments.size() && course.moments[i].record == content) ++i;
      if (content.empty()) continue;
      if (begin == 0 || course.moments[begin - 1].record.empty()) {
        name_of("process_name", process, 0, scenario + ": record");
      }
      slice(content, "record", process, kSteps, begin, i);
    }
    --processes_;
  }

  // From who let go to who got it next.
  void add_lock_flows(const Course& course, std::uint64_t first) {
    const auto process_of = [&](Life life) {
      const auto& lives = course.cast.lives();
      return first + 1 +
             static_cast<std::uint64_t>(std::find(lives.begin(), lives.end(), life) -
                                        lives.begin());
    };
    Life from = kHarness;  // who let go last
    std::size_t at = 0;
    for (std::size_t i = 1; i < course.moments.size(); ++i) {
      const auto& before = course.moments[i - 1].holders;
      const auto& now = course.moments[i].holders;
      for (Life life : now) {
        if (has(before, life) || from == kHarness || from == life) continue;
        add_flow(process_of(from), at - 1, process_of(life), i);
        from = kHarness;
      }
      for (Life life : before) {
        if (has(now, life) || !course.cast.has(life)) continue;
        from = life;
        at = i;
      }
    }
  }
  void add_flow(std::uint64_t from, std::size_t at, std::uint64_t to, std::size_t then) {
    ++flows_;
    for (const auto& [phase, process, row] : {std::tuple{"s", from, at}, {"f", to, then}}) {
      JsonWriter& flow = event(phase, "lock", process, kLock);
      flow["cat"] = "lock";
      flow["id"] = flows_;
      flow["ts"] = row * kRow + kRow / 2;
      if (*phase == 'f') flow["bp"] = "e";
    }
  }

  static constexpr std::uint64_t kRecords = 100'000;  // processes of the trace that are records

  JsonWriter events_ = JsonWriter::array();
  std::uint64_t processes_ = 0;
  std::uint64_t flows_ = 0;
};

}  // namespace

std::string trace_report(const std::vector<RunResult>& results, const std::string& version) {
  Trace trace;
  for (const RunResult& result : results) trace.add(result);
  JsonWriter report;
  report["displayTimeUnit"] = "ms";
  report["otherData"] = {{"program", "lockproof"}, {"version", valid_utf8(version)}};
  report["traceEvents"] = trace.take();
  return to_text(report, 1) + '\n';
}

}  // namespace lockproof
