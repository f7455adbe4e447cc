// Found, not usable.
#include "engine/find/seen.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace flotte::engine {
namespace {

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

void add_files(const Found& found, std::vector<wire::Seen>& out) {
  if (!found.no_program.empty()) out.push_back({"model", file_name(found.file), found.file, found.no_program, {}});
  for (const std::string& path : found.files.usable)
    if (path != found.file)
      out.push_back({"model", file_name(path), path, fmt::format("one model runs by itself, and that is {}", file_name(found.file)),
                     "an [[engine]] in this machine's configuration file runs more"});
  for (const auto& [path, why] : found.files.unusable)
    out.push_back({"model", file_name(path), path, why,
                   why.find("too large") == std::string::npos ? "" : "take a smaller one, or one with fewer bits (Q4)"});
}

}  // namespace

std::vector<wire::Seen> describe_unusable(const Found& found, const std::vector<wire::EngineInfo>& engines) {
  std::vector<wire::Seen> out;
  add_files(found, out);
  if (!found.ollama_wrong.empty()) out.push_back({"server", "ollama", "OLLAMA_HOST", found.ollama_wrong, "correct or unset OLLAMA_HOST"});
  for (const wire::EngineInfo& engine : engines) {
    std::string where;
    for (const Found::Server& server : found.servers)
      if (server.engine == engine.name) where = server.url;
    if (engine.state == "failed")
      out.push_back({"engine",
                     engine.name,
                     where,
                     engine.message.empty() ? std::string("it has failed") : fmt::format("it has failed: {}", first_line(engine.message)),
                     {}});
    else if (engine.state == "ready" && engine.models.empty())
      out.push_back({"engine", engine.name, where, "it runs and has no models",
                     engine.kind == "ollama" ? "ollama pull a model; it is noticed by itself" : "load a model there"});
  }
  return out;
}

}  // namespace flotte::engine
