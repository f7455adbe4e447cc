// Reads the node's part of the configuration file.
#include "node/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/config.hpp"
#include "base/places.hpp"

namespace flotte::node {
namespace {

wire::WorkerInfo worker_of(const json::object& o) {
  wire::WorkerInfo out;
  out.name = json::string_or(o, "name", "");
  out.kind = json::string_or(o, "kind", "");
  out.model = json::string_or(o, "model", "");
  out.slots = static_cast<int>(std::clamp<std::int64_t>(json::int_or(o, "slots", 1), 1, 10'000));
  out.labels = json::strings(o, "labels");
  out.exclusive = json::get_bool(o, "exclusive").value_or(false);
  return out;
}

/// The host's name as a node's: letters, digits, '-', '_' and '.'.
std::string default_name() {
  std::string out = host_name().substr(0, 63);
  for (char& c : out)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.') c = '-';
  return out.empty() || !std::isalnum(static_cast<unsigned char>(out.front())) ? "node" + out.substr(0, 59) : out;
}

}  // namespace

Result<NodeConfig> NodeConfig::load(const NodeOptions& options) {
  const bool named = !options.config.empty();
  auto document =
      config::load(named ? options.config : default_config_file(), named ? config::Missing::is_error : config::Missing::is_empty);
  if (!document) return pass(document);
  NodeConfig out;
  out.warnings = document->warnings;
  out.name = json::string_or(document->node(), "name", default_name());
  out.data = std::filesystem::absolute(options.data.empty() ? default_data_directory() : options.data).string();
  out.labels = json::strings(document->node(), "labels");
  auto egress = Egress::parse(json::strings(document->node(), "egress"));
  if (!egress) return pass(egress, document->origin("node.egress"));
  out.egress = std::move(*egress);
  out.find = json::get_bool(document->node(), "find").value_or(true);
  out.wake = json::get_bool(document->node(), "wake").value_or(false);
  for (std::size_t i = 0; i < document->list("engine").size(); ++i) {
    auto engine = engine::EngineConfig::from_json(document->list("engine")[i].get_object());
    if (!engine) return pass(engine, document->origin(fmt::format("engine[{}]", i)));
    out.engines.push_back(std::move(*engine));
  }
  for (std::size_t i = 0; i < document->list("worker").size(); ++i) {
    const json::object& table = document->list("worker")[i].get_object();
    const std::string where = document->origin(fmt::format("worker[{}]", i));
    wire::WorkerInfo worker = worker_of(table);
    if (worker.kind == "agent") {
      out.warnings.push_back(fmt::format("{}: this version has no coding agents; worker '{}' is off", where, worker.name));
      continue;
    }
    if (worker.kind == "command") {
      auto limits = sandbox::Limits::parse(table);
      if (!limits) return pass(limits, where);
      out.limits[worker.name] = *limits;
    }
    out.workers.push_back(std::move(worker));
  }
  return out;
}

}  // namespace flotte::node
