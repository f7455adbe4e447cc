// Looking into the models' directory.
#include "engine/find/model_files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "engine/gguf.hpp"

namespace flotte::engine {
namespace {

constexpr std::chrono::seconds settling{2};  // a copy writes more often than that
constexpr std::size_t most_files = 200;

/// Architectures that answer no conversation: encoders for search, and the picture part of another model.
constexpr std::array<std::string_view, 8> silent{"bert", "nomic-bert",      "jina-bert-v2", "t5encoder",
                                                 "clip", "gemma-embedding", "modern-bert",  "neo-bert"};

std::string why_not(const std::string& path) {
  const auto facts = read_gguf(path);
  if (!facts) return facts.error().message;
  if (std::find(silent.begin(), silent.end(), facts->architecture) != silent.end())
    return "it is no model for conversations (architecture " + facts->architecture + ")";
  return {};
}

/// Of a model in parts only the first is named; the engine finds the others.
bool is_later_part(const std::string& name) {
  const auto of = name.rfind("-of-");
  return of != std::string::npos && of >= 6 && name[of - 6] == '-' && name.substr(of - 5, 5) != "00001";
}

/// Of all parts together.
std::int64_t bytes_of(const std::string& path) {
  std::error_code error;
  const auto first = path.rfind("-00001-of-");
  if (first == std::string::npos) return static_cast<std::int64_t>(std::filesystem::file_size(path, error));
  std::int64_t sum = 0;
  const std::string prefix = path.substr(0, first + 1);
  for (std::filesystem::directory_iterator it(std::filesystem::path(path).parent_path(), error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->path().string().starts_with(prefix)) sum += static_cast<std::int64_t>(it->file_size(ignored));
  }
  return sum;
}

std::string why_too_large(const std::string& path, std::int64_t memory_mb) {
  constexpr double gibibyte = 1024.0 * 1024 * 1024;
  const std::int64_t bytes = bytes_of(path);
  if (memory_mb <= 0 || bytes <= memory_mb * 1024 * 1024) return {};
  return fmt::format("it is too large: it needs {:.1f} GiB, and this machine has {:.1f} GiB for models",
                     static_cast<double>(bytes) / gibibyte, static_cast<double>(memory_mb) / 1024);
}

}  // namespace

ModelFiles look_for_models(const std::string& directory, WallTime now, std::int64_t memory_mb) {
  ModelFiles out;
  std::error_code error;
  std::vector<std::string> paths;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end && paths.size() < most_files; it.increment(error))
    if (it->path().extension() == ".gguf" && !is_later_part(it->path().stem().string())) paths.push_back(it->path().string());
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    struct stat facts{};
    if (::stat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count() - facts.st_mtim.tv_sec;
    if (age >= 0 && age < settling.count()) {
      out.unsettled = true;
      continue;
    }
    std::string why = why_not(path);
    if (why.empty()) why = why_too_large(path, memory_mb);
    if (!why.empty())
      out.unusable.push_back({path, std::move(why)});
    else
      out.usable.push_back(path);
  }
  return out;
}

}  // namespace flotte::engine
