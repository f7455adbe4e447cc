// Reading rules and holding them against a request. Looking at the request is in request_facts.cpp.
#include "route/rules.hpp"

#include <fmt/ranges.h>

#include "route/table.hpp"

namespace flotte::route {
namespace {

Failure wrong(std::string what, std::string hint = {}) { return fail(Code::invalid_argument, std::move(what), std::move(hint)); }

/// "22:00" as minutes of the day.
std::optional<int> parse_time(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
  const int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
  if (hour > 23 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

Result<When> parse_when(const json::object& table, std::size_t number) {
  When when;
  for (const auto& [name, value] : table) {
    const std::string_view key = name;
    const auto text = value.is_string() ? std::optional<std::string_view>(std::string_view(value.get_string())) : std::nullopt;
    bool good = false;
    if (key == "min_tokens" || key == "max_tokens") {
      auto& place = key == "min_tokens" ? when.min_tokens : when.max_tokens;
      if (value.is_int64() && value.get_int64() >= 0) place = value.get_int64();
      good = place.has_value();
    } else if (key == "images" || key == "tools") {
      auto& place = key == "images" ? when.images : when.tools;
      if (value.is_bool()) place = value.get_bool();
      good = place.has_value();
    } else if (key == "key" || key == "label") {
      auto& place = key == "key" ? when.key : when.label;
      place = text.value_or("");
      good = !place.empty();
    } else if (key == "after" || key == "before") {
      auto& place = key == "after" ? when.after : when.before;
      if (text) place = parse_time(*text);
      good = place.has_value();
      if (!good) return wrong(fmt::format("rule {}: `{}` must be a time of the day such as \"22:00\"", number, key));
    } else {
      return wrong(fmt::format("rule {}: `when` has no \"{}\"", number, key),
                   "it has min_tokens, max_tokens, images, tools, key, label, after and before");
    }
    if (!good) return wrong(fmt::format("rule {}: the value of `{}` is wrong", number, key));
  }
  return when;
}

bool among_labels(std::string_view pattern, std::string_view labels) noexcept {
  while (!labels.empty()) {
    const std::size_t comma = labels.find(',');
    std::string_view label = labels.substr(0, comma);
    labels = comma == std::string_view::npos ? std::string_view() : labels.substr(comma + 1);
    while (label.starts_with(' ')) label.remove_prefix(1);
    while (label.ends_with(' ')) label.remove_suffix(1);
    if (!label.empty() && matches_pattern(pattern, label)) return true;
  }
  return false;
}

bool in_time(const When& when, int minute) noexcept {
  if (when.after && when.before && *when.after > *when.before) return minute >= *when.after || minute < *when.before;  // over midnight
  return minute >= when.after.value_or(0) && minute < when.before.value_or(24 * 60);
}

std::string clock(int minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); }

}  // namespace

bool matches(const When& when, const Circumstances& now) noexcept {
  if (when.min_tokens && now.facts.tokens < *when.min_tokens) return false;
  if (when.max_tokens && now.facts.tokens > *when.max_tokens) return false;
  if (when.images && *when.images != now.facts.images) return false;
  if (when.tools && *when.tools != now.facts.tools) return false;
  if (!when.key.empty() && !matches_pattern(when.key, now.key_name) && when.key != now.key_id) return false;
  if (!when.label.empty() && !among_labels(when.label, now.labels)) return false;
  return in_time(when, now.minute_of_day);
}

std::string describe(const std::optional<When>& when) {
  if (!when) return "otherwise";
  std::vector<std::string> parts;
  if (when->min_tokens) parts.push_back(fmt::format("min_tokens {}", *when->min_tokens));
  if (when->max_tokens) parts.push_back(fmt::format("max_tokens {}", *when->max_tokens));
  if (when->images) parts.emplace_back(*when->images ? "images" : "no images");
  if (when->tools) parts.emplace_back(*when->tools ? "tools" : "no tools");
  if (!when->key.empty()) parts.push_back("key " + when->key);
  if (!when->label.empty()) parts.push_back("label " + when->label);
  if (when->after) parts.push_back("after " + clock(*when->after));
  if (when->before) parts.push_back("before " + clock(*when->before));
  return fmt::format("{}", fmt::join(parts, ", "));
}

Result<std::vector<RuleSpec>> parse_rules(const json::array& rules) {
  std::vector<RuleSpec> out;
  for (const json::value& value : rules) {
    const std::size_t number = out.size() + 1;
    if (!value.is_object())
      return wrong(fmt::format("rule {} must be a table such as {{ when = {{ images = true }}, model = \"...\" }}", number));
    const json::object& table = value.get_object();
    RuleSpec rule{.model = json::string_or(table, "model", "")};
    if (rule.model.empty()) return wrong(fmt::format("rule {} needs a `model`", number));
    if (const json::object* when = json::get_object(table, "when"); when && !when->empty()) {
      auto parsed = parse_when(*when, number);
      if (!parsed) return pass(parsed);
      rule.when = std::move(*parsed);
    } else if (number != rules.size()) {
      return wrong(fmt::format("rule {} has no `when`, so no rule behind it is ever met", number), "put it last");
    }
    out.push_back(std::move(rule));
  }
  if (out.empty() || out.back().when) return wrong("the last rule needs to be one without `when`", "it is what all other requests get");
  return out;
}

}  // namespace flotte::route
