// Asking for a model by name.
#include "cli/command/known_model.hpp"

#include "base/nearest.hpp"

namespace flotte::cli {

Awaitable<std::string> find_model_note(client::Fleet& fleet, std::string model) {
  if (model.empty()) co_return std::string();
  const std::string path = client::make_path("models");
  client::Query query{{"name", model}};
  auto named = co_await fleet.list(path, std::move(query), 0);
  if (!named) co_return std::string();
  for (const json::object& entry : *named)
    if (json::string_or(entry, "id", "") == model) co_return std::string();
  client::Query all;
  auto models = co_await fleet.list(path, std::move(all), 0);
  if (!models) co_return std::string();
  std::vector<std::string> ids;
  for (const json::object& entry : *models) ids.push_back(json::string_or(entry, "id", ""));
  const std::vector<std::string_view> known(ids.begin(), ids.end());
  const auto nearest = find_nearest(model, known);
  co_return fmt::format("no model \"{}\" is known now{}; it waits until there is one (`flotte model ls` lists them)", model,
                        nearest ? fmt::format(", perhaps \"{}\"", *nearest) : std::string());
}

}  // namespace flotte::cli
