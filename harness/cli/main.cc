// SPDX-License-Identifier: Apache-2.0
// lockproof: the command. Exit codes: 0 holds, 1 violated or different, 2 usage or scenario error,
// 3 inconclusive, 4 a defect of ours or a report that could not be written, 77 all skipped.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "core/text.h"
#include "core/verdict.h"

namespace lockproof {

int fail(const Error& error) {
  fmt::print(stderr, "lockproof: error[{}]: {}\n", name(error.code), error.sentence);
  switch (error.kind) {
    case Error::Kind::kUsage:
      return kExitUsage;
    case Error::Kind::kEnvironment:
    case Error::Kind::kStopped:
      return kExitInconclusive;
    case Error::Kind::kInternal:
      return kExitInternal;
  }
  return kExitInternal;
}

namespace {

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

// The parser's own sentences are good; its exit codes are not ours.
int usage(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands().empty()) {
    return fail(
        usage_error(ErrorCode::kUnknownName, fmt::format("unknown command '{}'{}", escape(argv[1]),
                                                         suggestion(argv[1], command_names(app)))));
  }
  return fail(usage_error(ErrorCode::kCommandLine,
                          fmt::format("{}; see lockproof --help", escape(error.what(), 1000))));
}

// Address space may be limited (`ulimit -v`), and a search asks for much of which it uses little;
// so may be threads (`ulimit -u`).
int run_within_limits(const Run& command) {
  try {
    return command();
  } catch (const std::bad_alloc&) {
    return fail(environment_error(
        ErrorCode::kNoMemory,
        "not enough memory or address space; a search maps some 190 GiB of address space, of "
        "which it uses what it needs (ulimit -v)"));
  } catch (const std::system_error& error) {
    return fail(environment_error(
        ErrorCode::kNoProcesses,
        fmt::format("no thread can be started: {} (ulimit -u)", error.code().message())));
  }
}

int run(int argc, char** argv) {
  CLI::App app("Model-checks the locks that programs put between processes.", "lockproof");
  app.set_version_flag("--version", std::string("lockproof ") + kVersion);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 holds, 1 violated, 2 usage, 3 inconclusive, 4 internal, 77 skipped.");
  const std::vector<std::pair<const char*, Run>> commands = {
      {"check", add_check_command(app)},     {"replay", add_replay_command(app)},
      {"conform", add_conform_command(app)}, {"learn", add_learn_command(app)},
      {"stress", add_stress_command(app)},   {"list", add_list_command(app)},
      {"doctor", add_doctor_command(app)},   {"init", add_init_command(app)},
      {"verify", add_verify_command(app)},   {"prune", add_prune_command(app)},
      {"explain", add_explain_command(app)}, {"merge", add_merge_command(app)},
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return usage(app, error, argc, argv);
  }
  // Where it and its scenarios lie is known from there, and what processes do.
  if (::access("/proc/self/exe", F_OK) != 0 && !app.got_subcommand("doctor")) {
    return fail(
        environment_error(ErrorCode::kNoProc, "there is no /proc here (mount -t proc proc /proc)"));
  }
  for (const auto& [name, command] : commands) {
    if (app.got_subcommand(name)) return run_within_limits(command);
  }
  return kExitUsage;
}

}  // namespace
}  // namespace lockproof

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that has gone is a report that could not be written
  return lockproof::run(argc, argv);
}
