// Sentences of a node.
#include "node/voice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flotte::node {
namespace {

std::string describe(const wire::EngineInfo& engine) {
  const std::string note = engine.demonstration ? " (demonstration: no intelligence)" : "";
  if (engine.state == "ready") return fmt::format("{} ready: {}{}", engine.name, fmt::join(engine.models, ", "), note);
  const std::string why = engine.message.substr(0, engine.message.find('\n'));
  return why.empty() ? fmt::format("{} {}", engine.name, engine.state) : fmt::format("{} {}: {}", engine.name, engine.state, why);
}

}  // namespace

std::string Voice::on_linked(const Place& place) {
  std::string out = fmt::format("Linked  to hub {} at {} as {}\n", place.hub, place.url, place.node);
  if (!linked_) out += "        Ctrl-C ends it\n";
  linked_ = true;
  return out;
}

std::string Voice::on_engines(const std::vector<wire::EngineInfo>& engines) {
  std::string out;
  std::map<std::string, std::string> now;
  for (const wire::EngineInfo& engine : engines) {
    const std::string line = describe(engine);
    now[engine.name] = line;
    const auto before = told_.find(engine.name);
    if (before == told_.end() || before->second != line) out += fmt::format("Engine  {}\n", line);
  }
  for (const auto& [name, line] : told_)
    if (!now.contains(name)) out += fmt::format("Engine  {} is gone\n", name);
  told_ = std::move(now);
  return out;
}

std::string Voice::on_away(const std::string& url, const Error& error) {
  return fmt::format("Away    no link to the hub at {}: {}; trying again\n", url, error.text());
}

std::string Voice::on_unusable(const std::string& file, const std::string& why) {
  return fmt::format("Found   {} is not usable yet: {}\n", file, why);
}

}  // namespace flotte::node
