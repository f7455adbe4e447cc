// Cores, memory, disk, power and GPUs.
#include <sys/statvfs.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "machine/detail/parts.hpp"

namespace flotte::machine::detail {
namespace {

constexpr std::int64_t mebibyte = 1024 * 1024;

std::int64_t to_number(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// "0-3,8" names five.
int count_of_ranges(std::string_view text) {
  int out = 0;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    const std::size_t dash = one.find('-');
    out += dash == std::string_view::npos ? 1 : static_cast<int>(to_number(one.substr(dash + 1)) - to_number(one.substr(0, dash)) + 1);
  }
  return out;
}

/// The value in KiB behind "MemTotal:", in MiB.
std::int64_t memory_line(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  return at == std::string_view::npos ? 0 : [&] {
    std::string_view rest = text.substr(at + name.size());
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
    return to_number(rest) / 1024;
  }();
}

std::string trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

void read_processor(const std::string& root, wire::Capacity& out) {
  out.cores = count_of_ranges(read_word(root + "/sys/devices/system/cpu/online"));
  // "200000 100000": two cores' time; "max 100000": no limit.
  const std::string limit = read_word(root + "/sys/fs/cgroup/cpu.max");
  const std::size_t space = limit.find(' ');
  if (space == std::string::npos || limit.starts_with("max")) return;
  const std::int64_t quota = to_number(limit), period = std::max<std::int64_t>(to_number(limit.substr(space + 1)), 1);
  out.cores = std::min(out.cores, static_cast<int>(std::max<std::int64_t>((quota + period - 1) / period, 1)));
}

void read_memory(const std::string& root, wire::Capacity& out) {
  const std::string text = read_word(root + "/proc/meminfo");
  out.memory_mb = memory_line(text, "MemTotal:");
  out.memory_available_mb = memory_line(text, "MemAvailable:");
  const auto limit = read_number(root + "/sys/fs/cgroup/memory.max");
  if (!limit || *limit / mebibyte >= out.memory_mb) return;
  const std::int64_t used = read_number(root + "/sys/fs/cgroup/memory.current").value_or(0);
  out.memory_mb = *limit / mebibyte;
  out.memory_available_mb = std::min(out.memory_available_mb, std::max<std::int64_t>(*limit - used, 0) / mebibyte);
}

void read_disk(std::string directory, wire::Capacity& out) {
  struct statvfs facts{};
  while (::statvfs(directory.c_str(), &facts) != 0) {
    const std::string parent = std::filesystem::path(directory).parent_path().string();
    if (parent.empty() || parent == directory) return;
    directory = parent;
  }
  const auto unit = static_cast<std::int64_t>(facts.f_frsize);
  out.disk_mb = static_cast<std::int64_t>(facts.f_blocks) * unit / mebibyte;
  out.disk_free_mb = static_cast<std::int64_t>(facts.f_bavail) * unit / mebibyte;
}

void read_power(const std::string& root, wire::Capacity& out) {
  const std::string directory = root + "/sys/class/power_supply";
  bool plugged = false, discharging = false;
  std::int64_t percent = 0, batteries = 0;
  for (const std::string& name : names_in(directory)) {
    const std::string supply = directory + "/" + name;
    if (read_word(supply + "/scope") == "Device") continue;  // of a mouse, a headset
    if (read_word(supply + "/type") != "Battery") {
      plugged |= read_number(supply + "/online").value_or(0) == 1;
      continue;
    }
    if (read_number(supply + "/present").value_or(1) == 0) continue;
    ++batteries;
    percent += std::clamp<std::int64_t>(read_number(supply + "/capacity").value_or(0), 0, 100);
    discharging |= read_word(supply + "/status") == "Discharging";
  }
  out.power = discharging && !plugged ? "battery" : "mains";  // a machine without a battery runs on mains
  if (batteries > 0) out.battery_percent = static_cast<int>(percent / batteries);
}

std::vector<wire::Gpu> read_amd(const std::string& root) {
  std::vector<wire::Gpu> out;
  const std::string directory = root + "/sys/class/drm";
  for (const std::string& name : names_in(directory)) {
    if (!name.starts_with("card") || name.find('-') != std::string::npos) continue;
    const std::string device = directory + "/" + name + "/device";
    const auto total = read_number(device + "/mem_info_vram_total");
    if (!total || *total <= 0) continue;
    const std::int64_t used = read_number(device + "/mem_info_vram_used").value_or(0);
    std::string title = read_word(device + "/product_name");
    if (title.empty()) title = "AMD " + read_word(device + "/device");
    out.push_back({std::move(title), "amd", *total / mebibyte, std::max<std::int64_t>(*total - used, 0) / mebibyte});
  }
  return out;
}

std::vector<wire::Gpu> parse_nvidia(std::string_view answer) {
  std::vector<wire::Gpu> out;
  while (!answer.empty()) {
    const std::string_view line = answer.substr(0, answer.find('\n'));
    answer.remove_prefix(std::min(answer.size(), line.size() + 1));
    const std::size_t last = line.rfind(',');
    if (last == std::string_view::npos || last == 0) continue;
    const std::size_t before = line.rfind(',', last - 1);
    if (before == std::string_view::npos) continue;
    const std::int64_t total = to_number(line.substr(before + 1, last - before - 1));
    // A card that shares the machine's memory says "[N/A]": it is a GPU all the same.
    out.push_back({trim(line.substr(0, before)), "nvidia", total, to_number(line.substr(last + 1))});
  }
  return out;
}

}  // namespace flotte::machine::detail
