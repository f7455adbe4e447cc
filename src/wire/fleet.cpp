// Nodes, engines, workers and activities as JSON.
#include "wire/fleet.hpp"

#include <algorithm>

#include "wire/detail/fields.hpp"
#include "wire/features.hpp"

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
  a.progress = std::min(json::get_number(o, "progress").value_or(-1), 1.0);
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
          {"labels", detail::from_strings(labels)},
          {"capacity", capacity.to_json()},
          {"seen", detail::from_things(seen)},
          {"wake", wake},
          {"features", detail::from_strings(features)}};
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
  if (const json::object* capacity = json::get_object(o, "capacity")) h.capacity = Capacity::from_json(*capacity);
  h.seen = detail::to_things<Seen>(o, "seen");
  h.wake = json::get_bool(o, "wake").value_or(false);
  h.features = json::strings(o, "features");
  return h;
}

std::vector<std::string> HostInfo::all_labels() const {
  std::vector<std::string> out = labels;
  for (std::string& label : capacity.labels()) out.push_back(std::move(label));
  for (std::string& size : capacity.sizes()) out.push_back(std::move(size));
  for (const std::string& feature : features) out.push_back(feature_label(feature));
  out.push_back(version_label(version));
  return out;
}

json::object Waking::to_json() const {
  return {{"since", to_rfc3339(since)},
          {"last", to_rfc3339(last)},
          {"packets", packets},
          {"by", by},
          {"why", why.empty() ? json::value(nullptr) : json::value(why)}};
}

json::object NodeView::to_json() const {
  // What is known of the machine stands beside it, not inside.
  json::object machine = host.to_json();
  const json::value capacity = machine.at("capacity"), seen = machine.at("seen"), wake = machine.at("wake");
  for (const char* name : {"capacity", "seen", "wake"}) machine.erase(name);
  return {{"id", id},
          {"name", name},
          {"state", state},
          {"epoch", epoch},
          {"home", home},
          {"host", std::move(machine)},
          {"capacity", capacity},
          {"seen", seen},
          {"wake", wake},
          {"waking", waking ? json::value(waking->to_json()) : json::value(nullptr)},
          {"load", load},
          {"seen_at", detail::time_or_null(seen_at)},
          {"engines", detail::from_things(engines)},
          {"labels", detail::from_strings(labels)},
          {"suspended_until", detail::time_or_null(suspended_until)}};
}

json::object WorkerView::to_json() const {
  json::object o = info.to_json();
  o["id"] = id;
  o["node"] = node;
  o["state"] = state;
  o["origin"] = origin;
  o["message"] = message.empty() ? json::value(nullptr) : json::value(message);
  o["activities"] = detail::from_things(activities);
  o["done"] = done;
  o["failed"] = failed;
  return o;
}

}  // namespace flotte::wire
