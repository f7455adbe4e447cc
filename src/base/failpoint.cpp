// The table of failpoints, and what happens at them.
#include "base/failpoint.hpp"

#include <cstdlib>

#if FLOTTE_FAILPOINTS
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <thread>

#include "base/nearest.hpp"
#endif

namespace flotte::failpoint {

#if !FLOTTE_FAILPOINTS

inline namespace absent {
Result<void> choose_by_environment() {
  const char* text = std::getenv("FLOTTE_FAIL");
  if (!text || !*text) return {};
  return fail(Code::unsupported, "FLOTTE_FAIL is set, but this flotte was built without failpoints",
              "use the dev flavour (script/build dev), or unset it");
}
}  // namespace absent

#else

inline namespace present {
namespace {

enum class Kind { place, fallible, bug };
struct Entry {
  std::string_view name;
  Kind kind;
  std::string_view where;
};

constexpr std::array<Entry, failpoint_count> table{{
    {"submit.before_commit", Kind::fallible, "hub: a task's rows are written, not committed"},
    {"submit.after_commit", Kind::place, "hub: a task is committed, its client has no answer yet"},
    {"claim.before_commit", Kind::fallible, "hub: tasks are leased, not committed"},
    {"claim.after_commit", Kind::place, "hub: leases are committed, no node has heard of them"},
    {"complete.before_commit", Kind::fallible, "hub: a run's end is written, not committed"},
    {"complete.after_commit", Kind::place, "hub: a run's end is committed, its node has no answer yet"},
    {"rescue.before_commit", Kind::fallible, "hub: a lost node's leases are given up, not committed"},
    {"journal.before_record", Kind::place, "hub: an answer is whole, not in the call journal"},
    {"journal.after_record", Kind::place, "hub: an answer is in the call journal, its last byte not passed on"},
    {"step.before_record", Kind::place, "hub: a step's result has come, not recorded"},
    {"step.after_record", Kind::place, "hub: a step's result is recorded, its client has no answer yet"},
    {"blob.write", Kind::fallible, "a piece of a blob is about to be written"},
    {"blob.finish", Kind::fallible, "a blob is written, not yet under its name"},
    {"store.commit", Kind::fallible, "hub: a group of writes is about to be committed; error: the disk is full"},
    {"node.before_accept", Kind::place, "node: an offer has come, not accepted"},
    {"node.after_accept", Kind::place, "node: an offer is accepted, its run has not begun"},
    {"node.before_report", Kind::place, "node: a run's end is on disk, the hub has not been told"},
    {"spool.append", Kind::fallible, "node: a record is about to be written to the spool"},
    {"spool.sync", Kind::fallible, "node: the spool is about to be synced"},
    {"plant.no_fence", Kind::bug, "hub: ends are taken from runs whose lease is gone"},
    {"plant.count_then_claim", Kind::bug, "hub: a limit is counted in one transaction and claimed in another"},
    {"plant.no_grace", Kind::bug, "hub: nodes are rescued right after a start"},
}};

enum class Action { none, kill9, stop, delay, error, on };
struct Armed {
  Action action = Action::none;
  std::uint64_t from = 1, to = UINT64_MAX;
  std::chrono::milliseconds delay{0};
};
std::array<Armed, failpoint_count> armed;
std::array<std::atomic<std::uint64_t>, failpoint_count> reached;

Failure wrong(std::string_view what) {
  std::string hint = "NAME:kill9|stop|delay:MS|error|on[@N|@N+|@N-M], several separated by commas. Names:";
  for (const Entry& entry : table) hint += fmt::format("\n  {:24} {}", entry.name, entry.where);
  return fail(Code::invalid_argument, fmt::format("FLOTTE_FAIL: {}", what), std::move(hint));
}

template <class T>
bool read_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_when(std::string_view text, Armed& out) {
  if (text.ends_with('+')) return read_number(text.substr(0, text.size() - 1), out.from) && out.from > 0;
  const auto dash = text.find('-');
  if (!read_number(text.substr(0, dash), out.from) || out.from == 0) return false;
  out.to = out.from;
  return dash == std::string_view::npos || (read_number(text.substr(dash + 1), out.to) && out.to >= out.from);
}

std::size_t find_name(std::string_view name) {
  std::size_t i = 0;
  while (i < table.size() && table[i].name != name) ++i;
  return i;
}

Failure unknown(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Entry& entry : table) names.push_back(entry.name);
  const auto nearest = find_nearest(name, names);
  return wrong(fmt::format("there is no failpoint '{}'{}", name, nearest ? fmt::format(" (did you mean {}?)", *nearest) : ""));
}

/// One NAME:ACTION[@WHEN].
Result<void> arm(std::string_view item) {
  const auto colon = item.find(':');
  const std::string_view name = item.substr(0, colon);
  const std::size_t index = find_name(name);
  if (index == table.size()) return unknown(name);
  if (colon == std::string_view::npos) return wrong(fmt::format("'{}' does not say what is to happen", item));
  std::string_view action = item.substr(colon + 1);
  Armed out;
  const auto at = action.rfind('@');
  const std::string_view when = at == std::string_view::npos ? std::string_view() : action.substr(at + 1);
  action = action.substr(0, at);
  if (action == "kill9" || action == "stop") {
    out.action = action == "stop" ? Action::stop : Action::kill9;
    out.to = 1;
  } else if (action.starts_with("delay:")) {
    std::int64_t ms = -1;
    if (!read_number(action.substr(6), ms) || ms < 0) return wrong(fmt::format("'{}' is no delay:MILLISECONDS", action));
    out.action = Action::delay;
    out.delay = std::chrono::milliseconds(ms);
  } else if (action == "error") {
    out.action = Action::error;
  } else if (action == "on") {
    out.action = Action::on;
  } else {
    return wrong(fmt::format("'{}' is nothing that can happen at {}", action, name));
  }
  const Kind kind = table[index].kind;
  if (out.action == Action::error && kind != Kind::fallible) return wrong(fmt::format("{} is no place that can fail", name));
  if ((out.action == Action::on) != (kind == Kind::bug)) return wrong(fmt::format("{} takes {}", name, kind == Kind::bug ? "on" : "no on"));
  if (at != std::string_view::npos && !read_when(when, out)) return wrong(fmt::format("'@{}' is no N, N+ or N-M", when));
  armed[index] = out;
  return {};
}

/// What is due at this place now.
Action act(Failpoint point) {
  const auto index = static_cast<std::size_t>(point);
  const Armed& here = armed[index];
  if (here.action == Action::none) return Action::none;
  const std::uint64_t count = reached[index].fetch_add(1) + 1;
  if (count < here.from || count > here.to) return Action::none;
  switch (here.action) {
    case Action::kill9:
      ::kill(::getpid(), SIGKILL);
      ::pause();
      break;
    case Action::stop: ::kill(::getpid(), SIGSTOP); break;
    case Action::delay: std::this_thread::sleep_for(here.delay); break;
    default: break;
  }
  return here.action;
}

}  // namespace

Result<void> choose(const std::string& text) {
  armed = {};
  for (auto& count : reached) count = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const auto comma = rest.find(',');
    if (auto good = arm(rest.substr(0, comma)); !good) {
      armed = {};
      return good;
    }
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return {};
}

Result<void> choose_by_environment() {
  const char* value = std::getenv("FLOTTE_FAIL");
  if (!value) return {};
  const std::string text = value;
  ::unsetenv("FLOTTE_FAIL");
  return choose(text);
}

void reach(Failpoint point) { act(point); }

std::optional<Error> failure(Failpoint point) {
  if (act(point) != Action::error) return std::nullopt;
  return Error(Code::exhausted, fmt::format("failpoint {}: it was to fail", table[static_cast<std::size_t>(point)].name));
}

bool planted(Failpoint point) { return armed[static_cast<std::size_t>(point)].action == Action::on; }

}  // namespace present

#endif

}  // namespace flotte::failpoint
