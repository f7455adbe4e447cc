// Needs of tasks and what workers have.
#include "fleet/need.hpp"

#include <algorithm>
#include <charconv>

#include "base/units.hpp"
#include "wire/features.hpp"

namespace flotte::fleet {
namespace {

bool kind_fits(wire::TaskKind task, std::string_view worker) {
  switch (task) {
    case wire::TaskKind::prompt:
    case wire::TaskKind::document: return worker == "model";
    case wire::TaskKind::command: return worker == "command";
    case wire::TaskKind::agent: return worker == "agent";
  }
  return false;
}

/// At most `limit` bytes, cut between characters, on one line.
std::string one_line(std::string_view text, std::size_t limit) {
  std::string out;
  bool space = false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ') {
      space = !out.empty();
      continue;
    }
    if (space) out += ' ';
    space = false;
    out += c;
    if (out.size() > limit) break;
  }
  if (out.size() <= limit) return out;
  std::size_t end = limit - 3;
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
  return out.substr(0, end) + "…";
}

/// "engine@node/model" is work for who works with that model; which engine answers is the gateway's matter.
bool names_an_engine(std::string_view asked, std::string_view has) {
  const std::size_t slash = asked.find('/');
  return slash != std::string_view::npos && asked.substr(0, slash).find('@') != std::string_view::npos && asked.substr(slash + 1) == has;
}

bool model_fits(std::string_view asked, std::string_view has) {
  if (asked == has || names_an_engine(asked, has)) return true;
  if (!has.ends_with("/*")) return false;
  has.remove_suffix(1);
  return asked.starts_with(has) && asked.size() > has.size();
}

void add_part(std::string& key, std::string_view part) {
  for (const char c : part) {  // so that no name can pose as two
    if (c == '|' || c == '\\') key += '\\';
    key += c;
  }
  key += '|';
}

}  // namespace

Need need_of(const wire::TaskSpec& spec) {
  Need need;
  need.kind = spec.kind;
  need.model = spec.model;
  need.node = spec.node;
  need.worker = spec.worker;
  if (const std::size_t at = need.worker.rfind('@'); at != std::string::npos && need.node.empty()) {
    need.node = need.worker.substr(at + 1);
    need.worker.resize(at);
  }
  need.labels = spec.labels;
  for (const std::string& feature : wire::required_features(spec)) need.labels.push_back(wire::feature_label(feature));
  std::sort(need.labels.begin(), need.labels.end());
  need.labels.erase(std::unique(need.labels.begin(), need.labels.end()), need.labels.end());
  need.exclusive = spec.exclusive;
  return need;
}

Mismatch compare(const Need& need, const Place& place) {
  if (!kind_fits(need.kind, place.kind)) return Mismatch::kind;
  if (!need.worker.empty() && need.worker != place.worker) return Mismatch::worker;
  if (!need.node.empty() && need.node != place.node) return Mismatch::node;
  if (!need.model.empty() && place.kind == "model" && !model_fits(need.model, place.model)) return Mismatch::model;
  for (const std::string& label : need.labels)
    if (!has_label(place.labels, label)) return Mismatch::label;
  return Mismatch::none;
}

bool has_label(const std::vector<std::string>& labels, std::string_view wanted) {
  const auto there = [&labels](std::string_view word) { return std::find(labels.begin(), labels.end(), word) != labels.end(); };
  if (wanted.starts_with('!')) return !there(wanted.substr(1));
  const std::size_t at = wanted.find(">=");
  if (at == std::string_view::npos) return there(wanted);
  const std::string name = std::string(wanted.substr(0, at)) + "=";
  const auto least = parse_size(wanted.substr(at + 2));
  if (!least) return false;
  const std::uint64_t unit = name == "cores=" ? 1 : 1024 * 1024;  // sizes of machines are in MiB
  return std::any_of(labels.begin(), labels.end(), [&](const std::string& label) {
    std::uint64_t has = 0;
    if (!label.starts_with(name)) return false;
    const auto [end, error] = std::from_chars(label.data() + name.size(), label.data() + label.size(), has);
    return error == std::errc() && end == label.data() + label.size() && has * unit >= *least;
  });
}

std::string flow_key(std::string_view owner, std::string_view project, const Need& need, std::int64_t batch, std::int64_t concurrency) {
  std::string key;
  add_part(key, owner);
  add_part(key, project);
  add_part(key, wire::to_string(need.kind));
  add_part(key, need.model);
  add_part(key, need.node);
  add_part(key, need.worker);
  std::string labels;
  for (const std::string& label : need.labels) add_part(labels, label);
  add_part(key, labels);
  key += need.exclusive ? "x|" : "|";
  key += std::to_string(batch);
  if (concurrency > 0) key += "|" + std::to_string(concurrency);
  return key;
}

std::string title_of(const wire::TaskSpec& spec) {
  constexpr std::size_t limit = 80;
  if (!spec.title.empty()) return spec.title;
  switch (spec.kind) {
    case wire::TaskKind::prompt: return one_line(json::string_or(spec.input, "prompt", ""), limit);
    case wire::TaskKind::document: return one_line(json::string_or(spec.input, "name", ""), limit);
    case wire::TaskKind::agent: return one_line(json::string_or(spec.input, "text", ""), limit);
    case wire::TaskKind::command: break;
  }
  std::string line;
  for (const std::string& word : json::strings(spec.input, "argv")) line += (line.empty() ? "" : " ") + word;
  return one_line(line, limit);
}

}  // namespace flotte::fleet
