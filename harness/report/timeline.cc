// SPDX-License-Identifier: Apache-2.0
// A run as a page: a head that says what broke, the overview, and a table with a row a step that
// can be read without the script, by a screen reader, or on paper.
#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "core/text.h"
#include "report/course.h"
#include "report/html.h"
#include "report/layout.h"
#include "report/overview.h"
#include "report/report.h"
#include "report/timeline_assets.h"

namespace lockproof {
namespace {

constexpr std::size_t kRowsMost = 10'000;  // what browsers open without a pause

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

// Flags of a call may stand on several lines.
std::string act(const std::string& text) {
  return std::regex_replace(html(text), std::regex("\\|"), "|<wbr>");
}

bool has(const std::vector<Life>& lives, Life life) {
  return std::find(lives.begin(), lives.end(), life) != lives.end();
}

class Section {
 public:
  Section(const RunResult& result, std::string prefix)
      : result_(result), course_(course_of(result)), prefix_(std::move(prefix)) {}

  std::string take() {
    text_ = "<section>\n";
    add_head();
    if (!course_.moments.empty()) {
      text_ += fmt::format("<div class=\"sticky\">\n{}", overview(course_, result_.pair, row_id()));
      text_ += "<p class=\"now\" role=\"status\" aria-live=\"polite\"></p>\n</div>\n";
      add_table();
      add_events();
    }
    return std::move(text_) + "</section>\n";
  }

 private:
  std::string row_id() const { return prefix_ + (course_.steps ? "s" : "r"); }

  void field(const char* name, const std::string& markup) {
    if (!markup.empty()) text_ += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, markup);
  }
  // "event 22" leads to where it stands.
  std::string linked(const std::string& sentence) const {
    static const std::regex event("\\bevent ([0-9]{1,19})\\b");
    return std::regex_replace(html_of_bytes(sentence), event,
                              "<a href=\"#" + prefix_ + "e$1\">event $1</a>");
  }

  void add_head() {
    const Finding* first = result_.findings.empty() ? nullptr : &result_.findings.front();
    text_ += fmt::format("<h1><span class=\"verdict {}\">{}</span> {}</h1>\n<dl>\n",
                         name(result_.verdict), upper(name(result_.verdict)),
                         html_of_bytes(first ? first->sentence : result_.scenario));
    field("invariant", first ? html_of_bytes(first->invariant) : "");
    field("scenario", html_of_bytes(result_.scenario));
    field("subject", html_of_bytes(result_.subject));
    field("world", html_of_bytes(result_.world));
    field("reason", first ? "" : html_of_bytes(result_.reason));
    field("tried", html_of_bytes(result_.bounds));
    field("why", first ? linked(first->why) : "");
    if (result_.pair != 0) {
      field("pair",
            fmt::format("steps <a href=\"#{0}{1}\">{1}</a> and <a href=\"#{0}{2}\">{2}</a>: in "
                        "the other order the promise is kept",
                        row_id(), result_.pair, result_.pair + 1));
    }
    if (result_.round != 0) {
      field("round", fmt::format("the last {} steps can go on for ever", result_.round));
    }
    field("replay", result_.replay.empty()
                        ? ""
                        : fmt::format("<code>{}</code>", html(command_line(result_.replay))));
    for (std::size_t i = 1; i < result_.findings.size(); ++i) {
      field("also",
            html_of_bytes(result_.findings[i].sentence) + ": " + linked(result_.findings[i].why));
    }
    for (const std::string& note : result_.notes) field("note", html_of_bytes(note));
    text_ += "</dl>\n";
  }

  void add_table() {
    const char* row = course_.steps ? "step" : "event";
    text_ += fmt::format(
        "<table>\n<caption>{} {}s, time downwards; a column a process. <span class=\"swatch\" "
        "style=\"background:var(--own)\"></span>owns <span class=\"swatch\" "
        "style=\"background:var(--lock)\"></span>holds a lock</caption>\n<thead><tr><th "
        "scope=\"col\">{}</th>",
        course_.moments.size(), row, row);
    for (Life life : course_.cast.lives()) {
      text_ += fmt::format("<th scope=\"col\">{}</th>", html(course_.cast.title(life)));
    }
    if (has_others()) text_ += "<th scope=\"col\">others</th>";
    text_ +=
        "<th scope=\"col\">owns</th><th scope=\"col\">record</th><th scope=\"col\">remark</th>";
    text_ += "</tr></thead>\n<tbody>\n";
    for (std::size_t i = 0; i < std::min(course_.moments.size(), kRowsMost); ++i) add_row(i);
    text_ += "</tbody>\n</table>\n";
    if (course_.moments.size() > kRowsMost) {
      text_ += fmt::format("<p>{} rows are left out; history.jsonl has them.</p>\n",
                           course_.moments.size() - kRowsMost);
    }
  }

  bool has_others() const {
    return std::any_of(course_.moments.begin(), course_.moments.end(),
                       [&](const Moment& moment) { return !course_.cast.has(moment.row.column); });
  }

  std::string owners(const Moment& moment) const {
    std::string names;
    for (Life life : moment.owners)
      names += (names.empty() ? "" : ", ") + course_.cast.in_words(life);
    return names;
  }
  bool in_pair(const Moment& moment) const {
    return course_.steps && result_.pair != 0 &&
           (moment.row.seq == result_.pair || moment.row.seq == result_.pair + 1);
  }

  void add_row(std::size_t i) {
    const Moment& moment = course_.moments[i];
    const Moment* before = i == 0 ? nullptr : &course_.moments[i - 1];
    const Row& row = moment.row;
    std::string classes;
    for (const auto& [name, is] :
         {std::pair{"mark", row.marked}, {"fault", moment.fault}, {"pair", in_pair(moment)}}) {
      if (is) classes += (classes.empty() ? "" : " ") + std::string(name);
    }
    const bool changes = moment.owners != (before ? before->owners : std::vector<Life>{});
    text_ += fmt::format(
        "<tr id=\"{}{}\" class=\"{}\" data-at=\"{:.1f}\" data-changes=\"{}\" data-said=\"{}\">",
        row_id(), row.seq, classes, overview_x(i, course_.moments.size()), changes ? "yes" : "no",
        html(said(moment)));
    text_ += fmt::format("<th scope=\"row\"><a href=\"#{0}{1}\">{1}</a></th>", row_id(), row.seq);
    for (Life life : course_.cast.lives()) add_cell(moment, life);
    if (has_others_) text_ += fmt::format("<td class=\"lane\">{}</td>", others(moment));
    text_ += fmt::format("<td class=\"state{}\">{}</td>", moment.owners.size() > 1 ? " broken" : "",
                         html(owners(moment)));
    const bool same = before != nullptr && before->record == moment.record;
    text_ +=
        fmt::format("<td class=\"record{}\">{}</td>", same ? " same" : "", html(moment.record));
    text_ += fmt::format("<td>{}</td></tr>\n", remark(moment, before));
  }

  void add_cell(const Moment& moment, Life life) {
    text_ += fmt::format("<td class=\"lane{}{}\">{}</td>", has(moment.owners, life) ? " own" : "",
                         has(moment.holders, life) ? " lock" : "",
                         moment.row.column == life ? act(moment.row.text) : "");
  }
  std::string others(const Moment& moment) const {
    if (course_.cast.has(moment.row.column)) return "";
    if (moment.row.column == kHarness) return act(moment.row.text);
    return act(course_.cast.in_words(moment.row.column) + ": " + moment.row.text);
  }

  std::string remark(const Moment& moment, const Moment* before) const {
    std::string text;
    const std::uint64_t begin = moment.events.empty() ? 0 : moment.events.front().seq;
    if (before != nullptr && !before->events.empty() && begin > before->events.back().seq + 1) {
      text += fmt::format("<span class=\"note\">{} before are not kept</span> ",
                          counted(begin - before->events.back().seq - 1, "events"));
    }
    if (moment.row.marked) text += "<span class=\"broken\">breaks the promise</span> ";
    if (in_pair(moment)) {
      const bool first = moment.row.seq == result_.pair;
      text += fmt::format("<span class=\"note\">pair: {}</span> ",
                          first ? "with the next step" : "with the step before");
    }
    if (!moment.events.empty()) {
      const std::uint64_t to = moment.events.back().seq;
      text += fmt::format(
          "<a href=\"#{0}e{1}\">{2}</a>", prefix_, begin,
          begin == to ? fmt::format("event {}", begin) : fmt::format("events {}–{}", begin, to));
    }
    return text;
  }

  // What a screen reader says, and what stands below the overview.
  std::string said(const Moment& moment) const {
    const Row& row = moment.row;
    const std::string who = row.column == kHarness ? "" : course_.cast.in_words(row.column) + ": ";
    const std::string owns = owners(moment);
    return fmt::format("{} {}. {}{}. Owns: {}.{}{}", course_.steps ? "Step" : "Event", row.seq, who,
                       row.text, owns.empty() ? "nobody" : owns,
                       moment.record.empty() ? "" : " Record: " + moment.record + ".",
                       row.marked ? " Breaks the promise." : "");
  }

  void add_events() {
    text_ += fmt::format("<details><summary>{}</summary>\n<ol class=\"events\">\n",
                         html(counted(result_.history.events.size(), "events")));
    std::size_t left = kRowsMost;
    for (const Event& event : result_.history.events) {
      if (left-- == 0) break;
      text_ +=
          fmt::format("<li id=\"{}e{}\" value=\"{}\">{}: {}</li>\n", prefix_, event.seq, event.seq,
                      html(course_.cast.in_words(event.life)), html(in_words(event, course_.cast)));
    }
    text_ += "</ol>\n</details>\n";
  }

  const RunResult& result_;
  const Course course_;
  const std::string prefix_;
  const bool has_others_ = has_others();
  std::string text_;
};

constexpr const char* kKeys =
    "<p class=\"keys\"><kbd>j</kbd> <kbd>k</kbd> or <kbd>↓</kbd> <kbd>↑</kbd> next, last row; "
    "<kbd>n</kbd> what breaks the promise; <kbd>o</kbd> a change of owners; <kbd>f</kbd> a fault "
    "(with <kbd>Shift</kbd> backwards); <kbd>p</kbd> the pair; <kbd>Home</kbd> "
    "<kbd>End</kbd>.</p>\n";

}  // namespace

std::string html_report(const std::vector<RunResult>& results, const std::string& version) {
  const RunResult* first = results.empty() ? nullptr : results.data();
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; script-src '{}'; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}lockproof</title>\n"
      "<style>\n{}</style>\n</head>\n<body>\n<main>\n{}",
      csp_hash(kTimelineScriptHash),
      first ? fmt::format("{} {} - ", upper(name(first->verdict)), html_of_bytes(first->scenario))
            : "",
      kTimelineStyle, kKeys);
  for (std::size_t i = 0; i < results.size(); ++i) {
    page += Section(results[i], i == 0 ? "" : fmt::format("x{}", i + 1)).take();
  }
  return page + fmt::format(
                    "</main>\n<footer class=\"keys\">lockproof "
                    "{}</footer>\n<script>{}</script>\n</body>\n</html>\n",
                    html_of_bytes(version), kTimelineScript);
}

}  // namespace lockproof
