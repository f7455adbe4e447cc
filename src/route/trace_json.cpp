// Traces for people: text that is always UTF-8, times in milliseconds, and no secrets.
#include "route/trace_json.hpp"

#include <array>

#include "base/money.hpp"
#include "route/redact.hpp"
#include "wire/task.hpp"

namespace flotte::route {
namespace {

/// Three decimals: the microseconds that were measured.
json::value in_ms(Trace::Moment moment) {
  if (moment < 0) return nullptr;
  return static_cast<double>(moment) / 1'000.0;
}

json::value or_null(std::string_view text) {
  if (text.empty()) return nullptr;
  return json::value(text);
}

/// The size of the UTF-8 character at the beginning of `text`; 0 where there is none.
std::size_t character(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 && first < 0xF5 ? 4 : first >= 0xE0 && first < 0xF0 ? 3 : first >= 0xC2 && first < 0xE0 ? 2 : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) >= 0xA0)) return 0;
  if ((first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) >= 0x90)) return 0;
  return size;
}

/// What is no UTF-8 becomes U+FFFD; a character that the end cuts off goes.
std::string make_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t size = character(text);
    if (size == 0) {
      if (text.size() < 4 && static_cast<unsigned char>(text.front()) >= 0xC2) break;
      out.append("\xEF\xBF\xBD");
      size = 1;
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  return out;
}

struct Shown {
  const Trace& trace;
  Recording recording;
  std::span<const std::string> secrets;

  std::string text(std::string_view raw) const { return make_utf8(redact_text(raw, secrets)); }

  json::value body(const KeptBody& kept) const {
    json::object o;
    o["bytes"] = kept.bytes;
    const bool shown = recording == Recording::bodies && (!kept.text.empty() || kept.bytes == 0);
    o["text"] = shown ? json::value(text(kept.text)) : json::value(nullptr);
    o["cut"] = recording == Recording::bodies && kept.cut();
    return o;
  }

  /// {line | status, headers, body}
  json::value message(Words head, const KeptBody& kept) const {
    std::string_view rest = trace.words(head);
    if (rest.empty()) return nullptr;
    const auto next_line = [&rest] {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      return line;
    };
    json::object o;
    o["line"] = text(next_line());
    json::array& headers = o["headers"].emplace_array();
    while (!rest.empty()) {
      const std::string_view line = next_line();
      const std::size_t colon = std::min(line.find(": "), line.size());
      headers.push_back(json::array{text(line.substr(0, colon)), text(line.substr(std::min(colon + 2, line.size())))});
    }
    o["body"] = body(kept);
    return o;
  }

  json::value left_out(const Trace::LeftOut& left) const {
    json::object o;
    o["target"] = trace.words(left.target);
    o["why"] = to_string(left.why);
    o["under_way"] = left.under_way;
    o["opens_in_ms"] = left.opens_in_ms < 0 ? json::value(nullptr) : json::value(left.opens_in_ms);
    return o;
  }

  json::value attempt(const Trace::Attempt& a) const {
    json::object o;
    o["target"] = trace.words(a.target);
    o["status"] = a.status == 0 ? json::value(nullptr) : json::value(a.status);
    o["error"] = a.error.size == 0 ? json::value(nullptr) : json::value(text(trace.words(a.error)));
    o["under_way"] = a.under_way;
    o["asked_ms"] = in_ms(a.asked);
    o["answered_ms"] = in_ms(a.answered);
    o["first_ms"] = in_ms(a.first_piece);
    o["ended_ms"] = in_ms(a.ended);
    o["request"] = message(a.request, a.sent);
    o["answer"] = message(a.answer, a.received);
    json::array& others = o["left"].emplace_array();
    for (std::uint32_t i = 0; i < a.left_count; ++i) others.push_back(left_out(trace.left[a.left_from + i]));
    return o;
  }
};

std::string_view to_string(Recording recording) noexcept {
  static constexpr std::array<std::string_view, 3> words{"off", "heads", "bodies"};
  return words[static_cast<std::size_t>(recording)];
}

json::object usage_json(const TraceLine& line) {
  const auto known = [](std::int64_t tokens) { return tokens < 0 ? json::value(nullptr) : json::value(tokens); };
  json::object o;
  o["input_tokens"] = known(line.usage.input_tokens);
  o["cached_tokens"] = known(line.usage.cached_tokens);
  o["output_tokens"] = known(line.usage.output_tokens);
  o["cost_usd"] = line.cost_pico_usd < 0 ? json::value(nullptr) : json::value(format_usd(line.cost_pico_usd));
  return o;
}

}  // namespace

json::object to_json(const TraceLine& line) {
  json::object o;
  o["id"] = line.id;
  o["at"] = to_rfc3339(line.at);
  o["state"] = line.ended ? "ended" : "live";
  o["api"] = dialect::facts_of(line.api).name;
  o["key"] = or_null(line.key);
  o["key_name"] = or_null(line.key_name);
  o["model"] = line.model.empty() ? json::value(nullptr) : json::value(make_utf8(line.model));
  o["target"] = or_null(line.target);
  o["task"] = line.task == 0 ? json::value(nullptr) : json::value(wire::format_id('t', line.task));
  o["stream"] = line.stream;
  o["status"] = line.status == 0 ? json::value(nullptr) : json::value(line.status);
  o["attempts"] = line.attempts;
  o["first_ms"] = in_ms(line.first_byte);
  o["total_ms"] = in_ms(line.end);
  o["usage"] = usage_json(line);
  o["replay_of"] = or_null(line.replay_of);
  return o;
}

json::object to_json(const Trace& trace, Recording recording, std::span<const std::string> secrets) {
  const Shown shown{trace, recording, secrets};
  json::object o = to_json(line_of(trace));
  o["recorded"] = to_string(recording);
  o["replayable"] = can_be_replayed(trace);
  o["route"] = or_null(trace.words(trace.route));
  o["strategy"] = or_null(trace.words(trace.strategy));
  o["read_ms"] = in_ms(trace.body_read);
  o["request"] = shown.message(trace.request, trace.received);
  o["answer"] = shown.message(trace.answer, trace.sent);
  json::array& asked = o["asked"].emplace_array();
  for (const Trace::Attempt& attempt : trace.attempts) asked.push_back(shown.attempt(attempt));
  return o;
}

bool can_be_replayed(const Trace& trace) noexcept { return trace.received.bytes > 0 && !trace.received.cut(); }

}  // namespace flotte::route
