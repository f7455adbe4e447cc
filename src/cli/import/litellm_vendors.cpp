// The table. Source: LiteLLM's documents, "Providers", and the vendors' own addresses.
#include "cli/import/litellm_vendors.hpp"

#include <array>
#include <utility>

namespace flotte::cli {
namespace {

constexpr std::array table{
    LitellmVendor{"openai", "openai", "", "OPENAI_API_KEY"},
    LitellmVendor{"anthropic", "anthropic", "", "ANTHROPIC_API_KEY"},
    LitellmVendor{"gemini", "gemini", "", "GEMINI_API_KEY"},
    LitellmVendor{"mistral", "mistral", "", "MISTRAL_API_KEY"},
    LitellmVendor{"codestral", "mistral", "https://codestral.mistral.ai/v1", "CODESTRAL_API_KEY"},
    LitellmVendor{"ollama", "ollama", "http://127.0.0.1:11434", ""},
    LitellmVendor{"ollama_chat", "ollama", "http://127.0.0.1:11434", ""},
    LitellmVendor{"azure", "openai", "", "AZURE_API_KEY", true},
    LitellmVendor{"groq", "openai", "https://api.groq.com/openai/v1", "GROQ_API_KEY"},
    LitellmVendor{"deepseek", "openai", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"},
    LitellmVendor{"openrouter", "openai", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"},
    LitellmVendor{"together_ai", "openai", "https://api.together.xyz/v1", "TOGETHERAI_API_KEY"},
    LitellmVendor{"fireworks_ai", "openai", "https://api.fireworks.ai/inference/v1", "FIREWORKS_AI_API_KEY"},
    LitellmVendor{"xai", "openai", "https://api.x.ai/v1", "XAI_API_KEY"},
    LitellmVendor{"cerebras", "openai", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"},
    LitellmVendor{"nvidia_nim", "openai", "https://integrate.api.nvidia.com/v1", "NVIDIA_NIM_API_KEY"},
    LitellmVendor{"perplexity", "openai", "https://api.perplexity.ai", "PERPLEXITYAI_API_KEY"},
    LitellmVendor{"hosted_vllm", "openai", "", "", true},
    LitellmVendor{"openai_like", "openai", "", "", true},
    LitellmVendor{"lm_studio", "openai", "", "", true},
    LitellmVendor{"llamafile", "openai", "", "", true},
    LitellmVendor{"litellm_proxy", "openai", "", "", true},
    LitellmVendor{"text-completion-openai", "openai", "", "OPENAI_API_KEY"},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 11> beginnings{{{"gpt-", "openai"},
                                                                                    {"chatgpt-", "openai"},
                                                                                    {"o1", "openai"},
                                                                                    {"o3", "openai"},
                                                                                    {"o4", "openai"},
                                                                                    {"text-embedding-", "openai"},
                                                                                    {"claude-", "anthropic"},
                                                                                    {"gemini-", "gemini"},
                                                                                    {"mistral-", "mistral"},
                                                                                    {"codestral-", "mistral"},
                                                                                    {"deepseek-", "deepseek"}}};

}  // namespace

const LitellmVendor* find_litellm_vendor(std::string_view prefix) noexcept {
  for (const LitellmVendor& vendor : table)
    if (vendor.prefix == prefix) return &vendor;
  return nullptr;
}

const LitellmVendor* guess_litellm_vendor(std::string_view model) noexcept {
  for (const auto& [beginning, prefix] : beginnings)
    if (model.starts_with(beginning)) return find_litellm_vendor(prefix);
  return nullptr;
}

}  // namespace flotte::cli
