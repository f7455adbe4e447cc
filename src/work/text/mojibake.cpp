// Finding and undoing mojibake.
#include "work/text/mojibake.hpp"

#include <array>

#include "work/text/characters.hpp"
#include "work/text/converter.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

constexpr int layers = 3;

bool between(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

/// Letters and signs that people's documents have.
bool is_common(char32_t c) {
  static constexpr std::array<std::pair<char32_t, char32_t>, 22> ranges{{
      {0xA0, 0x17F},    {0x192, 0x192},   {0x218, 0x21B},   {0x2C6, 0x2DD},     {0x300, 0x30C},   {0x384, 0x3CE},
      {0x401, 0x45F},   {0x490, 0x491},   {0x5D0, 0x5EA},   {0x621, 0x652},     {0x1E80, 0x1EF9}, {0x2010, 0x203A},
      {0x20A0, 0x20BF}, {0x2100, 0x22FF}, {0x2460, 0x26FF}, {0x2700, 0x27BF},   {0x3000, 0x30FF}, {0x3200, 0x33FF},
      {0x3400, 0x9FFF}, {0xAC00, 0xD7A3}, {0xFE0F, 0xFFEE}, {0x1F300, 0x1FAFF},
  }};
  for (const auto& [first, last] : ranges)
    if (between(c, first, last)) return !is_strange(c);
  return false;
}

/// May stand behind a capital letter or a dash in an honest text: quotes, dashes, dots, a trade mark, a space that does not break.
bool may_follow_a_letter(char32_t c) {
  return between(c, 0x2010, 0x203A) || c == 0x2122 || c == 0xA0 || c == 0xAB || c == 0xBB || c == 0xB7;
}

/// May stand behind a word, as the mark of a note.
bool may_end_a_word(char32_t c) { return c == 0xAA || c == 0xB0 || between(c, 0xB2, 0xB4) || c == 0xB9 || c == 0xBA; }

bool is_ascii_letter(char32_t c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool is_latin_letter(char32_t c) { return between(c, 0xC0, 0x17F) && c != 0xD7 && c != 0xF7; }

/// A wrong sequence of two characters, and the character behind it.
struct Pair {
  char32_t first = 0, second = 0, next = 0;
};

/// One that nobody means. Mac Roman's second characters are mostly letters and its first ones mostly signs; in the other two it is the
/// other way round.
bool is_telling(const Pair& pair, bool mac) {
  if (between(pair.first, 0x80, 0x9F) || between(pair.second, 0x80, 0x9F)) return true;  // controls that no keyboard has
  if (mac) return pair.first == 0x221A || pair.first == 0x2248;                          // root and about, in front of no number
  if (!is_latin_letter(pair.first) || is_latin_letter(pair.second) || may_follow_a_letter(pair.second)) return false;
  return pair.first == 0xC2 || !may_end_a_word(pair.second) || is_ascii_letter(pair.next);
}

/// What the sequences of the wrong text say, compared with what they stand for.
struct Evidence {
  std::size_t telling = 0;
  bool plausible = true;
};

/// `wrong` and `right` are the same text, every character of `wrong` standing for one byte of `right`.
Evidence weigh(std::string_view wrong, std::string_view right, bool mac) {
  constexpr std::size_t word = 3;  // letters in a row, of an alphabet whose pairs alone say little (Cyrillic: "–ü—Ä–∏–≤")
  Evidence evidence;
  std::size_t at = 0, in_a_row = 0;
  for (std::size_t byte = 0; byte < right.size();) {
    const auto meant = decode_utf8(right, byte);
    if (!meant) return {0, false};
    std::array<char32_t, 4> seen{};
    for (std::size_t i = 0; i < meant->length; ++i) {
      const auto character = decode_utf8(wrong, at);
      if (!character) return {0, false};
      seen[i] = character->value;
      at += character->length;
    }
    byte += meant->length;
    in_a_row = meant->length == 1 ? 0 : in_a_row + 1;
    if (meant->length == 1) continue;
    if (!is_common(meant->value)) return {0, false};
    // Three characters that fit one another by chance are rarer than any intention.
    const auto next = decode_utf8(wrong, at);
    const Pair pair{seen[0], seen[1], next ? next->value : 0};
    if (meant->length > 2 || is_telling(pair, mac) || in_a_row >= word) ++evidence.telling;
  }
  return evidence;
}

std::optional<Repaired> repair_layer(std::string_view text) {
  for (const char* encoding : {"windows-1252", "ISO-8859-1", "macintosh"}) {
    auto bytes = encode_text(text, encoding);
    if (!bytes || bytes->size() == text.size() || find_bad_utf8(*bytes)) continue;
    if (const auto forth = decode_bytes(*bytes, encoding); !forth || *forth != text) continue;
    const Evidence evidence = weigh(text, *bytes, std::string_view(encoding) == "macintosh");
    if (evidence.plausible && evidence.telling > 0) return Repaired{std::move(*bytes), encoding};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Repaired> repair_mojibake(std::string_view text) {
  std::optional<Repaired> done = repair_layer(text);
  for (int layer = 1; done && layer < layers; ++layer) {
    auto deeper = repair_layer(done->text);
    if (!deeper) break;
    done = std::move(deeper);
  }
  return done;
}

}  // namespace flotte::work
