// Files that a person gives, or has edited.
#include "base/config.hpp"
#include "base/fuzz_target.hpp"
#include "cli/batch/prompts.hpp"
#include "cli/batch/row.hpp"
#include "cli/import/litellm.hpp"
#include "cli/import/yaml.hpp"

namespace flotte::cli {
namespace {

using fuzz::require;

void prompt_lines(std::string_view bytes) {
  std::size_t last = 0;
  for (const PromptEntry& entry : parse_prompts(bytes, "before")) {
    require(entry.line > last, "lines are counted");
    last = entry.line;
    if (entry.prompt) require(!entry.prompt->prompt.empty(), "a prompt says something");
  }
}

void result_rows(std::string_view bytes) {
  for (const ResultRow& row : parse_rows(bytes)) {
    const auto again = ResultRow::from_json(row.to_json());
    require(again.has_value(), "a row that was read can be written and read again");
    require(json::dump(again->to_json()) == json::dump(row.to_json()), "and says the same");
  }
}

void import_yaml(std::string_view bytes) {
  (void)parse_yaml(bytes);
  if (const auto imported = import_litellm(bytes))
    require(config::parse(imported->toml, "made").has_value(), "what was made of a configuration can be read");
}

const fuzz::Register targets[] = {{"prompt_lines", prompt_lines}, {"result_rows", result_rows}, {"import_yaml", import_yaml}};

}  // namespace
}  // namespace flotte::cli
