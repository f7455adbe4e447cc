// Nearest names, and what is missing.
#include "cli/grammar/mistakes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest.hpp"
#include "cli/command_first.hpp"

namespace flotte::cli::grammar {
namespace {

std::vector<std::string> names_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(child->get_name());
  return names;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names, const std::string& otherwise) {
  const std::vector<std::string_view> known(names.begin(), names.end());
  const auto nearest = find_nearest(word, known);
  return nearest ? fmt::format("did you mean \"{}\"?", *nearest) : otherwise;
}

}  // namespace

std::optional<Error> find_unknown_command(const CLI::App& root, const std::vector<std::string>& arguments) {
  const CLI::App* app = &root;
  std::string path = "flotte";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word.starts_with('-')) {
      if (takes_common_value(word)) ++i;
      continue;
    }
    auto names = names_of(*app);
    if (names.empty()) return std::nullopt;
    if (std::find(names.begin(), names.end(), word) == names.end()) {
      if (app == &root) names.insert(names.end(), {"up", "hub", "doctor"});
      if (app->get_name() == "node") names.emplace_back("run");
      return Error(Code::invalid_argument, fmt::format("unknown command \"{}\" of {}", word, path),
                   did_you_mean(word, names, path + " --help lists them"));
    }
    app = app->get_subcommand(word);
    path += " " + word;
  }
  return std::nullopt;
}

const CLI::App& deepest(const CLI::App& root) {
  const CLI::App* app = &root;
  for (auto chosen = app->get_subcommands(); !chosen.empty(); chosen = app->get_subcommands()) app = chosen.front();
  return *app;
}

std::string path_of(const CLI::App& root, const CLI::App& app) {
  std::string path = "flotte";
  for (const CLI::App* at = &root; at != &app;) {
    at = at->get_subcommands().front();
    path += " " + at->get_name();
  }
  return path;
}

Error explain(const CLI::App& root, const CLI::ParseError& error) {
  const CLI::App& app = deepest(root);
  const std::string path = path_of(root, app);
  const std::string help = path + " --help shows how it is used";
  const bool lacks = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  // A wrong option says more about what was meant than what is missing besides.
  if (lacks || dynamic_cast<const CLI::ExtrasError*>(&error)) {
    for (const std::string& word : app.remaining(true)) {
      if (lacks && !word.starts_with('-')) continue;
      if (!word.starts_with('-')) return Error(Code::invalid_argument, fmt::format("unexpected argument \"{}\"", word), help);
      std::vector<std::string> names;
      for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
      return Error(Code::invalid_argument, fmt::format("unknown option {}", word),
                   did_you_mean(word.substr(0, word.find('=')), names, help));
    }
  }
  // CLI11 gives what stands behind -- to nobody where a word of the prompt stood before it.
  const CLI::Option* words = app.get_option_no_throw("words");
  if (!lacks && dynamic_cast<const CLI::ExtrasError*>(&error) && words && words->count() > 0)
    return Error(Code::invalid_argument, fmt::format("\"{}\" stands before --, where no word of a command does", words->results().front()),
                 help);
  if (lacks && &app == &root)
    return Error(Code::invalid_argument, fmt::format("flotte wants a command: up, hub, doctor, {}", fmt::join(names_of(app), ", ")),
                 "`flotte up` is the first one; flotte --help tells what each does");
  if (lacks && !names_of(app).empty())
    return Error(Code::invalid_argument, fmt::format("{} wants a command: {}", path, fmt::join(names_of(app), ", ")), help);
  if (lacks)
    for (const CLI::Option* option : app.get_options())
      if (option->get_required() && option->count() == 0)
        return Error(Code::invalid_argument, fmt::format("{} wants {}", path, option->get_type_name()), help);
  std::string message = error.what();
  if (!message.empty() && message.back() == '\n') message.pop_back();
  return Error(Code::invalid_argument, message, help);
}

}  // namespace flotte::cli::grammar
