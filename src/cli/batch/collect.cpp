// Walking the arguments.
#include "cli/batch/collect.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {

namespace fs = std::filesystem;

Result<FileKind> classify_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error) return fail(Code::io, "cannot be read: " + error.message());
  if (!fs::is_regular_file(status)) return fail(Code::unsupported, "is no regular file");
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return fail_errno("cannot be read", errno);
  char buffer[beginning_bytes];
  const ssize_t n = ::read(fd, buffer, sizeof buffer);
  const int number = errno;
  ::close(fd);
  if (n < 0) return fail_errno("cannot be read", number);
  if (n == 0) return fail(Code::invalid_argument, "is empty");
  const auto size = fs::file_size(path, error);
  if (!error && size > document_limit) return fail(Code::too_large, fmt::format("is larger than {} MiB", document_limit / (1024 * 1024)));
  return classify(path.string(), std::string_view(buffer, static_cast<std::size_t>(n)));
}

/// True where `path` is `root` or below it; both canonical.
bool is_below(const fs::path& path, const fs::path& root) {
  const auto mismatch = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return mismatch.first == root.end() || (std::next(mismatch.first) == root.end() && mismatch.first->empty());
}

class Walk {
 public:
  Walk(const fs::path& root, const fs::path& result_directory, std::size_t& links_left_out)
      : root_(root), result_directory_(result_directory), links_left_out_(links_left_out) {
    std::error_code error;
    canonical_root_ = fs::canonical(root, error);
  }

  /// Relative path -> what it is, sorted by the bytes of the path.
  std::map<std::string, Result<FileKind>> run() {
    read_directory(root_, "");
    return std::move(found_);
  }

 private:
  void read_directory(const fs::path& directory, const std::string& relative) {
    std::error_code error;
    if (!relative.empty() && is_result_directory(directory)) return;
    fs::directory_iterator it(directory, error);
    if (error) {
      found_.emplace(relative.empty() ? "." : relative, fail(Code::io, "the directory cannot be read: " + error.message()));
      return;
    }
    for (; it != fs::directory_iterator(); it.increment(error)) {
      const std::string name = it->path().filename().string();
      if (name.starts_with('.')) continue;
      take_entry(*it, relative.empty() ? name : relative + "/" + name);
      if (error) break;
    }
    if (error) found_.emplace(relative.empty() ? "." : relative, fail(Code::io, "the directory cannot be read: " + error.message()));
  }

  void take_entry(const fs::directory_entry& entry, const std::string& relative) {
    std::error_code error;
    const fs::file_status own = entry.symlink_status(error);
    if (!error && fs::is_directory(own)) return read_directory(entry.path(), relative);
    if (!error && fs::is_symlink(own)) {
      const fs::path target = fs::canonical(entry.path(), error);
      if (error) {
        found_.emplace(relative, fail(Code::not_found, "is a link to nothing"));
        return;
      }
      // A linked directory inside is read where it stands, so nothing is missed and no circle is walked.
      if (!is_below(target, canonical_root_) || fs::is_directory(target, error)) {
        ++links_left_out_;
        return;
      }
    }
    found_.emplace(relative, classify_file(entry.path()));
  }

  bool is_result_directory(const fs::path& directory) const {
    std::error_code error;
    if (fs::exists(directory / state_file_name, error)) return true;
    return !result_directory_.empty() && fs::equivalent(directory, result_directory_, error);
  }

  fs::path root_, canonical_root_, result_directory_;
  std::size_t& links_left_out_;
  std::map<std::string, Result<FileKind>> found_;
};

/// The last named part of an argument: "docs" for "docs/", the directory's own name for ".".
std::string base_name(const fs::path& argument) {
  std::error_code error;
  fs::path path = fs::absolute(argument, error).lexically_normal();
  if (path.filename().empty()) path = path.parent_path();
  return path.filename().string();
}

class Collector {
 public:
  Collector(const std::vector<std::string>& arguments, const std::string& result_directory)
      : several_(arguments.size() > 1), result_directory_(result_directory) {}

  void take_argument(const std::string& argument) {
    std::error_code error;
    const fs::path path(argument);
    const std::string base = base_name(path);
    const std::string prefix = several_ ? unique_prefix(base) : "";
    if (!fs::is_directory(path, error)) {
      add(argument, path, several_ ? prefix : base, classify_file(path));
      return;
    }
    Walk walk(path, result_directory_, collected_.links_left_out);
    for (auto& [relative, kind] : walk.run()) {
      const std::string input = argument + (argument.ends_with('/') ? "" : "/") + relative;
      add(input, path / relative, prefix.empty() ? relative : prefix + "/" + relative, std::move(kind));
    }
  }

  Collected finish() { return std::move(collected_); }

 private:
  /// Two arguments with the same base name must not mix their results.
  std::string unique_prefix(const std::string& base) {
    std::string prefix = base.empty() ? "root" : base;
    for (int n = 2; !prefixes_.insert(prefix).second; ++n) prefix = fmt::format("{}~{}", base, n);
    return prefix;
  }

  void add(const std::string& input, const fs::path& path, const std::string& relative, Result<FileKind> kind) {
    std::error_code error;
    if (!paths_.insert(fs::absolute(path, error).lexically_normal().string()).second) return;
    std::string shown = to_utf8(input);
    for (int n = 2; !inputs_.insert(shown).second; ++n) shown = fmt::format("{}~{}", to_utf8(input), n);
    collected_.files.push_back(FoundFile{std::move(shown), path.string(), to_utf8(relative), std::move(kind)});
  }

  bool several_;
  fs::path result_directory_;
  Collected collected_;
  std::set<std::string> prefixes_, paths_, inputs_;
};

}  // namespace

Result<Collected> collect_files(const std::vector<std::string>& arguments, const std::string& result_directory) {
  for (const std::string& argument : arguments) {
    std::error_code error;
    if (!fs::exists(fs::path(argument), error))
      return fail(Code::not_found, "no such file or directory: \"" + to_utf8(argument) + "\"", "check the path; nothing was started");
  }
  Collector collector(arguments, result_directory);
  for (const std::string& argument : arguments) collector.take_argument(argument);
  return collector.finish();
}

}  // namespace flotte::cli
