// Asking why.
#include "cli/command/why.hpp"

#include "cli/screen/text_width.hpp"

namespace flotte::cli {

std::string why_line(const json::object& why) {
  std::string line = make_line(json::string_or(why, "text", json::string_or(why, "why", "")));
  if (const std::string hint = make_line(json::string_or(why, "hint", "")); !hint.empty()) line += " (" + hint + ")";
  return line;
}

Awaitable<std::string> find_why(client::Fleet& fleet, std::string task) {
  const std::string path = client::make_path("tasks", task, "why");
  auto why = co_await fleet.get(path);
  if (!why) co_return std::string();
  co_return why_line(*why);
}

}  // namespace flotte::cli
