// Small files of /proc and /sys.
#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/file.hpp"
#include "machine/detail/parts.hpp"

namespace flotte::machine::detail {

std::string read_word(const std::string& path) {
  const auto text = read_file(path, 64 * 1024);
  if (!text) return {};
  const auto first = text->find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return text->substr(first, text->find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<std::int64_t> read_number(const std::string& path) {
  const std::string text = read_word(path);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> out;
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator(directory, error); !error && it != std::filesystem::directory_iterator();
       it.increment(error))
    out.push_back(it->path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

bool exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

}  // namespace flotte::machine::detail
