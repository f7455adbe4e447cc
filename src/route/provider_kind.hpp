// What flotte knows about each dialect of providers: the `dialect` of a [[provider]]. One table.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "dialect/api.hpp"
#include "route/vendors.hpp"

namespace flotte::route {

struct ProviderKind {
  std::string_view dialect;
  std::string_view base_url;  // the vendor's own; for ollama the server on this machine
  std::string_view version;   // the end of a base URL, put there where an address lacks it; empty: addresses are taken as they are
  dialect::ApiSet apis;       // where `apis` does not say it
  KeyHeader models_key;       // how its list of models wants the key
  bool keyless = false;       // its own address may be asked without a key
};

std::span<const ProviderKind> provider_kinds() noexcept;
/// Null for a dialect that is not spoken.
const ProviderKind* find_provider_kind(std::string_view dialect) noexcept;
/// "openai, anthropic, ...", for sentences.
std::string provider_kind_names();

/// The base URL that an address stands for, without a trailing '/': vendors' own programs are given theirs without the version.
std::string provider_base_url(const ProviderKind& kind, std::string_view given);

}  // namespace flotte::route
