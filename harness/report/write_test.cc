// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "report/report.h"
#include "report/samples.h"

namespace lockproof {
namespace {

namespace fs = std::filesystem;

class WriteReport : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "lockproof-write-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    dir_ = name;
  }
  void TearDown() override { fs::remove_all(dir_); }

  Result<> write(const fs::path& file) {
    return write_report({"json", file}, {samples::holds()}, "0.1.0");
  }
  static std::string read(const fs::path& file) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(dir_), fs::directory_iterator()));
  }

  const std::string expected_ = json_report({samples::holds()}, "0.1.0");
  fs::path dir_;
};

TEST_F(WriteReport, LeavesTheWholeReportAndNothingElse) {
  ASSERT_TRUE(write(dir_ / "r.json").ok());
  ASSERT_TRUE(write(dir_ / "r.json").ok()) << "again, over the first";
  EXPECT_EQ(read(dir_ / "r.json"), expected_);
  EXPECT_EQ(entries(), 1u);
  ASSERT_TRUE(write_report({"junit", dir_ / "r.xml"}, {}, "0.1.0").ok());
  EXPECT_EQ(read(dir_ / "r.xml"), junit_report({}, "0.1.0"));
}

TEST_F(WriteReport, ReplacesWhatALinkPointsTo) {
  std::ofstream(dir_ / "target") << "old";
  fs::create_symlink("target", dir_ / "link");
  ASSERT_TRUE(write(dir_ / "link").ok());
  EXPECT_TRUE(fs::is_symlink(dir_ / "link"));
  EXPECT_EQ(read(dir_ / "target"), expected_);
}

// A pipe stands for every file that is not one; with a real device a defect would replace it.
TEST_F(WriteReport, WritesIntoAPipeAndDoesNotReplaceIt) {
  const fs::path fifo = dir_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  EXPECT_TRUE(write(fifo).ok());
  EXPECT_TRUE(fs::is_fifo(fifo));
  std::string text(1 << 16, '\0');
  const ssize_t size = ::read(reader, text.data(), text.size());
  ::close(reader);
  ASSERT_GT(size, 0);
  EXPECT_EQ(text.substr(0, static_cast<std::size_t>(size)), expected_);
}

TEST_F(WriteReport, AWriteThatFailsLeavesTheOldReport) {
  std::ofstream(dir_ / "r.json") << "old";
  const auto size_signal = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 100;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto result = write(dir_ / "r.json");
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, size_signal);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(read(dir_ / "r.json"), "old");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(WriteReport, NamesTheFileThatCouldNotBeCreated) {
  const auto missing = write(dir_ / "no" / "such\n" / "r.json");
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().sentence.find("such\\x0a/r.json: No such file"), std::string::npos);
  const auto directory = write(dir_);
  ASSERT_FALSE(directory.ok());
  EXPECT_NE(directory.error().sentence.find("Is a directory"), std::string::npos);
}

TEST_F(WriteReport, NeverFollowsATrapBesideTheFile) {
  std::ofstream(dir_ / "victim") << "old";
  const std::string trap = "r.json." + std::to_string(::getpid()) + "-0.tmp";
  fs::create_symlink("victim", dir_ / trap);
  ASSERT_TRUE(write(dir_ / "r.json").ok());
  EXPECT_EQ(read(dir_ / "victim"), "old");
  EXPECT_EQ(read(dir_ / "r.json"), expected_);
}

// Standard output as a pipe, and what arrived there.
class Stdout {
 public:
  Stdout() : saved_(::dup(STDOUT_FILENO)) {
    EXPECT_EQ(::pipe2(pipe_, O_CLOEXEC), 0);
    ::dup2(pipe_[1], STDOUT_FILENO);
    ::close(pipe_[1]);
  }
  ~Stdout() {
    restore();
    close_reader();
  }
  void close_reader() {
    if (pipe_[0] >= 0) ::close(std::exchange(pipe_[0], -1));
  }
  void restore() {
    if (saved_ < 0) return;
    ::dup2(saved_, STDOUT_FILENO);
    ::close(std::exchange(saved_, -1));
  }
  std::string take() {
    restore();
    std::string text(1 << 16, '\0');
    const ssize_t size = ::read(pipe_[0], text.data(), text.size());
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }

 private:
  int saved_;
  int pipe_[2] = {-1, -1};
};

TEST_F(WriteReport, ADashIsStandardOutput) {
  Stdout out;
  const auto result = write("-");
  EXPECT_EQ(out.take(), expected_);
  EXPECT_TRUE(result.ok());
}

TEST_F(WriteReport, AReaderThatWentAwayIsAnErrorNotASignal) {
  std::fflush(stdout);
  Stdout out;
  out.close_reader();
  const auto result = write("-");
  out.restore();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, Error::Kind::kInternal);
  EXPECT_EQ(result.error().sentence,
            "the report could not be written: standard output: Broken pipe");
  sigset_t pending;
  ::sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 0);
}

TEST_F(WriteReport, AFullDiskIsAnErrorOfOurs) {
  std::fflush(stdout);
  Stdout out;
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ::dup2(full, STDOUT_FILENO);
  ::close(full);
  const auto result = write("-");
  out.restore();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, Error::Kind::kInternal);
  EXPECT_EQ(result.error().sentence,
            "the report could not be written: standard output: No space left on device");
}

TEST(ReportRequest, IsAKindAndAFile) {
  const auto request = parse_report_request("json=a=b");
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->kind, "json");
  EXPECT_EQ(request->file, "a=b");
  EXPECT_TRUE(parse_report_request("junit=-").ok());
}

TEST(ReportRequest, SaysWhatIsExpected) {
  const auto error = [](const std::string& text) {
    const auto request = parse_report_request(text);
    return request ? "no error" : request.error().sentence;
  };
  EXPECT_EQ(error("jsno=x"), "report: 'jsno' is not a kind; did you mean 'json'?");
  EXPECT_EQ(error(""), "report: '' is not a kind; known are json, junit, html, sarif, trace");
  EXPECT_EQ(error("json"), "report: expected json=FILE, or json=- for standard output");
  EXPECT_EQ(error("junit="), "report: expected junit=FILE, or junit=- for standard output");
}

}  // namespace
}  // namespace lockproof
