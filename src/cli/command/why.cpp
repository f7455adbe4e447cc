// Asking why.
#include "cli/command/why.hpp"

#include "cli/screen/local_time.hpp"
#include "cli/screen/text_width.hpp"
#include "cli/spelling.hpp"

namespace flotte::cli {

std::string why_line(const json::object& why) {
  std::string line = with_local_times(make_line(json::string_or(why, "text", json::string_or(why, "why", ""))));
  if (const std::string hint = make_line(json::string_or(why, "hint", "")); !hint.empty()) line += " (" + in_words_of_commands(hint) + ")";
  return line;
}

std::string describe_reason(std::string_view reason) {
  if (reason == "time") return "for its time to come";
  if (reason == "backoff") return "a while before the next attempt";
  if (reason == "quota") return "for a model that takes calls again";
  if (reason == "budget") return "for money";
  if (reason == "approval") return "for somebody to approve it";
  if (reason == "dependency") return "for what it comes after";
  if (reason == "paused") return "because somebody paused it";
  return std::string(reason);
}

Awaitable<std::string> find_why(client::Fleet& fleet, std::string task) {
  const std::string path = client::make_path("tasks", task, "why");
  auto why = co_await fleet.get(path);
  if (!why) co_return std::string();
  co_return why_line(*why);
}

}  // namespace flotte::cli
