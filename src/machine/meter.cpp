// A capacity, put together.
#include "machine/meter.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "base/file.hpp"
#include "base/process/spawn.hpp"
#include "machine/detail/parts.hpp"

namespace flotte::machine {
namespace {

constexpr seconds between_questions{120};  // nvidia-smi may take a second of a processor
constexpr std::size_t longest_answer = 256 * 1024;
constexpr std::int64_t slice = 50;  // milliseconds between two looks whether anybody still waits

/// Whether two amounts are apart by more than `share` of the whole and by more than `least`.
bool apart(std::int64_t a, std::int64_t b, std::int64_t whole, int percent, std::int64_t least) {
  return std::abs(a - b) > std::max(whole * percent / 100, least);
}

}  // namespace

std::optional<std::string> ask_program(const std::vector<std::string>& argv, std::chrono::milliseconds patience,
                                       const std::atomic<bool>* stop) {
  if (stop && *stop) return std::nullopt;
  auto pipe = make_pipe();
  if (!pipe) return std::nullopt;
  SpawnSpec spec;
  spec.argv = argv;
  spec.stdout_fd = pipe->write_end.get();
  const auto pid = spawn(spec);
  if (!pid) return std::nullopt;
  pipe->write_end.reset();
  const auto end = std::chrono::steady_clock::now() + patience;
  std::string out;
  char buffer[4096];
  bool whole = false;
  while (out.size() < longest_answer) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now()).count();
    pollfd wait{pipe->read_end.get(), POLLIN, 0};
    if (left <= 0 || (stop && *stop)) break;
    const int ready = ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left, slice)));
    if (ready == 0) continue;
    if (ready < 0) break;
    const ssize_t n = ::read(pipe->read_end.get(), buffer, sizeof buffer);
    if (n <= 0) {
      whole = n == 0;
      break;
    }
    out.append(buffer, static_cast<std::size_t>(n));
  }
  // It leads a group of its own; whoever closed its output and stays is ended too.
  int status = 0;
  while (whole && ::waitpid(*pid, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() >= end || (stop && *stop)) whole = false;
    ::usleep(2'000);
  }
  if (!whole) {
    ::kill(-*pid, SIGKILL);
    ::waitpid(*pid, &status, 0);
    return std::nullopt;
  }
  return ExitStatus::from_wait(status).success() ? std::optional(std::move(out)) : std::nullopt;
}

Surroundings Surroundings::here(std::string data) {
  Surroundings out;
  out.data = std::move(data);
  out.home = flotte::environment("HOME");
  out.path = flotte::environment("PATH");
  out.environment = [](const std::string& name) { return flotte::environment(name.c_str()); };
  out.ask = [stop = out.stop](const std::vector<std::string>& argv) { return ask_program(argv, seconds(5), stop.get()); };
  return out;
}

std::string Meter::version_of(const std::string& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return {};
  Version& known = versions_[path];
  const std::int64_t changed = facts.st_mtim.tv_sec;
  if (known.changed_at == changed && known.bytes == facts.st_size) return known.text;
  const auto answer = where_.ask ? where_.ask({path, "--version"}) : std::nullopt;
  if (*where_.stop) return {};
  known = {changed, facts.st_size, answer ? detail::parse_version(*answer) : std::string()};
  return known.text;
}

void Meter::ask_programs(WallTime now) {
  if (asked_at_ && now >= *asked_at_ && now - *asked_at_ < between_questions) return;
  asked_at_ = now;
  nvidia_.clear();
  metered_.reset();
  if (!where_.ask) return;
  if (const auto program = find_program("nvidia-smi", where_.path))
    if (const auto answer = where_.ask({*program, "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"}))
      nvidia_ = detail::parse_nvidia(*answer);
  const std::string card = detail::read_routes(where_.root).default_card;
  if (const auto program = find_program("nmcli", where_.path); program && !card.empty())
    if (const auto answer = where_.ask({*program, "-t", "-f", "GENERAL.DEVICE,GENERAL.METERED", "device", "show"}))
      metered_ = detail::parse_metered(*answer, card);
}

wire::Capacity Meter::measure(WallTime now) {
  ask_programs(now);
  wire::Capacity out;
  out.measured_at_ms = to_ms(now);
  detail::read_processor(where_.root, out);
  detail::read_memory(where_.root, out);
  detail::read_disk(where_.data, out);
  detail::read_power(where_.root, out);
  out.gpus = nvidia_;
  for (wire::Gpu& gpu : detail::read_amd(where_.root)) out.gpus.push_back(std::move(gpu));
  out.metered = metered_;
  out.networks = detail::read_networks(where_.root);
  if (where_.agents) out.agents = detail::find_agents(where_);
  for (wire::FoundAgent& agent : out.agents) agent.version = version_of(agent.path);
  return out;
}

bool differs(const wire::Capacity& before, const wire::Capacity& now) {
  wire::Capacity same = now;
  same.measured_at_ms = before.measured_at_ms;
  same.memory_available_mb = before.memory_available_mb;
  same.disk_free_mb = before.disk_free_mb;
  same.battery_percent = before.battery_percent;
  for (std::size_t i = 0; i < same.gpus.size() && i < before.gpus.size(); ++i) same.gpus[i].memory_free_mb = before.gpus[i].memory_free_mb;
  if (same != before || (now.battery_percent < 0) != (before.battery_percent < 0)) return true;
  for (std::size_t i = 0; i < now.gpus.size(); ++i)
    if (apart(now.gpus[i].memory_free_mb, before.gpus[i].memory_free_mb, now.gpus[i].memory_mb, 5, 256)) return true;
  return apart(now.memory_available_mb, before.memory_available_mb, now.memory_mb, 5, 256) ||
         apart(now.disk_free_mb, before.disk_free_mb, now.disk_mb, 2, 1024) || std::abs(now.battery_percent - before.battery_percent) >= 5;
}

std::int64_t memory_for_models(const std::string& root) {
  if (detail::exists(root + "/proc/driver/nvidia/version")) return 0;
  wire::Capacity found;
  detail::read_memory(root, found);
  std::int64_t out = found.memory_mb;
  for (const wire::Gpu& gpu : detail::read_amd(root)) out += gpu.memory_mb;
  return out;
}

}  // namespace flotte::machine
