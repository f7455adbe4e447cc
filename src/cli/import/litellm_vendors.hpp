// What stands before the '/' of a LiteLLM model, and which provider of flotte's that is.
#pragma once
#include <string_view>

namespace flotte::cli {

struct LitellmVendor {
  std::string_view prefix;
  std::string_view dialect;   // of flotte's providers
  std::string_view base_url;  // empty: the dialect's own, or the file must say it (`own_server`)
  std::string_view variable;  // where LiteLLM looks for a key; empty: it needs none
  bool own_server = false;    // api_base is needed
};

/// Null for a prefix that flotte has no way to.
const LitellmVendor* find_litellm_vendor(std::string_view prefix) noexcept;
/// For a model without a prefix: by how its name begins; null where nobody can tell.
const LitellmVendor* guess_litellm_vendor(std::string_view model) noexcept;

}  // namespace flotte::cli
