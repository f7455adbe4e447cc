// Variables of the vendors' clients.
#include "cli/clients/variables.hpp"

#include <fmt/format.h>

#include "base/nearest.hpp"

namespace flotte::cli {
namespace {

constexpr ClientKind kinds[] = {{"openai", "/v1/chat/completions", "OpenAI's chat completions"},
                                {"anthropic", "/v1/messages", "Anthropic's messages"},
                                {"gemini", "/v1beta/models", "Gemini's API"},
                                {"ollama", "/api/version", "Ollama's API"}};

std::string replace_all(std::string_view text, char what, std::string_view by) {
  std::string out;
  for (const char c : text) {
    if (c == what)
      out += by;
    else
      out += c;
  }
  return out;
}

std::string quoted(std::string_view value, Shell shell) {
  switch (shell) {
    case Shell::sh: return "'" + replace_all(value, '\'', "'\\''") + "'";
    case Shell::fish: return "'" + replace_all(replace_all(value, '\\', "\\\\"), '\'', "\\'") + "'";
    case Shell::powershell: return "'" + replace_all(value, '\'', "''") + "'";
  }
  return {};
}

}  // namespace

std::span<const ClientKind> client_kinds() { return kinds; }

Result<const ClientKind*> find_client_kind(std::string_view name) {
  std::vector<std::string_view> known;
  for (const ClientKind& kind : kinds) {
    if (kind.name == name) return &kind;
    known.push_back(kind.name);
  }
  const auto nearest = find_nearest(name, known);
  return fail(Code::invalid_argument, fmt::format("no clients called \"{}\" are known", name),
              nearest ? fmt::format("did you mean \"{}\"?", *nearest) : "there are: openai, anthropic, gemini, ollama");
}

std::vector<Variable> client_variables(const ClientKind& kind, const HubAccess& access) {
  const std::string& key = access.key.reveal();
  if (kind.name == "openai") return {{"OPENAI_BASE_URL", access.url + "/v1"}, {"OPENAI_API_KEY", key}};
  if (kind.name == "anthropic") return {{"ANTHROPIC_BASE_URL", access.url}, {"ANTHROPIC_AUTH_TOKEN", key}};
  if (kind.name == "gemini") return {{"GOOGLE_GEMINI_BASE_URL", access.url}, {"GEMINI_API_KEY", key}};
  // Ollama's command line sends no key: it stands in the path, which the hub's logs leave out.
  return {{"OLLAMA_HOST", access.url + "/k/" + key}};
}

std::vector<Variable> trust_variables(const HubAccess& access) {
  std::vector<Variable> out;
  if (!access.ca_file.empty()) out.push_back({"NODE_EXTRA_CA_CERTS", access.ca_file});
  // Replaces the system's authorities instead of adding to them, so it gets both.
  if (!access.bundle.empty()) out.push_back({"SSL_CERT_FILE", access.bundle});
  return out;
}

std::string render_exports(const std::vector<Variable>& variables, Shell shell) {
  std::string out;
  for (const auto& [name, value] : variables) {
    const std::string text = quoted(value, shell);
    if (shell == Shell::sh) out += fmt::format("export {}={}\n", name, text);
    if (shell == Shell::fish) out += fmt::format("set -gx {} {}\n", name, text);
    if (shell == Shell::powershell) out += fmt::format("$env:{} = {}\n", name, text);
  }
  return out;
}

}  // namespace flotte::cli
