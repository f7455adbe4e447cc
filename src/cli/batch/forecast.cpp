// What a run would take, before it starts.
#include <unistd.h>

#include <filesystem>

#include "base/money.hpp"
#include "cli/batch/job.hpp"
#include "cli/batch/sample.hpp"
#include "cli/command/known_model.hpp"

namespace flotte::cli {

/// Nothing is written and nothing handed in.
Awaitable<Result<int>> BatchJob::run_dry() {
  std::error_code missing;
  const bool fresh = !options_.output.empty() && !std::filesystem::exists(options_.output, missing);
  if (!fresh)
    if (auto chosen = choose_directory(); !chosen) co_return pass(chosen);
  const WorkPlan plan = plan_rest();
  std::vector<const Input*> items;
  for (const std::size_t at : plan.todo) items.push_back(&inputs_[at]);
  auto expected = co_await estimate(std::move(items));
  if (!expected) co_return pass(expected);
  const auto note = [&expected](std::size_t count, std::string_view what) {
    if (count > 0) expected->notes.push_back(fmt::format("{}: {} input{}", what, count, count == 1 ? "" : "s"));
  };
  note(plan.kept.size(), "succeeded before, not done again");
  note(plan.under_way.size(), "under way already");
  note(plan.refused.size(), "cannot be read");
  if (session_.common().json()) {
    json::object out = expected->to_json();
    out["dry_run"] = true;
    out["max_cost_usd"] = max_cost_pico_usd_ ? json::value(format_usd(*max_cost_pico_usd_)) : json::value(nullptr);
    print_json(std::move(out));
  } else {
    print(render_estimate(*expected) + "nothing was started\n");
  }
  co_return status::done;
}

Awaitable<Result<Estimate>> BatchJob::estimate(std::vector<const Input*> items) {
  std::vector<std::string> names;
  for (const Input* input : items)
    if (std::find(names.begin(), names.end(), input->model) == names.end()) names.push_back(input->model);
  auto models = co_await ask_for_models(names);
  if (!models) co_return pass(models);
  Sample sample = co_await take_sample(std::move(items));
  Estimate out = make_estimate(sample.inputs, *models);
  out.sampled = sample.read;
  out.notes = std::move(sample.notes);
  for (const std::string& name : names) {
    if (models->contains(name)) continue;
    std::string note = co_await find_model_note(session_.fleet(), name);
    if (!note.empty()) out.notes.push_back(std::move(note));
  }
  if (!max_cost_pico_usd_) co_return out;
  if (!out.unpriced.empty())
    co_return fail(Code::invalid_argument, fmt::format("what {} costs is not known, so --max-cost cannot be kept", out.unpriced.front()),
                   "write its price into models.toml beside the hub's flotte.toml, or leave --max-cost out");
  if (out.cost_pico_usd && *out.cost_pico_usd > *max_cost_pico_usd_)
    out.notes.push_back(fmt::format("more than --max-cost ${}: part of it may not be done", format_usd(*max_cost_pico_usd_)));
  co_return out;
}

/// What the hub says of these names; those that it does not know are left out. Error: no hub answers.
Awaitable<Result<std::map<std::string, KnownModel>>> BatchJob::ask_for_models(std::vector<std::string> names) {
  std::map<std::string, KnownModel> models;
  for (const std::string& name : names) {
    std::string model = name;
    if (model.empty()) {  // the worker's own
      const std::string path = client::make_path("workers");
      client::Query all;
      auto workers = co_await session_.fleet().list(path, std::move(all), 0);
      if (!workers && !session_.connection().answered()) co_return pass(workers);
      if (!workers) continue;
      for (const json::object& worker : *workers)
        if (json::string_or(worker, "name", "") == options_.placement.worker) model = json::string_or(worker, "model", "");
    }
    if (model.empty()) continue;
    const std::string path = client::make_path("models");
    client::Query query{{"name", model}};
    auto found = co_await session_.fleet().list(path, std::move(query), 0);
    if (!found && !session_.connection().answered()) co_return pass(found);
    if (!found) continue;
    for (const json::object& entry : *found)
      if (json::string_or(entry, "id", "") == model) models[name] = KnownModel::from_json(entry);
  }
  co_return models;
}

}  // namespace flotte::cli
