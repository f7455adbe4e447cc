// One walk over a body: its strings for the input, the members that bound the answer for the output.
#include "route/measure.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "dialect/scan.hpp"

namespace flotte::route {
namespace {

constexpr std::size_t data_bytes = 512;  // so long without a space or an escape: base64, not words
constexpr std::array<std::string_view, 4> bounds{"max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens"};

std::int64_t tokens_of_text(std::size_t bytes) noexcept { return static_cast<std::int64_t>((bytes + 2) / 3); }

bool is_data(std::string_view text) noexcept {
  if (text.size() < data_bytes) return false;
  const std::string_view begin = text.substr(0, data_bytes);
  return begin.find(' ') == std::string_view::npos && begin.find("\\n") == std::string_view::npos;
}

std::size_t end_of_string(std::string_view text, std::size_t at) noexcept {
  while (at < text.size()) {
    if (text[at] == '"') return at;
    at += text[at] == '\\' ? 2 : 1;
  }
  return text.size();
}

std::int64_t count_input(std::string_view body) noexcept {
  std::size_t text = body.size();
  std::int64_t of_files = 0;
  std::size_t at = 0;
  while (at < body.size()) {
    const void* quote = std::memchr(body.data() + at, '"', body.size() - at);
    if (!quote) break;
    const auto begin = static_cast<std::size_t>(static_cast<const char*>(quote) - body.data()) + 1;
    const std::size_t end = end_of_string(body, begin);
    const std::string_view string = body.substr(begin, std::min(end, body.size()) - begin);
    at = end + 1;
    if (!is_data(string)) continue;
    text -= string.size();
    of_files += std::clamp(static_cast<std::int64_t>(string.size() / 750), least_of_a_file, most_of_a_file);
  }
  return tokens_of_text(text) + of_files;
}

void read_bounds(std::string_view object, std::int64_t& output, std::int64_t& answers, int depth) noexcept {
  dialect::Members members(object);
  dialect::Member member;
  while (members.next(member)) {
    const std::string_view value = member.value.of(object);
    if (member.kind == dialect::Kind::number) {
      const auto number = dialect::whole_number(value);
      if (!number || *number <= 0) continue;
      if (std::find(bounds.begin(), bounds.end(), member.key) != bounds.end() || (depth > 0 && member.is("num_predict")))
        output = std::max(output, *number);
      else if (depth == 0 && member.is("n"))
        answers = *number;
    } else if (depth == 0 && member.kind == dialect::Kind::object &&
               (member.is("generationConfig") || member.is("generation_config") || member.is("options"))) {
      read_bounds(value, output, answers, 1);
    }
  }
}

}  // namespace

Measure measure_request(std::string_view body) noexcept {
  Measure out;
  std::int64_t answers = 1;
  read_bounds(body, out.output_tokens, answers, 0);
  constexpr std::int64_t most = 1'000'000'000;
  out.output_tokens =
      std::min(out.output_tokens, most / std::clamp<std::int64_t>(answers, 1, 1'000)) * std::clamp<std::int64_t>(answers, 1, 1'000);
  out.input_tokens = count_input(body);
  return out;
}

}  // namespace flotte::route
