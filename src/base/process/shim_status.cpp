// What a node tells its shim, and what the shim leaves for the node, as JSON.
#include "base/process/shim.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.hpp"

namespace flotte {
namespace {

constexpr std::array<std::pair<ShimEnd, std::string_view>, 6> end_words{{{ShimEnd::exited, "exited"},
                                                                         {ShimEnd::stopped, "stopped"},
                                                                         {ShimEnd::no_node, "no_node"},
                                                                         {ShimEnd::time_limit, "time_limit"},
                                                                         {ShimEnd::not_started, "not_started"},
                                                                         {ShimEnd::lost, "lost"}}};

json::array to_array(const std::vector<std::string>& strings) { return json::array(strings.begin(), strings.end()); }

std::uint64_t unsigned_or_zero(const json::object& o, std::string_view key) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, json::int_or(o, key, 0)));
}

json::object to_json(const ProcessLimits& limits) {
  return {{"cpu_seconds", limits.cpu_seconds},
          {"address_space_bytes", limits.address_space_bytes},
          {"open_files", limits.open_files},
          {"file_bytes", limits.file_bytes}};
}

}  // namespace

std::string_view to_string(ShimEnd end) noexcept {
  for (const auto& [value, word] : end_words)
    if (value == end) return word;
  return "lost";
}

json::object ShimSpec::to_json() const {
  return {{"argv", to_array(argv)},
          {"env", to_array(env)},
          {"cwd", cwd},
          {"input", to_base64(input)},
          {"limits", flotte::to_json(limits)},
          {"output_bytes", output_bytes},
          {"log", log},
          {"lease_ms", lease.count()},
          {"grace_ms", grace.count()},
          {"time_limit_ms", time_limit.count()},
          {"bound", bound}};
}

Result<ShimSpec> ShimSpec::from_json(const json::object& o) {
  ShimSpec out;
  out.argv = json::strings(o, "argv");
  out.env = json::strings(o, "env");
  out.cwd = json::string_or(o, "cwd", "");
  auto input = from_base64(json::string_or(o, "input", ""));
  if (!input) return fail(Code::corrupt, "\"input\" is not base64");
  out.input = std::move(*input);
  if (const json::object* limits = json::get_object(o, "limits")) {
    out.limits.cpu_seconds = unsigned_or_zero(*limits, "cpu_seconds");
    out.limits.address_space_bytes = unsigned_or_zero(*limits, "address_space_bytes");
    out.limits.open_files = unsigned_or_zero(*limits, "open_files");
    out.limits.file_bytes = unsigned_or_zero(*limits, "file_bytes");
  }
  out.output_bytes = unsigned_or_zero(o, "output_bytes");
  out.log = json::string_or(o, "log", "");
  out.lease = std::chrono::milliseconds(json::int_or(o, "lease_ms", 30'000));
  out.grace = std::chrono::milliseconds(json::int_or(o, "grace_ms", 5'000));
  out.time_limit = std::chrono::milliseconds(json::int_or(o, "time_limit_ms", 0));
  out.bound = json::get_bool(o, "bound").value_or(false);
  return out;
}

json::object ShimStatus::to_json() const {
  json::object out{{"state", state == ShimState::running ? "running" : "ended"},
                   {"end", state == ShimState::running ? "" : to_string(end)},
                   {"exit_code", exit.code},
                   {"signal", exit.signal},
                   {"started_at_ms", started_at_ms},
                   {"ended_at_ms", ended_at_ms},
                   {"shim", shim},
                   {"child", child},
                   {"shim_birth", shim_birth},
                   {"token", token}};
  if (!error.message.empty())
    out["error"] = json::object{{"code", flotte::to_string(error.code)}, {"message", error.message}, {"hint", error.hint}};
  return out;
}

Result<ShimStatus> ShimStatus::from_json(const json::object& o) {
  ShimStatus out;
  auto state = json::need_string(o, "state");
  if (!state) return pass(state);
  out.state = *state == "running" ? ShimState::running : ShimState::ended;
  out.end = ShimEnd::lost;
  for (const auto& [value, word] : end_words)
    if (word == json::string_or(o, "end", "")) out.end = value;
  out.exit.code = static_cast<int>(json::int_or(o, "exit_code", -1));
  out.exit.signal = static_cast<int>(json::int_or(o, "signal", 0));
  out.started_at_ms = json::int_or(o, "started_at_ms", 0);
  out.ended_at_ms = json::int_or(o, "ended_at_ms", 0);
  out.shim = static_cast<pid_t>(json::int_or(o, "shim", 0));
  out.child = static_cast<pid_t>(json::int_or(o, "child", 0));
  out.shim_birth = unsigned_or_zero(o, "shim_birth");
  out.token = json::string_or(o, "token", "");
  if (const json::object* error = json::get_object(o, "error"))
    out.error = Error(parse_code(json::string_or(*error, "code", "internal")), json::string_or(*error, "message", ""),
                      json::string_or(*error, "hint", ""));
  return out;
}

}  // namespace flotte
