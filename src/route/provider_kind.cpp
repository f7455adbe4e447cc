// The table of dialects of providers.
#include "route/provider_kind.hpp"

#include <array>

namespace flotte::route {
namespace {

using dialect::Api;
using dialect::ApiSet;

constexpr std::array table{
    ProviderKind{"openai", "https://api.openai.com/v1", "", dialect::openai_apis, KeyHeader::bearer},
    ProviderKind{"anthropic", "https://api.anthropic.com/v1", "/v1", ApiSet(Api::messages), KeyHeader::anthropic},
    ProviderKind{"gemini", "https://generativelanguage.googleapis.com/v1beta", "/v1beta", ApiSet(Api::gemini), KeyHeader::gemini},
    ProviderKind{"mistral", "https://api.mistral.ai/v1", "/v1", ApiSet(Api::mistral, Api::embeddings), KeyHeader::bearer},
    ProviderKind{"ollama", "http://127.0.0.1:11434/v1", "/v1", dialect::ollama_apis, KeyHeader::bearer, true},
};

/// "/v1" and "/v1beta" are both versions of Gemini's API.
bool ends_in_version(std::string_view url) {
  const std::size_t slash = url.rfind('/');
  return slash != std::string_view::npos && url.substr(slash).starts_with("/v1");
}

}  // namespace

std::span<const ProviderKind> provider_kinds() noexcept { return table; }

const ProviderKind* find_provider_kind(std::string_view dialect) noexcept {
  for (const ProviderKind& kind : table)
    if (kind.dialect == dialect) return &kind;
  return nullptr;
}

std::string provider_kind_names() {
  std::string names;
  for (const ProviderKind& kind : table) names.append(names.empty() ? "" : ", ").append(kind.dialect);
  return names;
}

std::string provider_base_url(const ProviderKind& kind, std::string_view given) {
  constexpr std::string_view compatible = "/openai";  // Gemini's address for OpenAI's clients
  while (given.ends_with('/')) given.remove_suffix(1);
  if (kind.dialect == "gemini" && given.ends_with(compatible)) given.remove_suffix(compatible.size());
  std::string url(given);
  if (!kind.version.empty() && !ends_in_version(url)) url += kind.version;
  return url;
}

}  // namespace flotte::route
