// One small file per batch.
#include "cli/batch/whereabouts.hpp"

#include <filesystem>

#include "base/crypto.hpp"
#include "base/file.hpp"
#include "cli/batch/directory.hpp"

namespace flotte::cli {
namespace {

std::string note_path(const std::string& data, const std::string& url, const std::string& batch) {
  return data + "/cli/" + sha256_hex(url + "\n" + batch).substr(0, 24);
}

}  // namespace

void remember_directory(const std::string& data, const std::string& url, const std::string& batch, const std::string& directory) {
  if (!make_directories(data + "/cli")) return;
  std::error_code error;
  const std::string absolute = std::filesystem::absolute(directory, error).lexically_normal().string();
  (void)replace_file(note_path(data, url, batch), absolute + "\n", 0600, Durability::crash);
}

std::optional<std::string> recall_directory(const std::string& data, const std::string& url, const std::string& batch) {
  auto text = read_file(note_path(data, url, batch), 16 * 1024);
  if (!text) return std::nullopt;
  text->erase(text->find_last_not_of('\n') + 1);
  const auto state = ResultDirectory::peek(*text);
  if (!state || state->batch != batch || state->url != url) return std::nullopt;
  return *text;
}

}  // namespace flotte::cli
