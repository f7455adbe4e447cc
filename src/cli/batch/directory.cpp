// DIR on disk.
#include "cli/batch/directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/file.hpp"
#include "cli/batch/collect.hpp"

namespace flotte::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t state_limit = 1024UL * 1024 * 1024;

std::string state_path(const std::string& directory) { return directory + "/" + state_file_name; }
std::string rows_path(const std::string& directory) { return directory + "/results.jsonl"; }

}  // namespace

std::optional<BatchState> ResultDirectory::peek(const std::string& path) {
  auto text = read_file(state_path(path), state_limit);
  if (!text) return std::nullopt;
  auto state = BatchState::parse(*text);
  if (!state) return std::nullopt;
  return std::move(*state);
}

Result<ResultDirectory> ResultDirectory::open(const std::string& path) {
  if (auto made = make_directories(path, 0755); !made) return pass(made);
  const int lock = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock < 0) return fail_errno("\"" + path + "\" cannot be written to", errno);
  ResultDirectory directory(path, lock);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0)
    return fail(Code::conflict, "another flotte is writing to \"" + path + "\"", "let it end, or give another directory with -o");
  if (auto text = read_file(state_path(path), state_limit)) {
    auto state = BatchState::parse(*text);
    if (!state && state.error().code == Code::unsupported) return pass(state, state_path(path));
    if (state) directory.state_ = std::move(*state);
  }
  if (auto text = read_file(rows_path(path), state_limit))
    for (ResultRow& row : parse_rows(*text)) directory.rows_.insert_or_assign(row.input, std::move(row));
  return directory;
}

ResultDirectory::ResultDirectory(ResultDirectory&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      state_(std::move(other.state_)),
      rows_(std::move(other.rows_)),
      changed_(other.changed_) {}

ResultDirectory::~ResultDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

Result<void> ResultDirectory::write_result(const std::string& output, std::string_view text) {
  const std::string file = path_ + "/" + output;
  if (auto made = make_directories(fs::path(file).parent_path().string(), 0755); !made) return made;
  std::string content(text);
  if (!content.ends_with('\n')) content += '\n';
  return replace_file(file, content, 0644, Durability::crash);
}

bool ResultDirectory::has_result(const std::string& output) const {
  std::error_code error;
  return fs::is_regular_file(fs::path(path_) / output, error);
}

void ResultDirectory::set_row(ResultRow row, const std::string& fingerprint) {
  if (row.succeeded() && !fingerprint.empty())
    state_.succeeded[row.input] = fingerprint;
  else
    state_.succeeded.erase(row.input);
  rows_.insert_or_assign(row.input, std::move(row));
  changed_ = true;
}

void ResultDirectory::drop_row(const std::string& input) { changed_ = rows_.erase(input) + state_.succeeded.erase(input) > 0 || changed_; }

Result<void> ResultDirectory::save() {
  std::string text;
  std::map<std::string, ResultRow> kept;
  for (const RememberedInput& input : state_.inputs) {
    auto row = rows_.extract(input.name);
    if (row.empty()) continue;
    text += json::dump(row.mapped().to_json()) + "\n";
    kept.insert(std::move(row));
  }
  rows_ = std::move(kept);
  std::erase_if(state_.succeeded, [this](const auto& entry) { return !rows_.contains(entry.first); });
  if (auto written = replace_file(rows_path(path_), text, 0644, Durability::crash); !written) return written;
  if (auto written = replace_file(state_path(path_), state_.to_text(), 0644, Durability::crash); !written) return written;
  changed_ = false;
  return {};
}

std::vector<std::pair<std::string, BatchState>> find_result_directories(const std::string& where) {
  std::vector<std::pair<fs::file_time_type, std::string>> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(where, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("flotte-")) continue;
    const auto time = fs::last_write_time(entry.path() / state_file_name, error);
    if (!error) found.emplace_back(time, where == "." ? name : entry.path().string());
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<std::pair<std::string, BatchState>> out;
  for (auto& [time, path] : found)
    if (auto state = ResultDirectory::peek(path)) out.emplace_back(std::move(path), std::move(*state));
  return out;
}

}  // namespace flotte::cli
