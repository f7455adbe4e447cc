// Keys of providers that stand in the environment, and what becomes of each. Pure: the environment comes in as a function; no value of a
// key is kept or told.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace flotte::hub {

struct FoundKey {
  std::string variable;       // "OPENAI_API_KEY"
  std::string vendor, title;  // "openai", "OpenAI"; empty vendor: a login that nobody here can use
  std::string base_url;       // as the provider will have it
  std::string base_variable;  // where the address came from; empty: the vendor's own
  std::string refused;        // why it makes no provider; empty: it does
};

/// "" for a variable that is not set.
using Environment = std::function<std::string(const std::string& name)>;

/// One for each vendor with a key, in the order of the vendors' table, then logins. `own_key`: whether flotte itself gave it out.
std::vector<FoundKey> find_keys(const Environment& environment, const std::function<bool(std::string_view)>& own_key);

/// Makes providers of them in the configuration's `provider` list. Where the file has one of that name, the file's stays and the key says
/// so.
void add_providers(std::vector<FoundKey>& keys, json::array& providers);

}  // namespace flotte::hub
