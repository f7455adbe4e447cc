// Runs on disk.
#include "work/command/run_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "base/file.hpp"

namespace flotte::work {
namespace fs = std::filesystem;
namespace {

/// A hub's task names are "t42"; another one must not lead out of the directory.
std::string file_name(const wire::RunId& run) {
  std::string name;
  for (const char c : run.task) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return fmt::format("{}-{}", name, run.fence);
}

}  // namespace

RunDirectory::RunDirectory(const fs::path& root, const wire::RunId& run) : path_(root / file_name(run)) {}

Result<void> RunDirectory::make(const wire::Offer& offer) {
  if (auto made = make_directories(work()); !made) return made;
  return replace_file((path_ / "offer.json").string(), wire::format(wire::ToNode(offer)), 0600, Durability::crash);
}

bool RunDirectory::exists() const {
  std::error_code ignored;
  return fs::exists(path_ / "offer.json", ignored);
}

RunDirectory::Followed RunDirectory::followed() const {
  Followed f;
  const auto text = read_file((path_ / "followed").string());
  unsigned long long out = 0, err = 0;
  if (text && std::sscanf(text->c_str(), "%llu %llu", &out, &err) == 2) f = {out, err};
  return f;
}

void RunDirectory::set_followed(Followed followed) {
  (void)replace_file((path_ / "followed").string(), fmt::format("{} {}\n", followed.out, followed.err), 0600, Durability::crash);
}

std::vector<wire::Offer> RunDirectory::list(const fs::path& root) {
  std::vector<wire::Offer> offers;
  std::error_code ignored;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(root, ignored)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    auto text = read_file((path / "offer.json").string());
    auto message = text ? wire::parse_to_node(*text) : Result<wire::ToNode>(fail(Code::not_found, "no offer"));
    auto* offer = message ? std::get_if<wire::Offer>(&*message) : nullptr;
    if (offer)
      offers.push_back(std::move(*offer));
    else
      fs::remove_all(path, ignored);
  }
  return offers;
}

}  // namespace flotte::work
