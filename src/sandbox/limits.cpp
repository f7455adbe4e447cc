// Limits out of the configuration.
#include "sandbox/limits.hpp"

#include <cmath>

#include <fmt/format.h>

namespace flotte::sandbox {
namespace {

constexpr std::string_view profiles = "use \"direct\" or \"none\"";
constexpr double least_cpus = 0.01;
constexpr double most_cpus = 1e6;

/// 0 where the key is absent.
Result<double> get_amount(const json::object& limits, std::string_view key) {
  const json::value* found = limits.if_contains(key);
  if (found == nullptr || found->is_null()) return 0.0;
  const auto amount = json::get_number(limits, key);
  if (!amount || !std::isfinite(*amount) || *amount < 0)
    return fail(Code::invalid_argument, fmt::format("limits.{} is not a number from 0 on", key));
  return *amount;
}

Result<std::uint64_t> get_count(const json::object& limits, std::string_view key) {
  auto amount = get_amount(limits, key);
  if (!amount) return pass(amount);
  const auto count = json::get_int(limits, key);
  if (*amount > 0 && !count) return fail(Code::invalid_argument, fmt::format("limits.{} is not a whole number", key));
  return static_cast<std::uint64_t>(count.value_or(0));
}

}  // namespace

std::string_view to_string(Network network) noexcept { return network == Network::none ? "none" : "direct"; }

Result<Network> parse_network(std::string_view text) {
  if (text == "direct") return Network::direct;
  if (text == "none") return Network::none;
  for (const std::string_view later : {"proxy:", "interface:", "netns:"})
    if (text.starts_with(later))
      return fail(Code::unsupported, fmt::format("network = \"{}...\" is not built yet: this version cannot send a run through it", later),
                  std::string(profiles));
  return fail(Code::invalid_argument, fmt::format("network = \"{}\" is no network profile", text), std::string(profiles));
}

Result<void> Limits::check() const {
  if (cpus != 0 && !(cpus >= least_cpus && cpus <= most_cpus))
    return fail(Code::invalid_argument, fmt::format("limits.cpu = {} is not a number of cores", cpus), "at least 0.01, or leave it out");
  if (memory_bytes != 0 && memory_bytes < least_memory)
    return fail(Code::invalid_argument, fmt::format("limits.memory is {} bytes, which no program can live in", memory_bytes),
                "is a unit missing, as in \"4G\"?");
  return {};
}

Result<Limits> Limits::parse(const json::object& worker) {
  Limits out;
  auto network = parse_network(json::string_or(worker, "network", "direct"));
  if (!network) return pass(network);
  out.network = *network;
  const json::object* limits = json::get_object(worker, "limits");
  if (limits == nullptr) return out;
  auto cpus = get_amount(*limits, "cpu");
  if (!cpus) return pass(cpus);
  auto memory = get_count(*limits, "memory");
  if (!memory) return pass(memory);
  auto processes = get_count(*limits, "processes");
  if (!processes) return pass(processes);
  out.cpus = *cpus;
  out.memory_bytes = *memory;
  out.processes = *processes;
  if (auto checked = out.check(); !checked) return pass(checked);
  return out;
}

}  // namespace flotte::sandbox
