// For tests only: reads Prometheus' text format (version 0.0.4) and says what is wrong with it.
#pragma once
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace flotte::prometheus {

struct Text {
  std::map<std::string, double> samples;     // "name{labels}" as written
  std::map<std::string, std::string> types;  // of families
  std::string problem;                       // the first one, with its line; empty: none
  /// NaN where there is no such sample.
  double value(const std::string& sample) const {
    const auto it = samples.find(sample);
    return it == samples.end() ? std::nan("") : it->second;
  }
};

namespace detail {

inline bool is_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':')) return false;
  return true;
}

/// The size of `{a="b",...}` at the beginning of `text`; npos where it is broken.
inline std::size_t labels_size(std::string_view text) {
  std::size_t i = 1;
  std::set<std::string> seen;
  while (i < text.size()) {
    const std::size_t equals = text.find("=\"", i);
    if (equals == std::string_view::npos || !is_name(text.substr(i, equals - i))) return std::string_view::npos;
    if (!seen.insert(std::string(text.substr(i, equals - i))).second) return std::string_view::npos;
    for (i = equals + 2; i < text.size() && text[i] != '"'; ++i) {
      if (text[i] != '\\') continue;
      ++i;
      if (i >= text.size() || std::string_view("\\\"n").find(text[i]) == std::string_view::npos) return std::string_view::npos;
    }
    ++i;  // the closing quote
    if (i < text.size() && text[i] == '}') return i + 1;
    if (i >= text.size() || text[i] != ',') return std::string_view::npos;
    ++i;
  }
  return std::string_view::npos;
}

inline std::string family_of(const Text& text, const std::string& name) {
  for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) {
    if (!std::string_view(name).ends_with(suffix)) continue;
    const std::string base = name.substr(0, name.size() - suffix.size());
    if (const auto it = text.types.find(base); it != text.types.end() && it->second == "histogram") return base;
  }
  return name;
}

inline std::string read_line(Text& out, std::string_view line, std::string& family) {
  if (line.starts_with("# TYPE ")) {
    const std::string_view rest = line.substr(7);
    const std::size_t space = rest.find(' ');
    const std::string name(rest.substr(0, space)), type(rest.substr(std::min(space + 1, rest.size())));
    if (type != "counter" && type != "gauge" && type != "histogram") return "unknown type";
    if (!out.types.emplace(name, type).second) return "a second TYPE of one family";
    family = name;
    return "";
  }
  if (line.starts_with("#")) return line.starts_with("# HELP ") ? "" : "a comment that says nothing";
  const std::size_t end = line.find_first_of("{ ");
  const std::string name(line.substr(0, end));
  if (end == std::string_view::npos || !is_name(name)) return "no name";
  std::size_t size = end;
  if (line[end] == '{') {
    const std::size_t labels = labels_size(line.substr(end));
    if (labels == std::string_view::npos) return "broken labels";
    size += labels;
  }
  if (size >= line.size() || line[size] != ' ') return "no value";
  const std::string value(line.substr(size + 1));
  char* stop = nullptr;
  const double number = std::strtod(value.c_str(), &stop);
  if (value.empty() || *stop != '\0') return "a value that is no number";
  if (family_of(out, name) != family) return "a sample outside its family";
  if (out.types.at(family) == "counter" && number < 0) return "a counter below zero";
  if (!out.samples.emplace(line.substr(0, size), number).second) return "a sample twice";
  return "";
}

}  // namespace detail

inline Text parse(std::string_view text) {
  Text out;
  std::string family;
  if (!text.empty() && text.back() != '\n') out.problem = "the last line does not end";
  while (!text.empty() && out.problem.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (const std::string problem = detail::read_line(out, line, family); !problem.empty())
      out.problem = problem + ": " + std::string(line);
  }
  // Buckets grow, and the last one is the count.
  for (const auto& [sample, count] : out.samples) {
    const std::size_t brace = sample.find("_count");
    if (brace == std::string::npos || !out.types.contains(sample.substr(0, brace)) || out.types.at(sample.substr(0, brace)) != "histogram")
      continue;
    std::string infinite = sample.substr(0, brace) + "_bucket" + sample.substr(brace + 6);
    if (infinite.ends_with('}'))
      infinite.replace(infinite.size() - 1, 1, ",le=\"+Inf\"}");
    else
      infinite += "{le=\"+Inf\"}";
    if (out.value(infinite) != count && out.problem.empty()) out.problem = "the last bucket is not the count: " + sample;
  }
  return out;
}

}  // namespace flotte::prometheus
