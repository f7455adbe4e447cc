// For tests only: a directory of a test's own, which goes with it.
#pragma once
#include <filesystem>
#include <string>

#include "base/crypto.hpp"

namespace flotte {

struct TemporaryDirectory {
  std::string path = (std::filesystem::temp_directory_path() / ("flotte-test-" + random_token(9))).string();
  TemporaryDirectory() { std::filesystem::create_directories(path); }
  ~TemporaryDirectory() { std::filesystem::remove_all(path); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
};

}  // namespace flotte
