// UTF-8, RFC 3629.
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// How long the character is that begins with this byte, 0 for none.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

bool second_fits(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xE0: return second >= 0xA0 && second <= 0xBF;
    case 0xED: return second >= 0x80 && second <= 0x9F;
    case 0xF0: return second >= 0x90 && second <= 0xBF;
    case 0xF4: return second >= 0x80 && second <= 0x8F;
    default: return (second & 0xC0) == 0x80;
  }
}

/// True where the rest of `text` from `at` may be the beginning of a character whose end is still to come.
bool unfinished(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = length_of(byte(at));
  if (length == 0 || at + length <= text.size()) return false;
  if (at + 1 < text.size() && !second_fits(byte(at), byte(at + 1))) return false;
  for (std::size_t i = at + 2; i < text.size(); ++i)
    if ((byte(i) & 0xC0) != 0x80) return false;
  return true;
}

}  // namespace

std::optional<CodePoint> decode_utf8(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (at >= text.size()) return std::nullopt;
  const unsigned char first = byte(at);
  const std::size_t length = length_of(first);
  if (length == 0 || at + length > text.size()) return std::nullopt;
  if (length == 1) return CodePoint{first, 1};
  if (!second_fits(first, byte(at + 1))) return std::nullopt;
  char32_t value = first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return std::nullopt;
    value = (value << 6) | (byte(at + i) & 0x3Fu);
  }
  return CodePoint{value, length};
}

std::optional<std::size_t> find_bad_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const auto character = decode_utf8(text, at);
    if (!character) return at;
    at += character->length;
  }
  return std::nullopt;
}

std::string_view utf8_tail(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t at = text.size() - bytes;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  return text.substr(at);
}

std::string Utf8Mender::feed(std::string_view bytes) {
  std::string text = std::move(held_);
  held_.clear();
  text += bytes;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (const auto character = decode_utf8(text, at)) {
      out.append(text, at, character->length);
      at += character->length;
    } else if (unfinished(text, at)) {
      held_ = text.substr(at);
      break;
    } else {
      out += replacement;
      ++at;
    }
  }
  return out;
}

std::string Utf8Mender::finish() {
  std::string out;
  for (std::size_t i = 0; i < held_.size(); ++i) out += replacement;
  held_.clear();
  return out;
}

}  // namespace flotte::work
