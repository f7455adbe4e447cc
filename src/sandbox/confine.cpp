// From arguments to exec.
#include "sandbox/confine.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <iterator>

#include <fmt/format.h>

#include "base/process/spawn.hpp"
#include "sandbox/detail/apply.hpp"
#include "sandbox/group.hpp"
#include "sandbox/plan.hpp"

namespace flotte::sandbox {
namespace {

constexpr int cannot_run = 126, not_found = 127;  // as shells have it

struct Order {
  Limits limits;
  std::string name;
  std::span<const std::string> argv;
};

template <class Number>
Result<Number> parse_number(std::string_view option, std::string_view text) {
  Number out{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || out < Number{})
    return fail(Code::invalid_argument, fmt::format("{} '{}' is not a number", option, text));
  return out;
}

template <class T>
Result<void> keep(T& slot, Result<T> value) {
  if (!value) return pass(value);
  slot = std::move(*value);
  return {};
}

Result<void> take_option(Order& order, const std::string& option, const std::string& text) {
  if (option == "--memory") return keep(order.limits.memory_bytes, parse_number<std::uint64_t>(option, text));
  if (option == "--cpus") return keep(order.limits.cpus, parse_number<double>(option, text));
  if (option == "--processes") return keep(order.limits.processes, parse_number<std::uint64_t>(option, text));
  if (option == "--network") return keep(order.limits.network, parse_network(text));
  if (option != "--name") return fail(Code::invalid_argument, fmt::format("unknown option '{}'", option));
  order.name = text;
  return check_group_name(text);
}

Result<Order> parse_order(std::span<const std::string> args) {
  Order order;
  order.name = fmt::format("process-{}", ::getpid());
  std::size_t at = 0;
  for (; at < args.size() && args[at] != "--"; at += 2) {
    if (at + 1 == args.size()) return fail(Code::invalid_argument, fmt::format("'{}' lacks its value, or '--' is missing", args[at]));
    if (auto taken = take_option(order, args[at], args[at + 1]); !taken) return pass(taken);
  }
  if (at + 1 >= args.size()) return fail(Code::invalid_argument, "no program is named after '--'");
  order.argv = args.subspan(at + 1);
  if (auto checked = order.limits.check(); !checked) return pass(checked);
  return order;
}

void say(std::string_view line) { std::fputs(fmt::format("flotte confine: {}\n", line).c_str(), stderr); }

int refuse(const Error& error) {
  say(fmt::format("not run: {}", error.text()));
  return cannot_run;
}

/// The signal that ends this process with its parent; new credentials may clear it.
class ParentBond {
 public:
  ParentBond() { ::prctl(PR_GET_PDEATHSIG, &signal_); }
  Result<void> renew() const {
    if (signal_ == 0) return {};
    ::prctl(PR_SET_PDEATHSIG, signal_);
    if (::getppid() != parent_) return fail(Code::cancelled, "its parent is gone");
    return {};
  }

 private:
  int signal_ = 0;
  pid_t parent_ = ::getppid();
};

Result<void> prepare(const Order& order, const Plan& made) {
  const ParentBond bond;
  for (const Step& step : made.steps)
    if (auto taken = detail::apply(step, order.name); !taken) return taken;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("cannot give up gaining rights", errno);
  return bond.renew();
}

}  // namespace

std::vector<std::string> confined(const Limits& limits, const Confinement& how, std::vector<std::string> argv) {
  if (!limits.any()) return argv;
  std::vector<std::string> out{how.binary, "confine", "--name", how.name};
  const auto add = [&out](std::string_view option, std::string value) {
    out.emplace_back(option);
    out.push_back(std::move(value));
  };
  if (limits.memory_bytes > 0) add("--memory", std::to_string(limits.memory_bytes));
  if (limits.cpus > 0) add("--cpus", fmt::format("{}", limits.cpus));
  if (limits.processes > 0) add("--processes", std::to_string(limits.processes));
  if (limits.network != Network::direct) add("--network", std::string(to_string(limits.network)));
  out.emplace_back("--");
  out.insert(out.end(), std::make_move_iterator(argv.begin()), std::make_move_iterator(argv.end()));
  return out;
}

int confine_main(std::span<const std::string> args) {
  auto order = parse_order(args);
  if (!order) return refuse(order.error());
  const auto program = find_program(order->argv.front());
  if (!program) {
    say(fmt::format("no program '{}' (install it, or put its directory on the PATH)", order->argv.front()));
    return not_found;
  }
  const Plan made = plan(order->limits, read_machine(), order->name);
  if (!made.refusals.empty()) return refuse(Error(Code::unsupported, fmt::format("{}", fmt::join(made.refusals, "; "))));
  for (const std::string& warning : made.warnings) say(warning);
  // Before the limits hold: memory of our own may be short afterwards.
  std::vector<char*> argv;
  for (const std::string& word : order->argv) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  if (auto prepared = prepare(*order, made); !prepared) return refuse(prepared.error());
  ::execv(program->c_str(), argv.data());
  const int failed = errno;
  say(fmt::format("cannot start {}: {}", *program, std::strerror(failed)));
  return failed == ENOENT ? not_found : cannot_run;
}

}  // namespace flotte::sandbox
