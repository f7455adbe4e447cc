// The places where providers say "later".
#include "route/later.hpp"

#include <time.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/json.hpp"

namespace flotte::route {
namespace {

constexpr double longest_ms = 400.0 * 86'400'000;  // more is no time to wait but a mistake

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<milliseconds> from_double(double ms) {
  if (!(ms >= 0) || ms > longest_ms) return std::nullopt;
  return milliseconds(static_cast<std::int64_t>(std::ceil(ms)));
}

std::optional<milliseconds> until(WallTime then, WallTime now) { return std::max(milliseconds(0), then - now); }

/// The number at the front of `text`, which loses it.
std::optional<double> take_number(std::string_view& text) {
  double number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || stop == text.data() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return number;
}

/// "6ms", "1m30s": numbers with units, nothing else.
std::optional<milliseconds> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view word;
    double ms;
  };
  // The longer word first: "m" is also the beginning of "ms".
  static constexpr Unit units[] = {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  double sum = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    const Unit* found = nullptr;
    for (const Unit& unit : units)
      if (text.starts_with(unit.word)) {
        found = &unit;
        break;
      }
    if (!found) return std::nullopt;
    text.remove_prefix(found->word.size());
    sum += *number * found->ms;
  }
  return from_double(sum);
}

std::optional<milliseconds> parse_http_date(std::string_view text, WallTime now) {
  tm date{};
  const std::string copy(text);
  if (!strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date)) return std::nullopt;
  return until(from_ms(static_cast<std::int64_t>(timegm(&date)) * 1'000), now);
}

std::optional<milliseconds> parse_number(std::string_view text, double unit_ms, WallTime now) {
  const auto number = take_number(text);
  if (!number || !text.empty()) return std::nullopt;
  // Nobody asks to wait for thirty years: that large it is a time since 1970.
  if (*number >= 1e12 && *number < 1e14) return until(from_ms(static_cast<std::int64_t>(*number)), now);
  if (*number >= 1e9 && *number < 1e11) return until(from_ms(static_cast<std::int64_t>(*number * 1'000)), now);
  return from_double(*number * unit_ms);
}

/// `words` in lower case.
std::size_t find_word(std::string_view text, std::string_view words) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; };
  const auto* const at = std::search(text.begin(), text.end(), words.begin(), words.end(), same);
  return at == text.end() ? std::string_view::npos : static_cast<std::size_t>(at - text.begin());
}

bool contains(std::string_view text, std::string_view words) { return find_word(text, words) != std::string_view::npos; }

template <std::size_t N>
bool contains_any(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(), [text](std::string_view word) { return contains(text, word); });
}

/// `longest` becomes the longer of both.
void take_longer(std::optional<milliseconds>& longest, std::optional<milliseconds> other) {
  if (other && (!longest || *other > *longest)) longest = other;
}

// ---- the body

constexpr std::array<std::string_view, 10> spend_codes{
    "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "billing_error",       "insufficient_balance",
    "insufficient_funds", "insufficient_credits",       "credits_exhausted",  "spend_limit_reached", "budget_exceeded"};
constexpr std::array<std::string_view, 10> spend_words{
    "credit balance", "insufficient balance", "insufficient credit", "out of credits",   "billing hard limit",
    "spend limit",    "spending limit",       "spending cap",        "payment required", "specified api usage limits"};
constexpr std::array<std::string_view, 4> quota_codes{"rate_limit_error", "rate_limit_exceeded", "resource_exhausted",
                                                      "usage_limit_reached"};
constexpr std::array<std::string_view, 3> overload_codes{"overloaded_error", "server_is_overloaded", "slow_down"};

/// What the body of an error says, gathered from its dialects.
struct Said {
  std::string codes;  // type, code and status, one a line
  std::string message;
  std::optional<milliseconds> wait;
  bool account = false, per_model = false;
};

std::optional<milliseconds> wait_of(const json::value* value, WallTime now) {
  if (!value) return std::nullopt;
  if (value->is_string()) return parse_wait(std::string_view(value->get_string().data(), value->get_string().size()), now);
  if (value->is_int64()) return parse_wait(fmt::format("{}", value->get_int64()), now);
  if (value->is_double()) return parse_wait(fmt::format("{:.3f}", value->get_double()), now);
  return std::nullopt;
}

/// One element of Gemini's `error.details`.
void read_detail(const json::object& detail, WallTime now, Said& said) {
  take_longer(said.wait, wait_of(detail.if_contains("retryDelay"), now));
  if (const json::object* metadata = json::get_object(detail, "metadata"))
    take_longer(said.wait, wait_of(metadata->if_contains("quotaResetDelay"), now));
  const json::array* violations = json::get_array(detail, "violations");
  if (!violations) return;
  for (const json::value& violation : *violations) {
    if (!violation.is_object()) continue;
    const std::string id = json::string_or(violation.get_object(), "quotaId", "");
    (contains(id, "permodel") ? said.per_model : said.account) = true;
  }
}

void read_error(const json::object& error, WallTime now, Said& said) {
  for (const char* name : {"type", "code", "status"})
    if (const auto word = json::get_string(error, name)) said.codes.append(*word).append("\n");
  if (const auto message = json::get_string(error, "message"); message && said.message.empty()) said.message = *message;
  take_longer(said.wait, wait_of(error.if_contains("resets_in_seconds"), now));
  if (!said.wait) take_longer(said.wait, wait_of(error.if_contains("resets_at"), now));
  if (const json::array* details = json::get_array(error, "details")) {
    for (const json::value& detail : *details)
      if (detail.is_object()) read_detail(detail.get_object(), now, said);
  }
}

Said read_body(std::string_view body, WallTime now) {
  Said said;
  const auto parsed = body.size() > 64 * 1024 ? Result<json::value>(fail(Code::too_large, "")) : json::parse(body);
  if (!parsed) return said;
  const json::value* root = &*parsed;
  // Gemini's JSON stream wraps its error in a list.
  if (root->is_array() && !root->get_array().empty()) root = &root->get_array().front();
  if (!root->is_object()) return said;
  const json::object& object = root->get_object();
  if (const json::object* error = json::get_object(object, "error")) {
    read_error(*error, now, said);
  } else {
    read_error(object, now, said);
    if (const auto text = json::get_string(object, "error"); text && said.message.empty()) said.message = *text;
  }
  if (const json::object* response = json::get_object(object, "response"))  // response.failed
    if (const json::object* error = json::get_object(*response, "error")) read_error(*error, now, said);
  return said;
}

/// "Please try again in 1m30.5s.", "Please retry in 34.07s."
std::optional<milliseconds> wait_in_words(std::string_view message, WallTime now) {
  for (const std::string_view words : {std::string_view("try again in "), std::string_view("retry in ")}) {
    const std::size_t at = message.find(words);
    if (at == std::string_view::npos) continue;
    std::string_view time = message.substr(at + words.size());
    time = time.substr(0, time.find_first_not_of("0123456789.mshd"));
    while (time.ends_with('.')) time.remove_suffix(1);
    if (const auto wait = parse_duration(time); wait && !time.empty()) return parse_wait(time, now);
  }
  return std::nullopt;
}

// ---- the head

/// The resets of the limits that a provider counts aloud. Those with nothing left count; where none says so, the one that comes first.
std::optional<milliseconds> reset_of_limits(const http::Headers& headers, WallTime now) {
  std::optional<milliseconds> exhausted, soonest;
  for (const auto& [name, value] : headers) {
    if (!contains(name, "ratelimit")) continue;
    const std::size_t at = find_word(name, "reset");
    if (at == std::string_view::npos) continue;
    const auto wait = name.ends_with("-ms") ? parse_number(trimmed(value), 1, now) : parse_wait(value, now);
    if (!wait) continue;
    // "x-ratelimit-reset-tokens" goes with "x-ratelimit-remaining-tokens".
    std::string remaining(name.substr(0, at));
    remaining.append("remaining").append(name.substr(at + 5));
    if (remaining.ends_with("-ms")) remaining.resize(remaining.size() - 3);
    const auto left = headers.get(remaining);
    if (left && trimmed(*left) == "0") take_longer(exhausted, wait);
    if (!soonest || *wait < *soonest) soonest = wait;
  }
  return exhausted ? exhausted : soonest;
}

LaterKind kind_of(int status, const Said& said, bool time_named) {
  if (status == 402 || contains_any(said.codes, spend_codes)) return LaterKind::spend;
  if (status >= 400 && status <= 429 && contains_any(said.message, spend_words)) return LaterKind::spend;
  // Gemini says the same of a limit per minute, but names its time.
  if (status == 429 && !time_named && contains(said.message, "billing details")) return LaterKind::spend;
  if (status == 429) return LaterKind::quota;
  const bool said_in_words = status < 300 || status >= 500;
  if (said_in_words && contains_any(said.codes, quota_codes)) return LaterKind::quota;
  if ((status == 503 || status == 529) && time_named) return LaterKind::overloaded;
  if (said_in_words && time_named && contains_any(said.codes, overload_codes)) return LaterKind::overloaded;
  return LaterKind::none;
}

}  // namespace

std::optional<milliseconds> parse_wait(std::string_view text, WallTime now) {
  text = trimmed(text);
  if (text.empty() || text.size() > 64) return std::nullopt;
  if (auto wait = parse_number(text, 1'000, now)) return wait;
  if (auto wait = parse_duration(text)) return wait;
  if (const auto then = parse_rfc3339(text)) return until(*then, now);
  return parse_http_date(text, now);
}

std::optional<milliseconds> retry_after(const http::Headers& headers, WallTime now) {
  for (const char* name : {"retry-after-ms", "x-ms-retry-after-ms"})
    if (const auto text = headers.get(name))
      if (const auto wait = parse_number(trimmed(*text), 1, now)) return wait;
  const auto text = headers.get("retry-after");
  return text ? parse_wait(*text, now) : std::nullopt;
}

Later read_later(int status, const http::Headers& headers, std::string_view body, WallTime now) {
  Later later;
  const Said said = read_body(body, now);
  later.wait = retry_after(headers, now);
  if (!later.wait) later.wait = said.wait;
  const bool time_named = later.wait.has_value();
  later.kind = kind_of(status, said, time_named);
  if (later.kind == LaterKind::none) return {};
  if (!later.wait && later.kind == LaterKind::quota) later.wait = reset_of_limits(headers, now);
  if (!later.wait && later.kind == LaterKind::quota) later.wait = wait_in_words(said.message, now);
  const bool whole_account =
      later.kind == LaterKind::spend || (said.account && !said.per_model) || contains(said.codes, "usage_limit_reached");
  later.scope = whole_account ? LaterScope::account : LaterScope::model;
  return later;
}

}  // namespace flotte::route
