// DATA/node/runs/TASK-FENCE: what a run under a shim keeps on disk, so that the next process of this node can take it over.
// offer.json (0600: it holds the run's key), shim/ (see base/process/shim.hpp), work/ (where it runs), step (its socket for steps),
// followed (how much of its output was taken). Blocking, small.
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/error.hpp"
#include "wire/link.hpp"

namespace flotte::work {

class RunDirectory {
 public:
  RunDirectory(const std::filesystem::path& root, const wire::RunId& run);
  /// Makes it and writes the offer. Error: io.
  Result<void> make(const wire::Offer& offer);
  bool exists() const;
  std::string shim() const { return (path_ / "shim").string(); }
  std::string work() const { return (path_ / "work").string(); }
  std::string step_socket() const { return (path_ / "step").string(); }
  const std::filesystem::path& path() const noexcept { return path_; }

  struct Followed {
    std::uint64_t out = 0, err = 0;
  };
  Followed followed() const;
  /// A failure is no harm: some output is told twice after a crash.
  void set_followed(Followed followed);

  /// The offers of every run under `root`; directories without a readable one are removed.
  static std::vector<wire::Offer> list(const std::filesystem::path& root);

 private:
  std::filesystem::path path_;
};

}  // namespace flotte::work
