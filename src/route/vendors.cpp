// The table of vendors.
#include "route/vendors.hpp"

#include <array>

namespace flotte::route {
namespace {

using Words = std::string_view;
constexpr Words openai_key[] = {"OPENAI_API_KEY"}, openai_url[] = {"OPENAI_BASE_URL"};
constexpr Words anthropic_key[] = {"ANTHROPIC_API_KEY"}, anthropic_url[] = {"ANTHROPIC_BASE_URL"};
constexpr Words gemini_key[] = {"GEMINI_API_KEY", "GOOGLE_API_KEY"}, gemini_url[] = {"GEMINI_BASE_URL", "GOOGLE_GEMINI_BASE_URL"};
constexpr Words mistral_key[] = {"MISTRAL_API_KEY"}, mistral_url[] = {"MISTRAL_BASE_URL"};

// Anthropic and Gemini answer OpenAI's chat completions too, but what their own APIs say more is lost there.
constexpr std::array table{
    Vendor{"openai", "OpenAI", "openai", "https://api.openai.com/v1", "/v1", openai_key, openai_url},
    Vendor{"anthropic", "Anthropic", "anthropic", "https://api.anthropic.com/v1", "/v1", anthropic_key, anthropic_url,
           KeyHeader::anthropic},
    Vendor{"gemini", "Google Gemini", "gemini", "https://generativelanguage.googleapis.com/v1beta", "/v1beta", gemini_key, gemini_url,
           KeyHeader::gemini},
    Vendor{"mistral", "Mistral", "mistral", "https://api.mistral.ai/v1", "/v1", mistral_key, mistral_url},
};

}  // namespace

dialect::ApiSet known_apis(std::string_view base_url) {
  using dialect::Api;
  if (base_url == "https://api.openai.com/v1") return dialect::ApiSet(Api::chat, Api::completions, Api::embeddings, Api::responses);
  return {};
}

std::span<const Vendor> vendors() { return table; }

const Vendor* find_vendor(std::string_view name) {
  for (const Vendor& vendor : table)
    if (vendor.name == name) return &vendor;
  return nullptr;
}

std::string vendor_base_url(const Vendor& vendor, std::string_view given) {
  while (given.ends_with('/')) given.remove_suffix(1);
  if (given.empty()) return std::string(vendor.base_url);
  const auto slashes = given.find("://");
  const bool only_host = slashes != std::string_view::npos && given.find('/', slashes + 3) == std::string_view::npos;
  return std::string(given) + (only_host ? std::string(vendor.base_path) : std::string());
}

}  // namespace flotte::route
