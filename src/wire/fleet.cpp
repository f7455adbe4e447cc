// Nodes, engines, workers and activities as JSON.
#include "wire/fleet.hpp"

#include "wire/detail/fields.hpp"

namespace flotte::wire {

json::object EngineInfo::to_json() const {
  json::object o{{"name", name},
                 {"kind", kind},
                 {"state", state},
                 {"models", detail::from_strings(models)},
                 {"slots", slots},
                 {"context_tokens", context_tokens},
                 {"demonstration", demonstration}};
  if (!message.empty()) o["message"] = message;
  return o;
}

EngineInfo EngineInfo::from_json(const json::object& o) {
  EngineInfo e;
  e.name = json::string_or(o, "name", "");
  e.kind = json::string_or(o, "kind", "");
  e.state = json::string_or(o, "state", "starting");
  e.models = json::strings(o, "models");
  e.slots = static_cast<int>(json::int_or(o, "slots", 1));
  e.context_tokens = json::int_or(o, "context_tokens", 0);
  e.demonstration = json::get_bool(o, "demonstration").value_or(false);
  e.message = json::string_or(o, "message", "");
  return e;
}

json::object WorkerInfo::to_json() const {
  return {{"name", name},          {"kind", kind}, {"model", model}, {"slots", slots}, {"labels", detail::from_strings(labels)},
          {"exclusive", exclusive}};
}

WorkerInfo WorkerInfo::from_json(const json::object& o) {
  WorkerInfo w;
  w.name = json::string_or(o, "name", "");
  w.kind = json::string_or(o, "kind", "");
  w.model = json::string_or(o, "model", "");
  w.slots = static_cast<int>(json::int_or(o, "slots", 1));
  w.labels = json::strings(o, "labels");
  w.exclusive = json::get_bool(o, "exclusive").value_or(false);
  return w;
}

json::object Activity::to_json() const {
  return {{"task", task},
          {"title", title},
          {"fence", fence},
          {"step", step},
          {"target", target},
          {"tail", tail},
          {"output_tokens", output_tokens},
          {"progress", progress < 0 ? json::value(nullptr) : json::value(progress)},
          {"since", to_rfc3339(from_ms(since_ms))}};
}

Activity Activity::from_json(const json::object& o) {
  Activity a;
  a.task = json::string_or(o, "task", "");
  a.title = json::string_or(o, "title", "");
  a.fence = json::int_or(o, "fence", 0);
  a.step = json::string_or(o, "step", "");
  a.target = json::string_or(o, "target", "");
  a.tail = json::string_or(o, "tail", "");
  a.output_tokens = json::int_or(o, "output_tokens", 0);
  a.progress = json::get_number(o, "progress").value_or(-1);
  if (const auto since = detail::get_time(o, "since")) a.since_ms = to_ms(*since);
  return a;
}

json::object HostInfo::to_json() const {
  return {{"hostname", hostname},
          {"os", os},
          {"arch", arch},
          {"version", version},
          {"cpus", cpus},
          {"memory_mb", memory_mb},
          {"labels", detail::from_strings(labels)}};
}

HostInfo HostInfo::from_json(const json::object& o) {
  HostInfo h;
  h.hostname = json::string_or(o, "hostname", "");
  h.os = json::string_or(o, "os", "");
  h.arch = json::string_or(o, "arch", "");
  h.version = json::string_or(o, "version", "");
  h.cpus = static_cast<int>(json::int_or(o, "cpus", 0));
  h.memory_mb = json::int_or(o, "memory_mb", 0);
  h.labels = json::strings(o, "labels");
  return h;
}

json::object NodeView::to_json() const {
  return {{"id", id},
          {"name", name},
          {"state", state},
          {"epoch", epoch},
          {"home", home},
          {"host", host.to_json()},
          {"load", load},
          {"seen_at", detail::time_or_null(seen_at)},
          {"engines", detail::from_things(engines)},
          {"labels", detail::from_strings(labels)}};
}

json::object WorkerView::to_json() const {
  json::object o = info.to_json();
  o["id"] = id;
  o["node"] = node;
  o["state"] = state;
  o["activities"] = detail::from_things(activities);
  o["done"] = done;
  o["failed"] = failed;
  return o;
}

}  // namespace flotte::wire
