// One pass finds every place where a cut is thinkable and how good it is; then cuts are chosen from left to right.
#include "work/text/split.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/assert.hpp"
#include "work/text/tokens.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

/// Better ones first. The text may be cut *before* the character at the place.
enum Rank : unsigned char { heading, blank_line, line_end, sentence, space, anywhere };
constexpr int ranks = 6;

struct Place {
  std::size_t at;       // byte
  std::int64_t weight;  // of everything before it, in thousandths of a token
  Rank rank;
};

bool is_underline(std::string_view line) {
  if (line.size() < 3 || (line[0] != '=' && line[0] != '-')) return false;
  return line.find_first_not_of(line[0]) == std::string_view::npos;
}

std::string_view line_at(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  std::string_view line = text.substr(at, end == std::string_view::npos ? end : end - at);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_heading(std::string_view text, std::size_t at) {
  const std::string_view line = line_at(text, at);
  if (line.empty()) return false;
  const std::size_t marks = line.find_first_not_of('#');
  if (marks != std::string_view::npos && marks >= 1 && marks <= 6 && line[marks] == ' ') return true;
  const std::size_t next = text.find('\n', at);
  return next != std::string_view::npos && is_underline(line_at(text, next + 1));
}

bool ends_sentence(char32_t c) { return c == '.' || c == '!' || c == '?'; }
bool ends_cjk_sentence(char32_t c) { return c == U'。' || c == U'！' || c == U'？' || c == U'．'; }
bool is_closing(char32_t c) { return c == U'」' || c == U'』' || c == U'）' || c == ')' || c == '"' || c == U'”'; }

std::vector<Place> find_places(std::string_view text) {
  std::vector<Place> places;
  std::int64_t weight = 0;
  char32_t before = 0, before_that = 0;
  bool line_is_blank = true;
  for (std::size_t at = 0; at < text.size();) {
    const auto decoded = decode_utf8(text, at);
    const CodePoint c = decoded.value_or(CodePoint{0xFFFD, 1});
    if (at > 0) {
      Rank rank = anywhere;
      if (before == '\n')
        rank = is_heading(text, at) ? heading : line_is_blank ? blank_line : line_end;
      else if (before == ' ' && ends_sentence(before_that))
        rank = sentence;
      else if (ends_cjk_sentence(before) && !is_closing(c.value) && !ends_cjk_sentence(c.value))
        rank = sentence;
      else if (ends_cjk_sentence(before_that) && is_closing(before))
        rank = sentence;
      else if (before == ' ' || before == '\t' || before == U'\u3000')
        rank = space;
      places.push_back({at, weight, rank});
    }
    if (c.value == '\n') line_is_blank = before == '\n' || before == 0 || (before == '\r' && before_that == '\n');
    weight += decoded ? token_weight(c.value) : 1100;
    before_that = before;
    before = c.value;
    at += c.length;
  }
  places.push_back({text.size(), weight, heading});
  return places;
}

}  // namespace

std::vector<std::string_view> split_text(std::string_view text, std::int64_t limit) {
  FLOTTE_ASSERT(limit >= 8);
  std::vector<std::string_view> parts;
  if (text.empty()) return parts;
  const std::vector<Place> places = find_places(text);
  const std::int64_t most = limit * 1000;
  std::size_t begin = 0, next = 0;  // byte, and the first place behind it
  std::int64_t done = 0;
  while (begin < text.size()) {
    const std::int64_t left = places.back().weight - done;
    if (left <= most) {
      parts.push_back(text.substr(begin));
      break;
    }
    // Even parts: the same number of cuts, but no crumb at the end.
    const std::int64_t aim = left / ((left + most - 1) / most);
    std::array<std::optional<std::size_t>, ranks> best;
    std::size_t fits = next;
    for (std::size_t i = next; i < places.size() && places[i].weight - done <= most; ++i) {
      fits = i;
      if (places[i].weight - done < aim / 2) continue;
      auto& chosen = best[places[i].rank];
      const auto distance = [&](std::size_t p) { return std::abs(places[p].weight - done - aim); };
      if (!chosen || distance(i) < distance(*chosen)) chosen = i;
    }
    std::size_t cut = fits;
    for (int rank = 0; rank < ranks; ++rank)
      if (best[rank]) {
        cut = *best[rank];
        break;
      }
    parts.push_back(text.substr(begin, places[cut].at - begin));
    begin = places[cut].at;
    done = places[cut].weight;
    next = cut + 1;
  }
  return parts;
}

}  // namespace flotte::work
