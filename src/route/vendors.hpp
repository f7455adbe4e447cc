// The vendors whose keys flotte knows by name: where their keys usually stand, and which address answers. One table, for
// keys that are found in the environment and for keys that a person adds while the hub runs.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "dialect/api.hpp"

namespace flotte::route {

/// How a vendor's list of models wants the key.
enum class KeyHeader { bearer, anthropic, gemini };

struct Vendor {
  std::string_view name;       // also the name of its provider
  std::string_view title;      // for people
  std::string_view dialect;    // spoken with it today
  std::string_view base_url;   // of that dialect: "/models" and others follow
  std::string_view base_path;  // what an address that names only a host is missing, as in ANTHROPIC_BASE_URL
  std::span<const std::string_view> key_variables, base_url_variables;  // the first that is set counts
  KeyHeader models_key = KeyHeader::bearer;
};

/// What a provider at that address is known to speak where its dialect's defaults do not say it all; empty: those.
dialect::ApiSet known_apis(std::string_view base_url);

std::span<const Vendor> vendors();
/// Null for a name that is none of the table.
const Vendor* find_vendor(std::string_view name);
/// The base URL that an address given by a person or a variable stands for: without a trailing '/', and with the vendor's path where the
/// address names only a host. Empty gives the vendor's own.
std::string vendor_base_url(const Vendor& vendor, std::string_view given);

}  // namespace flotte::route
