// Strings: sixteen bytes at a time while they are plain ASCII, one character at a time where they are not.
#include <array>
#include <charconv>
#include <cmath>

#include "dialect/detail/scan_text.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace flotte::dialect {
namespace detail {
namespace {

/// The next byte that needs a look: a quote, a backslash, a control character or a part of a longer character.
const char* skip_plain(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), last_control = _mm_set1_epi8(0x1F);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
                                         _mm_cmpeq_epi8(_mm_max_epu8(bytes, last_control), last_control));
    // The top bit of a byte is already what movemask collects.
    const int mask = _mm_movemask_epi8(_mm_or_si128(special, bytes));
    if (mask != 0) return at + __builtin_ctz(static_cast<unsigned>(mask));
  }
#endif
  for (; at < end; ++at) {
    const auto c = static_cast<unsigned char>(*at);
    if (c == '"' || c == '\\' || c < 0x20 || c >= 0x80) break;
  }
  return at;
}

bool continuation(const char* at, unsigned char low = 0x80, unsigned char high = 0xBF) {
  const auto c = static_cast<unsigned char>(*at);
  return c >= low && c <= high;
}

/// Characters beyond ASCII, well-formed as in table 3-7 of the Unicode standard.
bool skip_utf8(Text& t) {
  while (t.at < t.end) {
    const auto c = static_cast<unsigned char>(*t.at);
    if (c < 0x80) return true;
    std::ptrdiff_t size = 2;
    unsigned char low = 0x80, high = 0xBF;
    if (c >= 0xC2 && c <= 0xDF) {
    } else if (c >= 0xE0 && c <= 0xEF) {
      size = 3;
      if (c == 0xE0) low = 0xA0;
      if (c == 0xED) high = 0x9F;
    } else if (c >= 0xF0 && c <= 0xF4) {
      size = 4;
      if (c == 0xF0) low = 0x90;
      if (c == 0xF4) high = 0x8F;
    } else {
      return t.fail("invalid UTF-8");
    }
    if (t.end - t.at < size || !continuation(t.at + 1, low, high)) return t.fail("invalid UTF-8");
    for (std::ptrdiff_t i = 2; i < size; ++i)
      if (!continuation(t.at + i)) return t.fail("invalid UTF-8");
    t.at += size;
  }
  return true;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool skip_escape(Text& t) {
  t.escaped = true;
  if (t.end - t.at < 2) return t.fail("the text ends inside a string");
  const char c = t.at[1];
  if (c != 'u') {
    if (std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos) return t.fail("an unknown escape");
    t.at += 2;
    return true;
  }
  for (int i = 2; i < 6; ++i)
    if (t.end - t.at <= i || hex_digit(t.at[i]) < 0) return t.fail("\\u needs four hexadecimal digits");
  t.at += 6;
  return true;
}

unsigned code_unit(std::string_view raw, std::size_t at) {
  unsigned unit = 0;
  for (std::size_t i = 0; i < 4; ++i) unit = unit << 4 | static_cast<unsigned>(hex_digit(raw[at + i]));
  return unit;
}

void append_utf8(std::string& out, unsigned c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

/// \uXXXX at `at`, perhaps with its second half. Returns the place behind it.
std::size_t decode_unicode(std::string_view raw, std::size_t at, std::string& out) {
  const unsigned first = code_unit(raw, at + 2);
  at += 6;
  if (first < 0xD800 || first > 0xDFFF) {
    append_utf8(out, first);
    return at;
  }
  if (first <= 0xDBFF && raw.size() - at >= 6 && raw[at] == '\\' && raw[at + 1] == 'u') {
    const unsigned second = code_unit(raw, at + 2);
    if (second >= 0xDC00 && second <= 0xDFFF) {
      append_utf8(out, 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
      return at + 6;
    }
  }
  append_utf8(out, 0xFFFD);
  return at;
}

}  // namespace

bool skip_string(Text& t) {
  for (;;) {
    t.at = skip_plain(t.at, t.end);
    if (t.at == t.end) return t.fail("the text ends inside a string");
    const auto c = static_cast<unsigned char>(*t.at);
    if (c == '"') {
      ++t.at;
      return true;
    }
    if (c == '\\') {
      if (!skip_escape(t)) return false;
    } else if (c >= 0x80) {
      if (!skip_utf8(t)) return false;
    } else {
      return t.fail("a control character inside a string");
    }
  }
}

}  // namespace detail

std::string decode_string(std::string_view raw) {
  if (raw.find('\\') == std::string_view::npos) return std::string(raw);
  std::string out;
  out.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    if (raw[at] != '\\') {
      out += raw[at++];
    } else if (raw[at + 1] == 'u') {
      at = detail::decode_unicode(raw, at, out);
    } else {
      constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
      out += meanings[letters.find(raw[at + 1])];
      at += 2;
    }
  }
  return out;
}

std::optional<std::int64_t> whole_number(std::string_view raw) noexcept {
  std::int64_t whole = 0;
  const auto [stop, error] = std::from_chars(raw.data(), raw.data() + raw.size(), whole);
  if (error == std::errc() && stop == raw.data() + raw.size()) return whole;
  double number = 0;
  const auto real = std::from_chars(raw.data(), raw.data() + raw.size(), number);
  if (real.ec != std::errc() || std::trunc(number) != number || std::fabs(number) > 9e15) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

}  // namespace flotte::dialect
