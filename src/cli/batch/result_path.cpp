// Safe and unique result paths.
#include "cli/batch/result_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/crypto.hpp"
#include "cli/batch/collect.hpp"
#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {

/// File systems take 255 bytes; what is put behind a part (".md", "~12", a temporary name's ending) must fit too.
constexpr std::size_t part_limit = 230;

std::string safe_part(std::string_view part) {
  std::string out = to_utf8(part);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '_';
  if (out.size() <= part_limit) return out;
  const std::string hash = sha256_hex(part).substr(0, 12);
  std::size_t cut = part_limit - hash.size() - 1;
  while (cut > 0 && (static_cast<unsigned char>(out[cut]) & 0xC0) == 0x80) --cut;
  return out.substr(0, cut) + "~" + hash;
}

std::vector<std::string> ancestors(const std::string& path) {
  std::vector<std::string> out;
  for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) out.push_back(path.substr(0, at));
  return out;
}

}  // namespace

std::string make_safe_relative(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part.empty() || part == "." || part == "..") continue;
    if (!out.empty()) out += '/';
    out += safe_part(part);
  }
  return out.empty() ? "result" : out;
}

ResultPaths::ResultPaths() {
  files_.insert("results.jsonl");
  files_.insert(state_file_name);
}

void ResultPaths::reserve(const std::string& path) {
  files_.insert(path);
  for (std::string& directory : ancestors(path)) directories_.insert(std::move(directory));
}

bool ResultPaths::is_free(const std::string& path) const {
  if (files_.contains(path) || directories_.contains(path)) return false;
  const auto above = ancestors(path);
  return std::none_of(above.begin(), above.end(), [this](const std::string& directory) { return files_.contains(directory); });
}

std::string ResultPaths::take(std::string_view relative) {
  std::string safe = make_safe_relative(relative);
  // A directory whose name is another document's result file gets a name of its own.
  for (const std::string& directory : ancestors(safe)) {
    if (!files_.contains(directory)) continue;
    int n = 2;
    while (files_.contains(fmt::format("{}~{}", directory, n))) ++n;
    safe = fmt::format("{}~{}{}", directory, n, safe.substr(directory.size()));
    break;
  }
  std::string path = safe + ".md";
  for (int n = 2; !is_free(path); ++n) path = fmt::format("{}~{}.md", safe, n);
  reserve(path);
  return path;
}

}  // namespace flotte::cli
