// Estimating tokens.
#include "work/text/tokens.hpp"

#include "work/text/utf8.hpp"

namespace flotte::work {

std::int64_t token_weight(char32_t c) noexcept {
  if (c < 0x80) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ') return 315;  // 1 / 3.5, and a tenth
    if (c >= '0' && c <= '9') return 700;                                          // many tokenizers cut numbers small
    return 600;                                                                    // punctuation, line feeds
  }
  if (c < 0x0590) return 600;    // accented Latin, Greek, Cyrillic, Armenian
  if (c < 0x2E80) return 1100;   // Semitic, Indic and other scripts, symbols
  if (c < 0x10000) return 1100;  // kana, Han, hangul, full-width forms
  return 2200;                   // emoji, rare Han
}

std::int64_t estimate_tokens(std::string_view text) {
  std::int64_t weight = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto character = decode_utf8(text, at);
    weight += character ? token_weight(character->value) : 1100;
    at += character ? character->length : 1;
  }
  return (weight + 999) / 1000;
}

}  // namespace flotte::work
