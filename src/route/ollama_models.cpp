// Source: Ollama's document docs/api.md, "List local models", "Show model information", "List running models".
#include "route/ollama_models.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/crypto.hpp"
#include "base/encoding.hpp"

namespace flotte::route {
namespace {

/// Parts of names, in lower case. Nobody tells a gateway which models read pictures; what their makers say is in their names.
constexpr std::array seeing{"gpt-4o",  "gpt-4.1", "gpt-5",  "gpt-6",   "claude",    "gemini",           "gemma3",         "llava",
                            "llama-4", "-vl",     "vision", "pixtral", "minicpm-v", "mistral-medium-3", "mistral-small-3"};
constexpr std::array embedding{"embed", "bge-", "minilm", "gte-", "e5-"};

template <class List>
bool names_one(const List& parts, std::string_view name) {
  return std::any_of(parts.begin(), parts.end(), [name](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}
std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return c >= 'a' && c <= 'z'; }

/// "7b", "0.5b", "270m".
bool is_size(std::string_view word) {
  if (word.size() < 2 || !digit(word.front()) || (word.back() != 'b' && word.back() != 'm')) return false;
  word.remove_suffix(1);
  return std::all_of(word.begin(), word.end(), [](char c) { return digit(c) || c == '.'; });
}

/// "q4_k_m", "iq3_xs", "f16", "bf16", "mxfp4".
bool is_quantization(std::string_view word) {
  for (const std::string_view begin : {"q", "iq", "f", "bf", "fp", "mxfp"})
    if (word.starts_with(begin) && word.size() > begin.size() && digit(word[begin.size()])) return true;
  return false;
}

void read_name(std::string_view model, OllamaModel& out) {
  const std::string name = lower(model.substr(model.rfind('/') + 1));
  const auto first = std::find_if_not(name.begin(), name.end(), letter);
  out.family.assign(name.begin(), first);
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t end = std::min(name.find_first_of("-:@ ", at), name.size());
    const std::string_view word = std::string_view(name).substr(at, end - at);
    if (is_size(word)) out.parameter_size = upper(word);
    // "model.q4_k_m" too
    const std::size_t dot = word.rfind('.');
    for (const std::string_view part : {word, dot == std::string_view::npos ? word : word.substr(dot + 1)})
      if (is_quantization(part) && !is_size(part)) out.quantization_level = upper(part);
    at = end + 1;
  }
  out.embeds = names_one(embedding, name);
  out.sees = !out.embeds && names_one(seeing, name);
}

json::object details_of(const OllamaModel& model) {
  json::object details;
  details["parent_model"] = "";
  details["format"] = model.local ? "gguf" : "";
  details["family"] = model.family;
  details["families"] = json::array{json::value(model.family)};
  details["parameter_size"] = model.parameter_size;
  details["quantization_level"] = model.quantization_level;
  return details;
}

json::object common(const OllamaModel& model) {
  json::object o;
  o["name"] = model.name;
  o["model"] = model.name;
  o["size"] = 0;
  o["digest"] = to_hex(sha256(model.name));
  o["details"] = details_of(model);
  return o;
}

json::array capabilities_of(const OllamaModel& model) {
  if (model.embeds) return {json::value("embedding")};
  json::array out{json::value("completion"), json::value("tools")};
  if (model.sees) out.emplace_back("vision");
  return out;
}

}  // namespace

std::string other_spelling(std::string_view name) {
  constexpr std::string_view latest = ":latest";
  if (name.ends_with(latest)) return std::string(name.substr(0, name.size() - latest.size()));
  return name.find(':') == std::string_view::npos ? std::string(name).append(latest) : std::string();
}

OllamaModel describe_ollama(std::string_view name, const Route& route) {
  OllamaModel out;
  out.name = name;
  const Route* from = &route;
  if (from->targets.empty() && !from->rules.empty()) from = from->rules.back().route.get();
  out.context_tokens = smallest_context(*from);
  out.local = !from->targets.empty() && std::all_of(from->targets.begin(), from->targets.end(),
                                                    [](const Target& target) { return target.kind == TargetKind::engine; });
  read_name(from->targets.empty() ? name : std::string_view(from->targets.front().model), out);
  return out;
}

json::object ollama_tag(const OllamaModel& model, WallTime now) {
  json::object o = common(model);
  o["modified_at"] = to_rfc3339(now);
  return o;
}

json::object ollama_running(const OllamaModel& model, WallTime now) {
  json::object o = common(model);
  o["expires_at"] = to_rfc3339(now + std::chrono::hours(24));
  o["size_vram"] = 0;
  if (model.context_tokens > 0) o["context_length"] = model.context_tokens;
  return o;
}

json::object ollama_show(const OllamaModel& model, WallTime now) {
  json::object info;
  const std::string family = model.family.empty() ? std::string("model") : model.family;
  info["general.architecture"] = family;
  info["general.basename"] = model.name;
  if (model.context_tokens > 0) info[family + ".context_length"] = model.context_tokens;
  json::object o;
  for (const std::string_view empty : {"license", "modelfile", "parameters", "template"}) o[empty] = "";
  o["details"] = details_of(model);
  o["model_info"] = std::move(info);
  o["capabilities"] = capabilities_of(model);
  o["modified_at"] = to_rfc3339(now);
  return o;
}

}  // namespace flotte::route
