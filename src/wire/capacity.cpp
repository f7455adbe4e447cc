// Capacities as JSON, and the labels that follow from them.
#include "wire/capacity.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "wire/detail/fields.hpp"

namespace flotte::wire {
namespace {

json::value bool_or_null(const std::optional<bool>& value) { return value ? json::value(*value) : json::value(nullptr); }

}  // namespace

json::object Gpu::to_json() const {
  return {{"name", name}, {"maker", maker}, {"memory_mb", memory_mb}, {"memory_free_mb", memory_free_mb}};
}

Gpu Gpu::from_json(const json::object& o) {
  return {json::string_or(o, "name", ""), json::string_or(o, "maker", ""), json::int_or(o, "memory_mb", 0),
          json::int_or(o, "memory_free_mb", 0)};
}

json::object FoundAgent::to_json() const {
  return {{"program", program}, {"title", title}, {"path", path}, {"version", version}, {"logged_in", bool_or_null(logged_in)}};
}

FoundAgent FoundAgent::from_json(const json::object& o) {
  return {json::string_or(o, "program", ""), json::string_or(o, "title", ""), json::string_or(o, "path", ""),
          json::string_or(o, "version", ""), json::get_bool(o, "logged_in")};
}

json::object NetworkCard::to_json() const { return {{"name", name}, {"mac", mac}, {"subnet", subnet}, {"wired", wired}}; }

NetworkCard NetworkCard::from_json(const json::object& o) {
  return {json::string_or(o, "name", ""), json::string_or(o, "mac", ""), json::string_or(o, "subnet", ""),
          json::get_bool(o, "wired").value_or(false)};
}

std::vector<std::string> Capacity::labels() const {
  std::vector<std::string> out;
  if (!gpus.empty()) out.emplace_back("gpu");
  if (!power.empty()) out.push_back(power);
  if (metered.value_or(false)) out.emplace_back("metered");
  for (const FoundAgent& agent : agents)
    if (agent.logged_in.value_or(true)) out.push_back("agent:" + agent.program);
  return out;
}

std::vector<std::string> Capacity::sizes() const {
  std::vector<std::string> out;
  if (cores > 0) out.push_back("cores=" + std::to_string(cores));
  if (memory_mb > 0) out.push_back("memory=" + std::to_string(memory_mb));
  if (vram_mb() > 0) out.push_back("vram=" + std::to_string(vram_mb()));
  return out;
}

std::int64_t Capacity::vram_mb() const {
  std::int64_t most = 0;
  for (const Gpu& gpu : gpus) most = std::max(most, gpu.memory_mb);
  return most;
}

json::object Capacity::to_json() const {
  return {{"measured_at", measured_at_ms == 0 ? json::value(nullptr) : json::value(to_rfc3339(from_ms(measured_at_ms)))},
          {"cores", cores},
          {"memory_mb", memory_mb},
          {"memory_available_mb", memory_available_mb},
          {"disk_mb", disk_mb},
          {"disk_free_mb", disk_free_mb},
          {"gpus", detail::from_things(gpus)},
          {"power", power.empty() ? json::value(nullptr) : json::value(power)},
          {"battery_percent", battery_percent < 0 ? json::value(nullptr) : json::value(battery_percent)},
          {"metered", bool_or_null(metered)},
          {"agents", detail::from_things(agents)},
          {"networks", detail::from_things(networks)},
          {"labels", detail::from_strings(labels())}};
}

Capacity Capacity::from_json(const json::object& o) {
  Capacity c;
  if (const auto at = detail::get_time(o, "measured_at")) c.measured_at_ms = to_ms(*at);
  c.cores = static_cast<int>(json::int_or(o, "cores", 0));
  c.memory_mb = json::int_or(o, "memory_mb", 0);
  c.memory_available_mb = json::int_or(o, "memory_available_mb", 0);
  c.disk_mb = json::int_or(o, "disk_mb", 0);
  c.disk_free_mb = json::int_or(o, "disk_free_mb", 0);
  c.gpus = detail::to_things<Gpu>(o, "gpus");
  c.power = json::string_or(o, "power", "");
  c.battery_percent = static_cast<int>(json::int_or(o, "battery_percent", -1));
  c.metered = json::get_bool(o, "metered");
  c.agents = detail::to_things<FoundAgent>(o, "agents");
  c.networks = detail::to_things<NetworkCard>(o, "networks");
  return c;
}

json::object Seen::to_json() const {
  return {
      {"kind", kind}, {"name", name}, {"where", where}, {"why", why}, {"hint", hint.empty() ? json::value(nullptr) : json::value(hint)}};
}

Seen Seen::from_json(const json::object& o) {
  return {json::string_or(o, "kind", ""), json::string_or(o, "name", ""), json::string_or(o, "where", ""), json::string_or(o, "why", ""),
          json::string_or(o, "hint", "")};
}

}  // namespace flotte::wire
