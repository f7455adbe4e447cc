// Lines for people and for programs.
#include "hub/doctor/check.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flotte::hub {

std::string_view to_string(Level level) noexcept {
  switch (level) {
    case Level::ok: return "ok";
    case Level::warning: return "warning";
    case Level::problem: return "problem";
  }
  return "problem";
}

std::string render_checks(const Checks& checks) {
  std::size_t width = 0;
  for (const Check& check : checks) width = std::max(width, check.name.size());
  std::string out;
  for (const Check& check : checks) {
    out += fmt::format("{:<8} {:<{}}  {}", to_string(check.level), check.name, width, check.text);
    out += check.advice.empty() ? "\n" : fmt::format(" ({})\n", check.advice);
  }
  return out;
}

json::object checks_to_json(const Checks& checks) {
  json::array items;
  for (const Check& check : checks) {
    json::object item;
    item["name"] = check.name;
    item["level"] = to_string(check.level);
    item["message"] = check.text;
    item["advice"] = check.advice.empty() ? json::value(nullptr) : json::value(check.advice);
    items.emplace_back(std::move(item));
  }
  json::object out;
  out["ok"] = !prevents_work(checks);
  out["checks"] = std::move(items);
  return out;
}

bool prevents_work(const Checks& checks) {
  return std::any_of(checks.begin(), checks.end(), [](const Check& check) { return check.level == Level::problem; });
}

}  // namespace flotte::hub
