// DIR: result files, results.jsonl and the state file. Blocking; one process at a time writes to it.
//
// Order of writing, so that a kill at any moment loses nothing and claims nothing: result files, then results.jsonl, then the state with
// the cursor. After a kill the cursor is behind, and what it does not cover is fetched again.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli/batch/row.hpp"
#include "cli/batch/state.hpp"

namespace flotte::cli {

class ResultDirectory {
 public:
  /// Makes it where it is missing, takes its lock and reads what is there. Errors: conflict (another flotte writes to it), io.
  static Result<ResultDirectory> open(const std::string& path);
  /// The state in `path`, or nothing where there is none that can be read. Takes no lock.
  static std::optional<BatchState> peek(const std::string& path);
  ResultDirectory(ResultDirectory&& other) noexcept;
  ResultDirectory& operator=(ResultDirectory&&) = delete;
  ~ResultDirectory();

  const std::string& path() const noexcept { return path_; }
  BatchState& state() noexcept { return state_; }
  const std::map<std::string, ResultRow>& rows() const noexcept { return rows_; }

  /// Writes the result file. `output` is relative and safe (result_path.hpp). Error: io, exhausted.
  Result<void> write_result(const std::string& output, std::string_view text);
  bool has_result(const std::string& output) const;
  /// Sets the row of its input; `fingerprint` is what it stands for.
  void set_row(ResultRow row, const std::string& fingerprint);
  /// It is to be done anew.
  void drop_row(const std::string& input);
  /// Rows of inputs that are no longer there are dropped; the rest is in the order of state().inputs. Error: io, exhausted.
  Result<void> save();
  bool changed() const noexcept { return changed_; }
  void touch() noexcept { changed_ = true; }

 private:
  ResultDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_ = -1;
  BatchState state_;
  std::map<std::string, ResultRow> rows_;
  bool changed_ = false;
};

/// Directories `flotte-*` directly below `where` with their states, newest first.
std::vector<std::pair<std::string, BatchState>> find_result_directories(const std::string& where);

}  // namespace flotte::cli
