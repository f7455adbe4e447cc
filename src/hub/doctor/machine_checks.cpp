// Looking at the machine.
#include "hub/doctor/machine_checks.hpp"

#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "base/file.hpp"
#include "base/places.hpp"
#include "base/process/companion.hpp"
#include "base/process/spawn.hpp"
#include "engine/llama_server.hpp"
#include "hub/find/agents.hpp"
#include "sandbox/machine.hpp"

namespace flotte::hub {
namespace {

constexpr double low_disk_gb = 2, no_disk_gb = 0.2;
constexpr std::int64_t first_of_2026_s = 1'767'225'600;  // younger than this program: the clock is wrong before it

/// The directory itself or the nearest one above it that exists.
std::filesystem::path nearest_existing(std::filesystem::path path) {
  std::error_code error;
  while (!std::filesystem::exists(path, error) && path.has_parent_path() && path != path.parent_path()) path = path.parent_path();
  return path;
}

Check check_program(const char* name, const char* text, const char* package) {
  if (find_program(companion_program(name))) return {.name = name, .text = text};
  return {name, Level::warning, "not installed", fmt::format("{}: apt install {}", text, package)};
}

}  // namespace

Check check_version() {
  const Machine machine = describe_machine();
  return {.name = "version",
          .text = fmt::format("flotte {}, {}, {}, {} CPUs, {} MB memory", FLOTTE_VERSION, machine.os, machine.architecture, machine.cpus,
                              machine.memory_mb)};
}

Check check_data(const std::string& data) {
  Check out{.name = "data directory"};
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(data, error);
  if (std::filesystem::is_directory(path, error)) {
    const std::string probe = (path / fmt::format(".doctor-{}", ::getpid())).string();
    const auto written = replace_file(probe, "", 0600, Durability::crash);
    ::unlink(probe.c_str());
    out.text = fmt::format("{} can be written to", path.string());
    if (!written) out = {out.name, Level::problem, written.error().message, "give it to this user, or name another with --data"};
    return out;
  }
  const auto above = nearest_existing(path);
  if (above == path) return {out.name, Level::problem, path.string() + " is no directory", "move it away, or name another with --data"};
  if (::access(above.c_str(), W_OK | X_OK) != 0)
    return {out.name, Level::problem, fmt::format("{} cannot be made: {} cannot be written to", path.string(), above.string()),
            "name another with --data"};
  out.text = fmt::format("{} will be made at the first start", path.string());
  return out;
}

Check check_disk(const std::string& data) {
  std::error_code error;
  struct statvfs facts{};
  const auto place = nearest_existing(std::filesystem::absolute(data, error));
  if (::statvfs(place.c_str(), &facts) != 0) return {"disk", Level::warning, "its free space cannot be read", ""};
  const double free_gb = static_cast<double>(facts.f_bavail) * static_cast<double>(facts.f_frsize) / 1e9;
  const Level level = free_gb < no_disk_gb ? Level::problem : free_gb < low_disk_gb ? Level::warning : Level::ok;
  return {"disk", level, fmt::format("{:.1f} GB free", free_gb), level == Level::ok ? "" : "make room, or name another place with --data"};
}

Check check_llama_server(const engine::ModelFiles& files) {
  engine::EngineConfig config;
  auto program = engine::find_llama_server(config);
  if (program) return {.name = "llama-server", .text = *program};
  if (files.usable.empty()) return {.name = "llama-server", .text = "not here; only a GGUF file needs it"};
  return {"llama-server", Level::warning, program.error().message, program.error().hint};
}

Checks check_readers() {
  return {check_program("pdftotext", "reads PDF", "poppler-utils"), check_program("tesseract", "reads scanned PDF", "tesseract-ocr")};
}

Checks check_sandbox() {
  const sandbox::Machine machine = sandbox::read_machine();
  std::vector<std::string> held, not_held;
  const auto sort = [&](bool there, const char* what) { (there ? held : not_held).emplace_back(what); };
  sort(machine.memory.has_value(), "memory");
  sort(machine.cpu.has_value(), "cpu");
  sort(machine.pids.has_value(), "processes");
  Check limits{.name = "limits", .text = fmt::format("cgroups hold {}", fmt::join(held, ", "))};
  if (!not_held.empty())
    limits = {limits.name, Level::warning,
              held.empty() ? "no cgroup can be used here"
                           : fmt::format("cgroups hold {}, not {}", fmt::join(held, ", "), fmt::join(not_held, ", ")),
              "limits of commands then hold each process, not the whole run; `flotte service install` gives a service its cgroup"};
  const bool network = machine.network_namespaces && (machine.administrator || machine.user_namespaces);
  Check namespaces{.name = "namespaces", .text = "usable: commands can run without network"};
  if (!network)
    namespaces = {namespaces.name, Level::warning, "not usable by this user", "workers with network = \"none\" cannot run here"};
  return {std::move(limits), std::move(namespaces)};
}

Check check_agents() {
  std::vector<std::string> names;
  for (const FoundAgent& agent : find_agents()) names.push_back(fmt::format("{} ({})", agent.title, agent.path));
  if (names.empty()) return {.name = "coding agents", .text = "none on the PATH"};
  return {.name = "coding agents", .text = fmt::format("{}: not usable yet: {}", fmt::join(names, ", "), why_agents_wait)};
}

Check check_clock() {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(system_clock().wall().time_since_epoch()).count();
  const std::string shown = to_rfc3339(system_clock().wall());
  if (now < first_of_2026_s)
    return {"clock", Level::problem, shown + " is in the past: certificates will be refused", "set the clock: timedatectl set-ntp true"};
  struct timex facts{};
  const bool kept = ::adjtimex(&facts) >= 0 && (facts.status & STA_UNSYNC) == 0;
  return {.name = "clock", .text = shown + (kept ? ", kept by the network" : ", not kept by the network as far as the kernel knows")};
}

}  // namespace flotte::hub
