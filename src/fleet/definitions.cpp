// Workers defined at the hub, in rows.
#include "fleet/definitions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fleet/detail/rows.hpp"

namespace flotte::fleet {
namespace {

constexpr std::size_t longest_name = 63, longest_model = 200, longest_label = 63, most_labels = 32;
constexpr int most_slots = 10'000;

Failure no_definition(std::string_view node, std::string_view worker) {
  return fail(Code::not_found, fmt::format("no worker '{}@{}' was defined at this hub", worker, node),
              "`flotte worker ls` shows who defined each; one of a node's own file is changed there");
}

/// Nothing where there is no such node.
std::optional<std::int64_t> find_node(store::Transaction& rows, std::string_view name) {
  const auto row = rows.one("SELECT id FROM node WHERE name = ? AND state <> 'revoked'", name);
  return row ? std::optional(row->integer(0)) : std::nullopt;
}

/// Of a node that is away: it will not have it when it comes back. One that is linked says so itself.
void forget_announced(store::Transaction& rows, std::int64_t node, std::string_view worker) {
  const auto row = rows.one("SELECT state, workers, host FROM node WHERE id = ?", node);
  if (!row || row->text(0) == "linked") return;
  if (const auto host = json::parse_object(row->text(2)))
    for (const wire::Seen& seen : wire::HostInfo::from_json(*host).seen)
      if (seen.kind == "worker" && seen.name == worker) return;  // the node's own of that name stays
  const auto list = json::parse(row->text(1));
  if (!list || !list->is_array()) return;
  json::array left;
  for (const json::value& one : list->get_array())
    if (!one.is_object() || json::string_or(one.get_object(), "name", "") != worker) left.push_back(one);
  rows.execute("UPDATE node SET workers = ? WHERE id = ?", json::dump(std::move(left)), node);
}

bool is_word(std::string_view text, std::size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c != 127; });
}

}  // namespace

Result<void> check_definition(const wire::WorkerInfo& worker) {
  if (worker.kind == "command")
    return fail(Code::forbidden, "a command worker cannot be defined at the hub: what a machine executes, its own file says",
                "add a [[worker]] with kind = \"command\" to the node's own configuration file");
  if (worker.kind != "model")
    return fail(Code::invalid_argument, fmt::format("a worker of kind '{}' cannot be defined at the hub", worker.kind), "kind = \"model\"");
  if (!is_word(worker.name, longest_name) || worker.name.find_first_of("@/*") != std::string::npos)
    return fail(Code::invalid_argument, fmt::format("'{}' is no name for a worker", worker.name),
                "1 to 63 characters without spaces, '@', '/' and '*'");
  if (!is_word(worker.model, longest_model))
    return fail(Code::invalid_argument, "a model worker needs a model", "one of `flotte model ls`");
  if (worker.slots < 1 || worker.slots > most_slots)
    return fail(Code::invalid_argument, fmt::format("slots must be 1 to {}, not {}", most_slots, worker.slots));
  const bool good = worker.labels.size() <= most_labels &&
                    std::all_of(worker.labels.begin(), worker.labels.end(), [](const std::string& l) { return is_word(l, longest_label); });
  if (!good) return fail(Code::invalid_argument, "at most 32 labels of 1 to 63 characters without spaces");
  return {};
}

Result<std::int64_t> define_worker(store::Transaction& rows, std::string_view node, const wire::WorkerInfo& worker) {
  if (auto good = check_definition(worker); !good) return pass(good);
  const auto id = find_node(rows, node);
  if (!id) return fail(Code::not_found, fmt::format("no node '{}'", node), "see `flotte node ls`");
  if (rows.one("SELECT 1 FROM worker_definition WHERE node = ? AND name = ?", *id, worker.name))
    return fail(Code::conflict, fmt::format("{}@{} is defined already", worker.name, node), "change it: flotte worker set");
  if (rows.one("SELECT count(*) FROM worker_definition WHERE node = ?", *id)->integer(0) >= static_cast<std::int64_t>(most_definitions))
    return fail(Code::exhausted, fmt::format("{} has {} workers of this hub already", node, most_definitions), "remove some of them");
  rows.execute("INSERT INTO worker_definition (node, name, kind, model, slots, labels, exclusive, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *id,
               worker.name, worker.kind, worker.model, worker.slots, detail::labels_text(worker.labels), worker.exclusive, rows.now());
  return *id;
}

Result<std::int64_t> redefine_worker(store::Transaction& rows, std::string_view node, const wire::WorkerInfo& worker) {
  if (auto good = check_definition(worker); !good) return pass(good);
  const auto id = find_node(rows, node);
  if (!id ||
      rows.execute("UPDATE worker_definition SET kind = ?, model = ?, slots = ?, labels = ?, exclusive = ? WHERE node = ? AND name = ?",
                   worker.kind, worker.model, worker.slots, detail::labels_text(worker.labels), worker.exclusive, *id, worker.name) == 0)
    return no_definition(node, worker.name);
  return *id;
}

Result<std::int64_t> remove_definition(store::Transaction& rows, std::string_view node, std::string_view worker) {
  const auto id = find_node(rows, node);
  if (!id || rows.execute("DELETE FROM worker_definition WHERE node = ? AND name = ?", *id, worker) == 0)
    return no_definition(node, worker);
  forget_announced(rows, *id, worker);
  return *id;
}

std::optional<wire::WorkerInfo> find_definition(store::Transaction& rows, std::string_view node, std::string_view worker) {
  if (const auto id = find_node(rows, node))
    for (wire::WorkerInfo& one : definitions_of(rows, *id))
      if (one.name == worker) return std::move(one);
  return std::nullopt;
}

std::vector<wire::WorkerInfo> definitions_of(store::Transaction& rows, std::int64_t node) {
  std::vector<wire::WorkerInfo> out;
  for (const store::Row& row :
       rows.query("SELECT name, kind, model, slots, labels, exclusive FROM worker_definition WHERE node = ? ORDER BY name", node))
    out.push_back({row.text(0), row.text(1), row.text(2), static_cast<int>(row.integer(3)), detail::labels_of(row.text(4)), row.flag(5)});
  return out;
}

}  // namespace flotte::fleet
