// Kinds of characters, by ICU's properties (which are code, not data).
#include "work/text/characters.hpp"

#include <unicode/uchar.h>

#include "work/text/utf8.hpp"

namespace flotte::work {

bool is_strange(char32_t c) {
  if (c < 0x80) return (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\v' && c != 0x1B) || c == 0x7F;
  if (c == 0xFFFD) return true;
  if (c == 0x85) return false;  // NEL
  switch (u_charType(static_cast<UChar32>(c))) {
    case U_CONTROL_CHAR:
    case U_PRIVATE_USE_CHAR:
    case U_SURROGATE:
    case U_UNASSIGNED: return true;
    default: return false;
  }
}

Characters count_characters(std::string_view text) {
  Characters seen;
  for (std::size_t at = 0; at < text.size();) {
    const auto character = decode_utf8(text, at);
    const char32_t c = character ? character->value : 0xFFFD;
    at += character ? character->length : 1;
    ++seen.all;
    if (is_strange(c)) ++seen.strange;
    if (c < 0x80) {
      ++seen.ascii;
      continue;
    }
    ++seen.beyond_ascii;
    if ((c >= 0x3041 && c <= 0x309F) || (c >= 0x30A1 && c <= 0x30FF))
      ++seen.kana;
    else if ((c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x323AF))
      ++seen.ideographs;
    else if ((c >= 0x3000 && c <= 0x303F) || (c >= 0xFF00 && c <= 0xFFEF) || (c >= 0x2010 && c <= 0x266F) || c == 0x30FB ||
             (c >= 0x3200 && c <= 0x33FF) || c == 0xD7 || c == 0xB0 || c == 0xB1)
      ++seen.ideographic_marks;
  }
  return seen;
}

}  // namespace flotte::work
