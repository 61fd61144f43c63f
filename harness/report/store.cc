// SPDX-License-Identifier: Apache-2.0
#include "report/store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <regex>
#include <sstream>

#include "core/fd.h"
#include "core/file.h"
#include "core/text.h"
#include "report/report.h"

namespace lockproof {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kResultBytes = 256u << 20;
constexpr std::size_t kNameBytes = 100;
constexpr const char* kLatest = "latest";
constexpr const char* kResultFile = "result.json";

Error failed(const std::string& what, const fs::path& path, const std::error_code& error) {
  return internal_error(ErrorCode::kStore,
                        fmt::format("the store could not be {}: {}: {}", what,
                                    escape(path.string(), 1024), error.message()));
}

// "genie/serve_pid" as it is; any other text as one plain name that leads nowhere.
std::string folder_of(const std::string& scenario) {
  static const std::regex plain("[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)?");
  if (scenario.size() <= kNameBytes && std::regex_match(scenario, plain)) return scenario;
  std::string name = scenario.substr(0, kNameBytes);
  for (char& c : name) {
    const bool kept = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-';
    if (!kept) c = '_';
  }
  return name.empty() ? "_" : name;
}

// "20260102T030405.678Z": sorts as time goes, and is a file name everywhere.
std::string time_name(std::chrono::system_clock::time_point when) {
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
  const std::time_t seconds = ms / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, ms % 1000);
}

bool is_time_name(const std::string& name) {
  static const std::regex pattern("[0-9]{8}T[0-9]{6}[.][0-9]{3}Z");
  return std::regex_match(name, pattern);
}

// One at a time publishes or prunes; the kernel lets go when the process ends.
Result<Fd> lock_store(const fs::path& store) {
  Fd fd(::open(store.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  int done = fd ? 0 : -1;
  while (fd && (done = ::flock(fd.get(), LOCK_EX)) != 0 && errno == EINTR) {
  }
  if (done != 0) return failed("locked", store, {errno, std::generic_category()});
  return fd;
}

Result<> make_store(const fs::path& store) {
  std::error_code error;
  fs::create_directories(store, error);
  if (error) return failed("made", store, error);
  const fs::path ignore = store / ".gitignore";
  if (fs::exists(ignore, error)) return Nothing{};
  return write_whole_file("the store", "*\n", ignore.string());
}

Result<> write_files(const fs::path& folder, const RunResult& result) {
  const auto write = [&](const char* name, const std::string& text) {
    return write_whole_file("the store", text, (folder / name).string());
  };
  if (!result.history.events.empty()) {
    std::ostringstream history;
    if (auto written = write_history(result.history, history); !written) return written;
    if (auto written = write("history.jsonl", history.str()); !written) return written;
    const std::string page = html_report({result}, result.version);
    if (auto written = write("timeline.html", page); !written) return written;
  }
  return write(kResultFile, json_document(result));
}

// The link is what it was or what it shall be, never nothing.
Result<> point(const fs::path& link, const fs::path& target) {
  const fs::path making = link.parent_path() / fmt::format(".making-{}-{}", ::getpid(), kLatest);
  std::error_code error;
  fs::remove(making, error);
  fs::create_symlink(target, making, error);
  if (!error) fs::rename(making, link, error);
  if (error) return failed("written", link, error);
  return Nothing{};
}

// Gives the folder a name of its own, and makes it the latest.
Result<fs::path> publish(const fs::path& store, const fs::path& family, const fs::path& making) {
  const auto lock = lock_store(store);
  if (!lock) return lock.error();
  std::error_code error;
  const std::string latest = fs::read_symlink(family / kLatest, error).string();
  auto when = std::chrono::system_clock::now();
  std::string time = time_name(when);
  while (time == latest || fs::exists(family / time, error)) {
    time = time_name(when += std::chrono::milliseconds(1));
  }
  fs::rename(making, family / time, error);
  if (error) return failed("written", family / time, error);
  if (auto done = point(family / kLatest, time); !done) return done.error();
  if (auto done = point(store / kLatest, family.lexically_relative(store) / time); !done) {
    return done.error();
  }
  return family / time;
}

bool is_run(const fs::path& folder) {
  std::error_code error;
  return is_time_name(folder.filename().string()) && !fs::is_symlink(folder, error) &&
         fs::is_regular_file(folder / kResultFile, error);
}

}  // namespace

Result<fs::path> keep_run(const fs::path& store, const RunResult& result) {
  if (auto made = make_store(store); !made) return made.error();
  const fs::path family = store / folder_of(result.scenario);
  std::error_code error;
  fs::create_directories(family, error);
  if (error) return failed("made", family, error);
  fs::path making;
  for (int i = 0; !error && (making.empty() || !fs::create_directory(making, error)); ++i) {
    making = family / fmt::format(".making-{}-{}", ::getpid(), i);
  }
  if (error) return failed("made", making, error);
  Result<fs::path> kept = [&]() -> Result<fs::path> {
    if (auto written = write_files(making, result); !written) return written.error();
    return publish(store, family, making);
  }();
  if (!kept) fs::remove_all(making, error);
  return kept;
}

Result<std::vector<KeptRun>> kept_runs(const fs::path& store) {
  std::vector<KeptRun> runs;
  std::error_code error;
  if (!fs::exists(store, error)) return runs;
  fs::recursive_directory_iterator walk(store, error);
  for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    if (!is_run(walk->path())) continue;
    walk.disable_recursion_pending();
    runs.push_back({walk->path().lexically_relative(store).string(), walk->path()});
  }
  if (error) {
    return usage_error(ErrorCode::kKeptRun,
                       fmt::format("{}: {}", escape(store.string(), 1024), error.message()));
  }
  std::sort(runs.begin(), runs.end(),
            [](const KeptRun& a, const KeptRun& b) { return a.name < b.name; });
  return runs;
}

Result<KeptRun> find_run(const fs::path& store, const std::string& word) {
  std::error_code error;
  for (const fs::path& path : {fs::path(word), store / word, store / word / kLatest}) {
    const fs::path folder = path.filename() == kResultFile ? path.parent_path() : path;
    if (word.empty() || !fs::is_regular_file(folder / kResultFile, error)) continue;
    const fs::path real = fs::canonical(folder, error);
    const fs::path root = fs::canonical(store, error);
    return KeptRun{error ? word : real.lexically_relative(root).string(), real};
  }
  std::vector<std::string> known{kLatest};
  if (const auto runs = kept_runs(store)) {
    for (const KeptRun& run : *runs) {
      known.push_back(run.name);
      known.push_back(fs::path(run.name).parent_path().string());
    }
  }
  const std::string near = nearest(word, known);
  return usage_error(
      ErrorCode::kUnknownName,
      fmt::format("no run '{}' here or in {}{}", escape(word), escape(store.string(), 1024),
                  near.empty() ? "; see lockproof list runs" : "; did you mean '" + near + "'?"));
}

Result<RunResult> read_run(const KeptRun& run) {
  const fs::path file = run.folder / kResultFile;
  const auto text = read_whole_file(file, kResultBytes);
  if (!text) return text.error();
  auto result = parse_json_result(*text);
  if (!result) {
    const bool is_json = result.error().code != ErrorCode::kNotJson;
    return usage_error(is_json ? ErrorCode::kKeptRun : ErrorCode::kNotJson,
                       fmt::format("{}: {}", escape(file.string(), 1024), result.error().sentence));
  }
  return result;
}

Result<std::vector<KeptRun>> prune_runs(const fs::path& store, std::size_t keep) {
  std::error_code error;
  if (!fs::exists(store, error)) return std::vector<KeptRun>{};
  const auto lock = lock_store(store);
  if (!lock) return lock.error();
  const auto runs = kept_runs(store);
  if (!runs) return internal_error(runs.error().code, runs.error().sentence);
  std::map<fs::path, std::vector<KeptRun>> by_scenario;
  for (const KeptRun& run : *runs) by_scenario[run.folder.parent_path()].push_back(run);
  std::vector<KeptRun> gone;
  for (const auto& [scenario, kept] : by_scenario) {
    for (std::size_t i = 0; i + keep < kept.size(); ++i) {
      // Under another name first: half a run is never taken for one.
      const fs::path going =
          scenario / fmt::format(".making-{}", kept[i].folder.filename().string());
      fs::rename(kept[i].folder, going, error);
      if (!error) fs::remove_all(going, error);
      if (error) return failed("pruned", kept[i].folder, error);
      gone.push_back(kept[i]);
    }
  }
  return gone;
}

}  // namespace lockproof
