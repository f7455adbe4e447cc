// A LiteLLM proxy's configuration as one of flotte's. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace flotte::cli {

struct Imported {
  std::string toml;  // of flotte, complete; no key is ever copied into it
  std::size_t providers = 0, models = 0;
  std::vector<std::string> notes;  // one sentence for everything that means something else here, or was left out
};

/// Source of the names: LiteLLM's documents, "Config.yaml" and "Providers". Keys that stand in the file itself are not taken over: a note
/// names the variable that is to hold each. Errors (invalid_argument): not YAML; no `model_list`.
Result<Imported> import_litellm(std::string_view yaml);

}  // namespace flotte::cli
