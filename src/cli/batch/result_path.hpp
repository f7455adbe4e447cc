// Where a document's result goes below DIR: `a/b.pdf` -> `a/b.pdf.md`. Pure.
#pragma once
#include <set>
#include <string>
#include <string_view>

namespace flotte::cli {

/// A relative path that stays below its directory whatever `path` says: no root, no `.` or `..`, no control characters, no part longer
/// than a file system takes (a longer one is cut and ends in a hash of the whole). Never empty.
std::string make_safe_relative(std::string_view path);

/// Hands out each path once. Where two documents would have the same one, or one's file would be the other's directory, the later gets
/// "~2".
class ResultPaths {
 public:
  ResultPaths();
  /// That path is in use already (an earlier run wrote it).
  void reserve(const std::string& path);
  /// The result path for the document at `relative`.
  std::string take(std::string_view relative);

 private:
  bool is_free(const std::string& path) const;
  std::set<std::string> files_, directories_;
};

}  // namespace flotte::cli
