// GGUF files in DATA/models: which of them can be started as a model for conversations. Blocking; reads heads only.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace flotte::engine {

struct ModelFiles {
  struct Unusable {
    std::string path, why;
  };
  std::vector<std::string> usable;  // by name
  std::vector<Unusable> unusable;
  bool unsettled = false;  // something is still being copied there: look again soon
};

/// An empty answer where there is no such directory. A file that was written to within the last seconds is left for the next look. A model
/// that is greater than the memory that there is for models (MiB; 0: not known) is not usable.
ModelFiles look_for_models(const std::string& directory, WallTime now, std::int64_t memory_mb = 0);

}  // namespace flotte::engine
