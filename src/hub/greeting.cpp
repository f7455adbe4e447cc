// The words of the first ten seconds.
#include "hub/greeting.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

namespace flotte::hub {
namespace {

constexpr std::size_t most_names = 4;

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// "a, b, c and 5 more".
std::string some_of(const std::vector<std::string>& all) {
  const std::vector<std::string> first(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), most_names)));
  std::string out = fmt::format("{}", fmt::join(first, ", "));
  if (all.size() > most_names) out += fmt::format(" and {} more", all.size() - most_names);
  return out;
}

std::string describe_key(const FoundKey& key) {
  if (!key.refused.empty()) return fmt::format("{} is not used: {}", key.variable, key.refused);
  const std::string at = key.base_variable.empty() ? "" : fmt::format(" at {} ({})", key.base_url, key.base_variable);
  return fmt::format("{}{}, with the key in {}", key.title, at, key.variable);
}

std::string describe_engine(const wire::EngineInfo& engine, const engine::Found* found) {
  std::string name = engine.name + "@home";
  if (found) {
    for (const engine::Found::Server& server : found->servers)
      if (server.engine == engine.name) name = fmt::format("{} at {}", server.title, server.url);
    const bool file = engine.kind == "llama-server" && !found->file.empty() && engine.name.starts_with("llama");
    if (file) name = fmt::format("{} in {}", file_name(found->file), engine.name + "@home");
  }
  const std::string demonstration = engine.demonstration ? " (demonstration: no intelligence)" : "";
  if (engine.state == "ready") return fmt::format("{}: {}{}", name, some_of(engine.models), demonstration);
  if (engine.state == "failed") return fmt::format("{}: not usable now: {}", name, first_line(engine.message));
  return fmt::format("{}: {}{}", name, engine.state, demonstration);
}

void describe_files(const engine::Found& found, const std::string& data, std::vector<std::string>& out) {
  if (!found.no_program.empty()) out.push_back(fmt::format("{} is not usable yet: {}", file_name(found.file), found.no_program));
  std::vector<std::string> others;
  for (const std::string& path : found.files.usable)
    if (path != found.file) others.push_back(file_name(path));
  if (!others.empty())
    out.push_back(
        fmt::format("{}: there too, not started (one runs by itself; an [[engine]] in the configuration runs more)", some_of(others)));
  for (const auto& [path, why] : found.files.unusable) out.push_back(fmt::format("{} is not usable: {}", file_name(path), why));
  if (found.files.unsettled) out.push_back(fmt::format("a model is being copied to {}/models; it starts when it is whole", data));
}

std::string section(std::string_view title, const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) {
    out += fmt::format("{:<8}{}\n", title, line);
    title = "";
  }
  return out;
}

/// Where there is nothing to ask.
std::string advise(const GreetingFacts& facts) {
  std::string out = "\nThere is no model to ask yet. While this runs, each of these is enough:\n";
  out += "  flotte provider add openai    takes an API key (or anthropic, gemini, mistral); the board takes one too\n";
  out += "  ollama serve                  and `ollama pull` a model; noticed within ten seconds\n";
  out += fmt::format("  a .gguf file in {}/models     noticed too; a llama-server must be there to run it\n", facts.data);
  out += "  flotte node invite            a line to paste on a machine that has one of these\n";
  out += "A key in OPENAI_API_KEY (or ANTHROPIC_, GEMINI_, MISTRAL_API_KEY) is found at the next `flotte up`.\n";
  return out + "`flotte doctor` looks at this machine and says what is missing.\n";
}

}  // namespace

bool is_settled(const GreetingFacts& facts) {
  if (facts.find && (!facts.sight.found || facts.sight.asking)) return false;
  const auto& engines = facts.sight.engines;
  return std::none_of(engines.begin(), engines.end(), [](const auto& engine) { return engine.state == "starting"; });
}

std::vector<std::string> describe_found(const GreetingFacts& facts) {
  std::vector<std::string> out;
  for (const FoundKey& key : facts.keys) out.push_back(describe_key(key));
  const engine::Found* found = facts.sight.found ? &*facts.sight.found : nullptr;
  for (const wire::EngineInfo& engine : facts.sight.engines) out.push_back(describe_engine(engine, found));
  if (found) describe_files(*found, facts.data, out);
  if (found && !found->ollama_wrong.empty()) out.push_back(found->ollama_wrong);
  std::vector<std::string> agents;
  for (const FoundAgent& agent : facts.agents) agents.push_back(fmt::format("{} ({})", agent.title, agent.program));
  if (!agents.empty()) out.push_back(fmt::format("{}: found, not usable yet: {}", fmt::join(agents, ", "), why_agents_wait));
  return out;
}

std::vector<std::string> describe_names(const GreetingFacts& facts) {
  std::vector<std::string> out;
  for (const auto& [name, standing] : facts.sight.names) {
    const std::string targets = standing.targets.empty() ? fmt::format("{} (away now)", fmt::join(standing.away, ", "))
                                                         : fmt::format("{}", fmt::join(standing.targets, ", "));
    out.push_back(fmt::format("{:<7} = {}   ({})", name, targets, standing.why));
  }
  return out;
}

std::string make_greeting(const GreetingFacts& facts) {
  std::string out = section("Found", describe_found(facts));
  out += section("Models", describe_names(facts));
  out += section("Board", {facts.board + (facts.has_code ? "   (good once, for ten minutes)" : "")});
  if (!facts.network.empty()) out += section("", {fmt::format("from other machines {}", facts.network)});
  if (!facts.has_code) out += section("", {fmt::format("its key is in {}/admin.key", facts.data)});
  if (facts.sight.names.empty() && is_settled(facts)) return out + advise(facts);
  out += section("Try", {"flotte ask \"Say hello\"", "flotte batch run FOLDER --prompt \"Summarise this\"",
                         "flotte node invite            (a line that adds a machine)"});
  return out;
}

}  // namespace flotte::hub
