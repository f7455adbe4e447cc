// Link messages as text. One pair of functions per message: what is written and how it is read stand side by side.
#include "wire/link.hpp"

#include <fmt/format.h>

#include <array>

#include "wire/detail/fields.hpp"

namespace flotte::wire {
namespace {

using json::int_or;
using json::string_or;

constexpr std::array<std::string_view, 5> record_kinds{"started", "output", "progress", "finished", "other"};

json::object from_run(const RunId& run) { return {{"task", run.task}, {"fence", run.fence}}; }

Result<RunId> to_run(const json::object& o) {
  auto task = json::need_string(o, "task");
  if (!task) return pass(task);
  auto fence = json::need_int(o, "fence");
  if (!fence) return pass(fence);
  return RunId{std::move(*task), *fence};
}

Result<RunId> need_run(const json::object& o) {
  const json::object* run = json::get_object(o, "run");
  if (!run) return fail(Code::invalid_argument, "\"run\" must be an object");
  return to_run(*run);
}

json::array from_runs(const std::vector<RunId>& runs) {
  json::array out;
  for (const RunId& run : runs) out.push_back(from_run(run));
  return out;
}

Result<std::vector<RunId>> to_runs(const json::object& o, std::string_view key) {
  std::vector<RunId> out;
  if (const json::array* runs = json::get_array(o, key)) {
    for (const json::value& v : *runs) {
      if (!v.is_object()) return fail(Code::invalid_argument, fmt::format("\"{}\" must hold runs", key));
      auto run = to_run(v.get_object());
      if (!run) return pass(run);
      out.push_back(std::move(*run));
    }
  }
  return out;
}

// ---- hub to node -------------------------------------------------------------------------------------------------

json::object write(const Challenge& m) {
  return {{"type", "challenge"},    {"nonce", m.nonce},   {"hub", m.hub},
          {"protocol", m.protocol}, {"oldest", m.oldest}, {"version", m.version}};
}
Result<Challenge> read_challenge(const json::object& o) {
  auto nonce = json::need_string(o, "nonce");
  if (!nonce) return pass(nonce);
  return Challenge{std::move(*nonce), string_or(o, "hub", ""), static_cast<int>(int_or(o, "protocol", 1)),
                   static_cast<int>(int_or(o, "oldest", 1)), string_or(o, "version", "")};
}

json::object write(const Welcome& m) {
  return {{"type", "welcome"},
          {"node", m.node},
          {"hub", m.hub},
          {"ticket", m.ticket},
          {"epoch", m.epoch},
          {"lease_ms", m.lease_ms},
          {"acknowledged", m.acknowledged},
          {"spares", m.spares},
          {"keep", from_runs(m.keep)},
          {"drop", from_runs(m.drop)},
          {"name", m.name},
          {"workers", detail::from_things(m.workers)},
          {"protocol", m.protocol}};
}
Result<Welcome> read_welcome(const json::object& o) {
  Welcome m;
  auto epoch = json::need_int(o, "epoch");
  if (!epoch) return pass(epoch);
  auto keep = to_runs(o, "keep");
  if (!keep) return pass(keep);
  auto drop = to_runs(o, "drop");
  if (!drop) return pass(drop);
  m.node = string_or(o, "node", "");
  m.hub = string_or(o, "hub", "");
  m.ticket = string_or(o, "ticket", "");
  m.epoch = *epoch;
  m.lease_ms = int_or(o, "lease_ms", m.lease_ms);
  m.acknowledged = int_or(o, "acknowledged", 0);
  m.spares = static_cast<int>(int_or(o, "spares", m.spares));
  m.keep = std::move(*keep);
  m.drop = std::move(*drop);
  m.name = string_or(o, "name", "");
  m.workers = detail::to_things<WorkerInfo>(o, "workers");
  m.protocol = static_cast<int>(int_or(o, "protocol", 1));
  if (m.lease_ms <= 0) return fail(Code::invalid_argument, "\"lease_ms\" must be over 0");
  return m;
}

json::object write(const Offer& m) {
  return {{"type", "offer"},    {"run", from_run(m.run)}, {"attempt", m.attempt}, {"spec", m.spec.to_json()},
          {"worker", m.worker}, {"batch", m.batch},       {"key", m.key}};
}
Result<Offer> read_offer(const json::object& o) {
  auto run = need_run(o);
  if (!run) return pass(run);
  const json::object* spec = json::get_object(o, "spec");
  if (!spec) return fail(Code::invalid_argument, "\"spec\" must be an object");
  auto read = TaskSpec::from_json(*spec);
  if (!read) return pass(read);
  return Offer{std::move(*run),           static_cast<int>(int_or(o, "attempt", 1)),
               std::move(*read),          string_or(o, "worker", ""),
               string_or(o, "batch", ""), string_or(o, "key", "")};
}

json::object write(const Acknowledge& m) { return {{"type", "acknowledge"}, {"up_to", m.up_to}}; }
Result<Acknowledge> read_acknowledge(const json::object& o) {
  auto up_to = json::need_int(o, "up_to");
  if (!up_to) return pass(up_to);
  return Acknowledge{*up_to};
}

json::object write(const Cancel& m) { return {{"type", "cancel"}, {"run", from_run(m.run)}}; }
Result<Cancel> read_cancel(const json::object& o) {
  auto run = need_run(o);
  if (!run) return pass(run);
  return Cancel{std::move(*run)};
}

json::object write(const Drop& m) { return {{"type", "drop"}, {"runs", from_runs(m.runs)}}; }
Result<Drop> read_drop(const json::object& o) {
  auto runs = to_runs(o, "runs");
  if (!runs) return pass(runs);
  return Drop{std::move(*runs)};
}

json::object write(const Spares& m) { return {{"type", "spares"}, {"keep", m.keep}, {"now", m.now}}; }
Result<Spares> read_spares(const json::object& o) {
  return Spares{static_cast<int>(int_or(o, "keep", 2)), static_cast<int>(int_or(o, "now", 0))};
}

json::object write(const Stop& m) { return {{"type", "stop"}, {"revoked", m.revoked}, {"message", m.message}}; }
Result<Stop> read_stop(const json::object& o) { return Stop{json::get_bool(o, "revoked").value_or(false), string_or(o, "message", "")}; }

json::object write(const Suspend& m) { return {{"type", "suspend"}, {"for_ms", m.for_ms}}; }
Result<Suspend> read_suspend(const json::object& o) { return Suspend{int_or(o, "for_ms", 0)}; }

json::object write(const BeatAnswer& m) { return {{"type", "beat_answer"}, {"number", m.number}}; }
Result<BeatAnswer> read_beat_answer(const json::object& o) { return BeatAnswer{int_or(o, "number", 0)}; }

json::object write(const Define& m) { return {{"type", "define"}, {"workers", detail::from_things(m.workers)}}; }
Result<Define> read_define(const json::object& o) { return Define{detail::to_things<WorkerInfo>(o, "workers")}; }

json::object write(const Wake& m) { return {{"type", "wake"}, {"node", m.node}, {"cards", detail::from_things(m.cards)}}; }
Result<Wake> read_wake(const json::object& o) { return Wake{string_or(o, "node", ""), detail::to_things<NetworkCard>(o, "cards")}; }

// ---- node to hub -------------------------------------------------------------------------------------------------

json::object write(const Hello& m) {
  return {{"type", "hello"},
          {"protocol", m.protocol},
          {"node", m.node},
          {"signature", m.signature},
          {"host", m.host.to_json()},
          {"engines", detail::from_things(m.engines)},
          {"workers", detail::from_things(m.workers)},
          {"running", from_runs(m.running)},
          {"spool_from", m.spool_from},
          {"instance", m.instance},
          {"public_key", m.public_key}};
}
Result<Hello> read_hello(const json::object& o) {
  Hello m;
  auto protocol = json::need_int(o, "protocol");
  if (!protocol) return pass(protocol);
  auto node = json::need_string(o, "node");
  if (!node) return pass(node);
  auto running = to_runs(o, "running");
  if (!running) return pass(running);
  m.protocol = static_cast<int>(*protocol);
  m.node = std::move(*node);
  m.signature = string_or(o, "signature", "");
  if (const json::object* host = json::get_object(o, "host")) m.host = HostInfo::from_json(*host);
  m.engines = detail::to_things<EngineInfo>(o, "engines");
  m.workers = detail::to_things<WorkerInfo>(o, "workers");
  m.running = std::move(*running);
  m.spool_from = int_or(o, "spool_from", 0);
  m.instance = int_or(o, "instance", 0);
  m.public_key = string_or(o, "public_key", "");
  return m;
}

json::object write(const Beat& m) { return {{"type", "beat"}, {"number", m.number}, {"load", m.load}}; }
Result<Beat> read_beat(const json::object& o) { return Beat{int_or(o, "number", 0), json::get_number(o, "load").value_or(0)}; }

json::object write(const Accept& m) { return {{"type", "accept"}, {"run", from_run(m.run)}}; }
Result<Accept> read_accept(const json::object& o) {
  auto run = need_run(o);
  if (!run) return pass(run);
  return Accept{std::move(*run)};
}

json::object write(const Refuse& m) { return {{"type", "refuse"}, {"run", from_run(m.run)}, {"message", m.message}, {"unfit", m.unfit}}; }
Result<Refuse> read_refuse(const json::object& o) {
  auto run = need_run(o);
  if (!run) return pass(run);
  return Refuse{std::move(*run), string_or(o, "message", ""), json::get_bool(o, "unfit").value_or(false)};
}

json::object write(const Announce& m) {
  json::object o{{"type", "announce"}, {"engines", detail::from_things(m.engines)}, {"workers", detail::from_things(m.workers)}};
  if (m.host) o["host"] = m.host->to_json();
  return o;
}
Result<Announce> read_announce(const json::object& o) {
  Announce m{detail::to_things<EngineInfo>(o, "engines"), detail::to_things<WorkerInfo>(o, "workers"), {}};
  if (const json::object* host = json::get_object(o, "host")) m.host = HostInfo::from_json(*host);
  return m;
}

json::object write(const Doing& m) { return {{"type", "doing"}, {"worker", m.worker}, {"activities", detail::from_things(m.activities)}}; }
Result<Doing> read_doing(const json::object& o) {
  auto worker = json::need_string(o, "worker");
  if (!worker) return pass(worker);
  return Doing{std::move(*worker), detail::to_things<Activity>(o, "activities")};
}

json::object write(const Goodbye& m) { return {{"type", "goodbye"}, {"sleeping", m.sleeping}, {"keeps", m.keeps}}; }
Result<Goodbye> read_goodbye(const json::object& o) {
  return Goodbye{json::get_bool(o, "sleeping").value_or(false), json::get_bool(o, "keeps").value_or(false)};
}

json::object write(const Records& m) {
  json::array items;
  for (const Record& r : m.items)
    items.push_back(
        json::object{{"number", r.number}, {"run", from_run(r.run)}, {"kind", to_string(r.kind)}, {"at_ms", r.at_ms}, {"body", r.body}});
  return {{"type", "records"}, {"items", std::move(items)}};
}
Result<Record> read_record(const json::object& o) {
  Record r;
  auto number = json::need_int(o, "number");
  if (!number) return pass(number);
  auto run = need_run(o);
  if (!run) return pass(run);
  auto kind = json::need_string(o, "kind");
  if (!kind) return pass(kind);
  r.number = *number;
  r.run = std::move(*run);
  r.kind = parse_record_kind(*kind).value_or(RecordKind::other);
  r.at_ms = int_or(o, "at_ms", 0);
  if (const json::object* body = json::get_object(o, "body")) r.body = *body;
  return r;
}
Result<Records> read_records(const json::object& o) {
  Records m;
  const json::array* items = json::get_array(o, "items");
  if (!items) return fail(Code::invalid_argument, "\"items\" must be an array");
  for (const json::value& v : *items) {
    if (!v.is_object()) return fail(Code::invalid_argument, "\"items\" must hold records");
    auto record = read_record(v.get_object());
    if (!record) return pass(record);
    m.items.push_back(std::move(*record));
  }
  return m;
}

// ---- the tables --------------------------------------------------------------------------------------------------

template <class Message>
struct Reader {
  std::string_view type;
  Result<Message> (*read)(const json::object&);
};

/// `read` with its answer as one of the variant's.
template <class Message, auto read>
Result<Message> as(const json::object& o) {
  auto m = read(o);
  if (!m) return pass(m);
  return Message(std::move(*m));
}

constexpr std::array<Reader<ToNode>, 12> to_node_readers{{
    {"challenge", as<ToNode, read_challenge>},
    {"welcome", as<ToNode, read_welcome>},
    {"offer", as<ToNode, read_offer>},
    {"acknowledge", as<ToNode, read_acknowledge>},
    {"cancel", as<ToNode, read_cancel>},
    {"drop", as<ToNode, read_drop>},
    {"spares", as<ToNode, read_spares>},
    {"stop", as<ToNode, read_stop>},
    {"beat_answer", as<ToNode, read_beat_answer>},
    {"suspend", as<ToNode, read_suspend>},
    {"define", as<ToNode, read_define>},
    {"wake", as<ToNode, read_wake>},
}};
constexpr std::array<Reader<ToHub>, 8> to_hub_readers{{
    {"hello", as<ToHub, read_hello>},
    {"beat", as<ToHub, read_beat>},
    {"accept", as<ToHub, read_accept>},
    {"refuse", as<ToHub, read_refuse>},
    {"announce", as<ToHub, read_announce>},
    {"doing", as<ToHub, read_doing>},
    {"goodbye", as<ToHub, read_goodbye>},
    {"records", as<ToHub, read_records>},
}};

template <class Message, std::size_t N>
Result<Message> parse_with(const std::array<Reader<Message>, N>& readers, std::string_view text) {
  auto o = json::parse_object(text);
  if (!o) return pass(std::move(o), "link message");
  auto type = json::need_string(*o, "type");
  if (!type) return pass(std::move(type), "link message");
  for (const auto& reader : readers) {
    if (reader.type != *type) continue;
    auto message = reader.read(*o);
    if (!message) return Failure(message.error().within(fmt::format("link message \"{}\"", *type)));
    return message;
  }
  return fail(Code::unsupported, fmt::format("unknown link message \"{}\"", type->substr(0, 40)),
              "the other side may be of a newer version");
}

}  // namespace

std::string format(const ToNode& message) {
  return std::visit([](const auto& m) { return json::dump(write(m)); }, message);
}
std::string format(const ToHub& message) {
  return std::visit([](const auto& m) { return json::dump(write(m)); }, message);
}
Result<ToNode> parse_to_node(std::string_view text) { return parse_with(to_node_readers, text); }
Result<ToHub> parse_to_hub(std::string_view text) { return parse_with(to_hub_readers, text); }

std::optional<RunId> run_of_offer(std::string_view text) {
  const auto o = json::parse_object(text);
  if (!o || string_or(*o, "type", "") != "offer") return std::nullopt;
  auto run = need_run(*o);
  return run ? std::optional(std::move(*run)) : std::nullopt;
}

json::object Finished::to_json() const {
  json::object o{{"outcome", outcome},       {"error", detail::error_or_null(error)},
                 {"retryable", retryable},   {"target", target},
                 {"usage", usage.to_json()}, {"result", result}};
  if (later) o["later_ms"] = later->count();
  return o;
}

Finished Finished::from_json(const json::object& o) {
  Finished f;
  f.outcome = string_or(o, "outcome", "failed");
  f.error = detail::get_error(o, "error");
  f.retryable = json::get_bool(o, "retryable").value_or(true);
  f.target = string_or(o, "target", "");
  if (const json::object* usage = json::get_object(o, "usage")) f.usage = Usage::from_json(*usage);
  if (const auto later = json::get_int(o, "later_ms"); later && *later >= 0) f.later = milliseconds(*later);
  if (const auto it = o.find("result"); it != o.end()) f.result = it->value();
  return f;
}

std::string_view to_string(RecordKind kind) noexcept { return record_kinds[static_cast<std::size_t>(kind)]; }

std::optional<RecordKind> parse_record_kind(std::string_view word) noexcept {
  for (std::size_t i = 0; i < record_kinds.size(); ++i)
    if (record_kinds[i] == word) return static_cast<RecordKind>(i);
  return std::nullopt;
}

}  // namespace flotte::wire
