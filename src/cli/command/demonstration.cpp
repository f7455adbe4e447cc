// Asking whether a model is the demonstration engine.
#include "cli/command/demonstration.hpp"

namespace flotte::cli {

Awaitable<std::string> find_demonstration_note(client::Fleet& fleet, std::string model) {
  const std::string path = client::make_path("models");
  client::Query query;
  auto models = co_await fleet.list(path, std::move(query), 0);
  if (!models) co_return std::string();
  for (const json::object& entry : *models)
    if (json::string_or(entry, "id", "") == model && json::get_bool(entry, "demonstration").value_or(false))
      co_return "note: \"" + model + "\" is the demonstration engine: its answers read like text, but it has no intelligence";
  co_return std::string();
}

}  // namespace flotte::cli
