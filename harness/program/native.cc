// SPDX-License-Identifier: Apache-2.0
#include "program/native.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <boost/context/fiber.hpp>
#include <cassert>
#include <csignal>
#include <utility>

#include "program/asking_sys.h"
#include "program/fiber_stack.h"

namespace lockproof {
namespace {

namespace context = boost::context;

constexpr std::size_t kStackBytes = 256 * 1024;
constexpr int kRounds = 20;  // of a loop, until it is believed

// Thrown through a subject whose run is not wanted any more.
struct Abandoned {};

}  // namespace

// One execution of the code, from its beginning to where it waits. It runs on a stack of its own,
// and only inside of the constructor, resume() and the destructor.
class NativeProgram::Run final : private Session {
 public:
  Run(const Body& body, const std::string& dir, Texts& texts)
      : dir_(dir),
        sys_(texts, [this](const Call& call) { return ask(call); }),
        fiber_(std::allocator_arg, FiberStack(kStackBytes, on_fiber_),
               [this, &body](context::fiber&& caller) {
                 after_switch(on_fiber_, outside_);
                 caller_ = std::move(caller);
                 live(body);
                 before_switch(nullptr, outside_);
                 return std::move(caller_);
               }) {
    enter();
  }
  ~Run() override {
    abandoned_ = true;
    if (fiber_) enter();
    assert(!fiber_);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  const Call& call() const { return call_; }
  const std::vector<Said>& said() const { return said_; }
  // A loop begins anew at the call.
  bool at_a_head() const { return repeats_; }

  void resume(const Answer& answer) {
    answer_ = answer;
    said_.clear();
    repeats_ = false;
    enter();
  }

 private:
  void enter() {
    StackInUse left;
    before_switch(&outside_, on_fiber_);
    fiber_ = std::move(fiber_).resume();
    after_switch(outside_, left);
  }

  void park() {
    before_switch(&on_fiber_, outside_);
    caller_ = std::move(caller_).resume();
    after_switch(on_fiber_, outside_);
  }

  void live(const Body& body) {
    try {
      body(*this);
      sys_.exit(0);
    } catch (const Abandoned&) {
    }
  }

  // On the fiber: parks it until the answer is there. An abandoned run unwinds, and a destructor
  // may ask who it is and close what it has: these never throw.
  Answer ask(const Call& call) {
    if (!abandoned_) {
      call_ = call;
      park();
    }
    if (!abandoned_) return answer_;
    if (call.op == Op::kClose || call.op == Op::kGetpid) return done(0);
    throw Abandoned();
  }

  solo::port::Sys& sys() override { return sys_; }
  bool on_host() const override { return false; }
  const std::string& dir() const override { return dir_; }
  void hold() override {
    Call call;
    call.op = Op::kHold;
    ask(call);
  }
  void serves() override {
    struct pollfd told = {sys_.signal_fd(std::uint64_t{1} << (SIGTERM - 1)), POLLIN, 0};
    sys_.poll(&told, 1, -1);
  }
  void repeats() override { repeats_ = true; }
  void say(Kind kind, Phase phase, std::int8_t value) override {
    said_.push_back({kind, phase, value});
  }

  std::string dir_;
  AskingSys sys_;
  Call call_;
  Answer answer_;
  std::vector<Said> said_;
  bool repeats_ = false;
  bool abandoned_ = false;
  StackInUse outside_, on_fiber_;
  context::fiber caller_;
  context::fiber fiber_;
};

NativeProgram::NativeProgram(Body body, std::string dir, Texts& texts)
    : body_(std::move(body)), dir_(std::move(dir)), texts_(texts) {
  run_ = std::make_unique<Run>(body_, dir_, texts_);
  ++runs_;
  tree_.plant(run_->call(), run_->said());
}

NativeProgram::~NativeProgram() = default;

Result<Node> NativeProgram::next(Node node, const Answer& answer) {
  assert(tree_.call(node).op != Op::kExit);
  if (const auto known = tree_.find(node, answer)) return *known;
  if (broken_) return *broken_;
  if (tree_.size() >= Tree::kMaxNodes) {
    return environment_error(ErrorCode::kTooMany,
                             fmt::format("the program has more than {} nodes", Tree::kMaxNodes));
  }
  if (at_ != node || run_ == nullptr) {
    if (auto led = lead_to(node); !led) return led.error();
  }
  run_->resume(answer);
  const auto to = arrive(node, answer);
  if (to.ok()) at_ = *to;
  return to;
}

Result<Node> NativeProgram::arrive(Node node, const Answer& answer) {
  if (run_->at_a_head()) {
    for (const Node head : heads_) {
      const bool same_words = std::ranges::equal(tree_.said(head), run_->said());
      // The path to the head is part of every path that can come back to it.
      if (tree_.call(head) != run_->call() || !same_words || !leads_to(head, node)) continue;
      tree_.join(node, answer, head);
      if (auto same = go_round(head, node, answer); !same.ok()) return same.error();
      return head;
    }
  }
  const Node fresh = tree_.grow(node, answer, run_->call(), run_->said());
  if (run_->at_a_head()) heads_.push_back(fresh);
  return fresh;
}

bool NativeProgram::leads_to(Node head, Node node) const {
  if (head == node) return true;
  const auto path = tree_.path_to(node);
  return std::ranges::any_of(path, [&](const Tree::Turn& turn) { return turn.node == head; });
}

Result<> NativeProgram::go_round(Node head, Node last, const Answer& answer) {
  std::vector<Tree::Turn> round;
  for (const Tree::Turn& turn : tree_.path_to(last)) {
    if (turn.node == head || !round.empty()) round.push_back(turn);
  }
  round.push_back({last, answer});
  for (int i = 0; i < kRounds; ++i) {
    for (const Tree::Turn& turn : round) {
      run_->resume(turn.answer);
      if (auto same = compare(*tree_.find(turn.node, turn.answer)); !same.ok()) return same;
    }
  }
  return Nothing{};
}

Result<> NativeProgram::compare(Node node) {
  if (run_->call() == tree_.call(node)) return Nothing{};
  broken_ =
      usage_error(ErrorCode::kNotDeterministic,
                  fmt::format("the subject is not deterministic: after the same answers it asked "
                              "'{}' once, and '{}' later",
                              format(tree_.call(node), texts_), format(run_->call(), texts_)));
  run_.reset();
  return *broken_;
}

Result<> NativeProgram::lead_to(Node node) {
  run_ = std::make_unique<Run>(body_, dir_, texts_);
  ++runs_;
  if (auto same = compare(0); !same.ok()) return same;
  for (const Tree::Turn& turn : tree_.path_to(node)) {
    run_->resume(turn.answer);
    if (auto same = compare(*tree_.find(turn.node, turn.answer)); !same.ok()) return same;
  }
  at_ = node;
  return Nothing{};
}

}  // namespace lockproof
