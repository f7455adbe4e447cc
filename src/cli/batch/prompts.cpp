// Reading lines of prompts.
#include "cli/batch/prompts.hpp"

#include "base/json.hpp"
#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {

Result<std::string> optional_text(const json::object& o, std::string_view key) {
  const auto it = o.find(key);
  if (it == o.end() || it->value().is_null()) return std::string();
  if (!it->value().is_string()) return fail(Code::invalid_argument, fmt::format("\"{}\" must be a string", key));
  return std::string(it->value().get_string());
}

Result<std::string> read_id(const json::object& o) {
  if (auto number = json::get_int(o, "id")) return std::to_string(*number);
  return optional_text(o, "id");
}

Result<PromptLine> parse_line(std::string_view text, std::string_view before) {
  if (!is_utf8(text)) return fail(Code::invalid_argument, "is not UTF-8 text");
  auto object = json::parse_object(text);
  if (!object) return pass(object);
  auto prompt = optional_text(*object, "prompt");
  if (!prompt) return pass(prompt);
  if (prompt->empty()) return fail(Code::invalid_argument, "has no \"prompt\"");
  auto id = read_id(*object);
  if (!id) return pass(id);
  auto model = optional_text(*object, "model");
  if (!model) return pass(model);
  auto system = optional_text(*object, "system");
  if (!system) return pass(system);
  PromptLine line;
  line.prompt = before.empty() ? std::move(*prompt) : std::string(before) + "\n\n" + *prompt;
  line.id = std::move(*id);
  line.model = std::move(*model);
  line.system = std::move(*system);
  return line;
}

}  // namespace

std::vector<PromptEntry> parse_prompts(std::string_view text, std::string_view before) {
  std::vector<PromptEntry> entries;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    PromptEntry entry{number, parse_line(line, before)};
    if (entry.prompt)
      entry.prompt->line = number;
    else
      entry.prompt.error().message = fmt::format("line {}: {}", number, entry.prompt.error().message);
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace flotte::cli
