// libyaml's events, put together.
#include "cli/import/yaml.hpp"

#include <fmt/format.h>
#include <yaml.h>

#include <charconv>
#include <cmath>
#include <map>
#include <string>

namespace flotte::cli {
namespace {

std::string_view text_of(const yaml_char_t* text, std::size_t size) { return {reinterpret_cast<const char*>(text), size}; }

/// A plain scalar by the core schema (YAML 1.2.2, 10.3.2).
json::value resolve(std::string_view plain) {
  if (plain.empty() || plain == "~" || plain == "null" || plain == "Null" || plain == "NULL") return nullptr;
  if (plain == "true" || plain == "True" || plain == "TRUE") return true;
  if (plain == "false" || plain == "False" || plain == "FALSE") return false;
  const char* end = plain.data() + plain.size();
  const std::string_view digits = plain.front() == '+' ? plain.substr(1) : plain;
  std::int64_t whole = 0;
  if (const auto [stop, error] = std::from_chars(digits.data(), end, whole); error == std::errc() && stop == end) return whole;
  double number = 0;
  const bool numeric = digits.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
  if (const auto [stop, error] = std::from_chars(digits.data(), end, number);
      numeric && error == std::errc() && stop == end && std::isfinite(number))
    return number;
  return json::value(plain);
}

class Reader {
 public:
  explicit Reader(std::string_view text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~Reader() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Result<json::value> read() {
    while (advance())
      if (event_.type == YAML_DOCUMENT_START_EVENT || event_.type == YAML_STREAM_END_EVENT) break;
    if (problem_.empty() && event_.type == YAML_STREAM_END_EVENT) return json::value(nullptr);
    json::value root = advance() ? read_value(0) : json::value(nullptr);
    if (!problem_.empty()) return fail(Code::invalid_argument, problem_);
    return root;
  }

 private:
  bool advance() {
    if (!problem_.empty()) return false;
    yaml_event_delete(&event_);
    if (yaml_parser_parse(&parser_, &event_) == 1) return true;
    event_.type = YAML_NO_EVENT;
    refuse(parser_.problem ? parser_.problem : "not YAML", parser_.problem_mark.line);
    return false;
  }

  json::value refuse(std::string_view what, std::size_t line) {
    if (problem_.empty()) problem_ = fmt::format("line {}: {}", line + 1, what);
    return nullptr;
  }

  bool count(std::size_t values) {
    values_ += values;
    if (values_ <= yaml_value_limit) return true;
    refuse(fmt::format("more than {} values", yaml_value_limit), event_.start_mark.line);
    return false;
  }

  static std::size_t size_of(const json::value& value) {
    std::size_t sum = 1;
    if (const auto* array = value.if_array())
      for (const json::value& element : *array) sum += size_of(element);
    if (const auto* object = value.if_object())
      for (const auto& member : *object) sum += size_of(member.value());
    return sum;
  }

  json::value remember(const yaml_char_t* anchor, json::value value) {
    if (anchor) anchors_[reinterpret_cast<const char*>(anchor)] = value;
    return value;
  }

  /// `event_` begins it; afterwards `event_` is its end.
  json::value read_value(int depth) {
    if (!count(1)) return nullptr;
    if (depth > yaml_depth_limit) return refuse("nested too deeply", event_.start_mark.line);
    switch (event_.type) {
      case YAML_SCALAR_EVENT: {
        const auto& scalar = event_.data.scalar;
        const std::string_view text = text_of(scalar.value, scalar.length);
        return remember(scalar.anchor, scalar.style == YAML_PLAIN_SCALAR_STYLE ? resolve(text) : json::value(text));
      }
      case YAML_ALIAS_EVENT: {
        const auto at = anchors_.find(reinterpret_cast<const char*>(event_.data.alias.anchor));
        if (at == anchors_.end()) return refuse("an alias without its anchor", event_.start_mark.line);
        return count(size_of(at->second)) ? at->second : json::value(nullptr);
      }
      case YAML_SEQUENCE_START_EVENT: return read_sequence(depth);
      case YAML_MAPPING_START_EVENT: return read_mapping(depth);
      default: return refuse("a value is missing", event_.start_mark.line);
    }
  }

  static std::string take_anchor(const yaml_char_t* anchor) { return anchor ? reinterpret_cast<const char*>(anchor) : std::string(); }

  json::value read_sequence(int depth) {
    const std::string anchor = take_anchor(event_.data.sequence_start.anchor);
    json::array out;
    while (advance() && event_.type != YAML_SEQUENCE_END_EVENT) out.push_back(read_value(depth + 1));
    json::value made(std::move(out));
    if (!anchor.empty()) anchors_[anchor] = made;
    return made;
  }

  json::value read_mapping(int depth) {
    const std::string anchor = take_anchor(event_.data.mapping_start.anchor);
    json::object out, merged;
    while (advance() && event_.type != YAML_MAPPING_END_EVENT) {
      if (event_.type != YAML_SCALAR_EVENT) return refuse("a key that is no text", event_.start_mark.line);
      const std::string key(text_of(event_.data.scalar.value, event_.data.scalar.length));
      if (!advance()) break;
      json::value value = read_value(depth + 1);
      if (key == "<<")
        merge(value, merged);
      else
        out[key] = std::move(value);
    }
    for (auto& member : merged) out.emplace(member.key(), std::move(member.value()));  // what stands here itself counts more
    json::value made(std::move(out));
    if (!anchor.empty()) anchors_[anchor] = made;
    return made;
  }

  static void merge(const json::value& from, json::object& into) {
    if (const auto* object = from.if_object())
      for (const auto& member : *object) into.emplace(member.key(), member.value());
    if (const auto* array = from.if_array())
      for (const json::value& element : *array)
        if (element.is_object()) merge(element, into);
  }

  yaml_parser_t parser_{};
  yaml_event_t event_{};
  std::map<std::string, json::value, std::less<>> anchors_;
  std::size_t values_ = 0;
  std::string problem_;
};

}  // namespace

Result<json::value> parse_yaml(std::string_view text) {
  if (text.size() > yaml_size_limit) return fail(Code::too_large, fmt::format("larger than {} bytes", yaml_size_limit));
  return Reader(text).read();
}

}  // namespace flotte::cli
