// Directories by the XDG rules, and facts about the machine.
#include "base/places.hpp"

#include <pwd.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>

#include "base/file.hpp"

namespace flotte {
namespace {

std::string home_directory() {
  if (std::string home = environment("HOME"); !home.empty()) return home;
  const passwd* entry = ::getpwuid(::getuid());
  return entry && entry->pw_dir ? entry->pw_dir : "/";
}

/// An absolute path from the environment, as the XDG rules want it, else the place under the home directory.
std::string xdg(const char* variable, const char* under_home) {
  const std::string value = environment(variable);
  return value.starts_with('/') ? value : home_directory() + under_home;
}

std::string os_name() {
  const auto text = read_file("/etc/os-release", 64 * 1024);
  const std::string key = "PRETTY_NAME=\"";
  const std::size_t at = text ? text->find(key) : std::string::npos;
  if (at == std::string::npos) return "Linux";
  const std::size_t begin = at + key.size();
  return text->substr(begin, text->find('"', begin) - begin);
}

}  // namespace

std::string default_data_directory() {
  const std::string own = environment("FLOTTE_DATA");
  return own.empty() ? xdg("XDG_DATA_HOME", "/.local/share") + "/flotte" : own;
}

std::string default_config_file() {
  const std::string own = environment("FLOTTE_CONFIG");
  return own.empty() ? xdg("XDG_CONFIG_HOME", "/.config") + "/flotte/flotte.toml" : own;
}

std::string host_name() {
  char buffer[256] = {};
  if (::gethostname(buffer, sizeof buffer - 1) != 0) return "host";
  std::string name(buffer);
  name = name.substr(0, name.find('.'));
  return name.empty() ? "host" : name;
}

Machine describe_machine() {
  Machine out;
  out.os = os_name();
  utsname names{};
  out.architecture = ::uname(&names) == 0 ? names.machine : "";
  cpu_set_t set;
  out.cpus = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  out.memory_mb = static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE) / (1024 * 1024);
  return out;
}

double load_average() {
  double load = 0;
  return ::getloadavg(&load, 1) == 1 ? load : 0;
}

}  // namespace flotte
