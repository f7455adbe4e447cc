// Environment of commands.
#include "work/command/environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace flotte::work {
namespace {

/// Where execvp looks without a PATH.
constexpr std::string_view usual_path = "/usr/local/bin:/usr/bin:/bin";

/// `path` with `directory` as its last place, once.
std::string with_directory(std::string path, std::string_view directory) {
  if (path.empty()) path = usual_path;
  // A name with a colon cannot stand in a PATH.
  if (directory.empty() || directory.find(':') != std::string_view::npos) return path;
  const std::string between = fmt::format(":{}:", path);
  return between.find(fmt::format(":{}:", directory)) != std::string::npos ? path : fmt::format("{}:{}", path, directory);
}

}  // namespace

bool passed_on(std::string_view name) {
  static constexpr std::array<std::string_view, 10> names{"PATH", "HOME",     "USER", "LOGNAME", "SHELL",
                                                          "LANG", "LANGUAGE", "TZ",   "TMPDIR",  "XDG_RUNTIME_DIR"};
  return name.starts_with("LC_") || std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> command_environment(const std::vector<std::string>& own, const wire::Offer& offer, const HubPlaces& hub) {
  std::map<std::string, std::string, std::less<>> values;
  for (const std::string& entry : own) {
    const std::size_t equals = entry.find('=');
    if (equals != std::string::npos && passed_on(std::string_view(entry).substr(0, equals)))
      values[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  if (const json::object* env = json::get_object(offer.spec.input, "env"))
    for (const auto& member : *env)
      if (member.value().is_string()) values[std::string(member.key())] = std::string(member.value().get_string());
  values["PATH"] = with_directory(std::move(values["PATH"]), hub.program_directory);
  values["FLOTTE_URL"] = hub.url;
  values["FLOTTE_KEY"] = offer.key;
  values["FLOTTE_TASK"] = offer.run.task;
  values.erase("FLOTTE_STEP_SOCKET");
  if (!hub.step_socket.empty()) values["FLOTTE_STEP_SOCKET"] = hub.step_socket;
  std::vector<std::string> out;
  for (const auto& [name, value] : values) {
    // A name that no environment can hold is left out.
    const bool fits = !name.empty() && name.find('=') == std::string::npos && name.find('\0') == std::string::npos &&
                      value.find('\0') == std::string::npos;
    if (fits) out.push_back(fmt::format("{}={}", name, value));
  }
  return out;
}

}  // namespace flotte::work
