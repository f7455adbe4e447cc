// From the PATH arguments to the list of files, in a stable order. Reads directories and the beginnings of files; blocking.
#pragma once
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli/batch/classify.hpp"

namespace flotte::cli {

/// A file that is to be done, or that says why it cannot be.
struct FoundFile {
  std::string input;     // what a person calls it: the argument and what is below it; always UTF-8
  std::string path;      // to open it
  std::string relative;  // below its argument, a file argument's base name; prefixed by the argument's base name where there are several
  Result<FileKind> kind = FileKind::document;
};

struct Collected {
  std::vector<FoundFile> files;    // by argument, below it sorted by the bytes of the path; each file once
  std::size_t links_left_out = 0;  // symbolic links that lead out of their argument, or to a directory
};

/// Directories are read to their ends; hidden files and directories, and directories of results (those with a .flotte-batch.json, and
/// `result_directory`) are left out; a hidden file that is named itself is taken. What cannot be read becomes a file with that error.
/// Error: not_found for an argument that does not exist.
Result<Collected> collect_files(const std::vector<std::string>& arguments, const std::string& result_directory);

/// The name of a batch's file of remembered things in its directory of results.
inline constexpr const char* state_file_name = ".flotte-batch.json";

}  // namespace flotte::cli
