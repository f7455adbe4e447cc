// `flotte provider ls|add|rm`.
#pragma once
#include <string>

#include "cli/session.hpp"

namespace flotte::cli {

int run_provider_ls(const Common& common);

struct ProviderOptions {
  std::string vendor;  // openai, anthropic, gemini, mistral; empty: base_url says where
  std::string name, base_url;
  std::string key_from = "-";  // "-": standard input, asked for without echo on a terminal; "env:NAME"
  bool test_only = false;
};
int run_provider_add(const Common& common, const ProviderOptions& options);
int run_provider_rm(const Common& common, const std::string& name);

/// The key that `from` names; nothing of it is ever printed. Error: invalid_argument for a literal key, for an unset variable, for nothing.
Result<Secret> read_provider_key(const std::string& from);

}  // namespace flotte::cli
