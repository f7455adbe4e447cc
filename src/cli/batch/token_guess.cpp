// Guessing tokens.
#include "cli/batch/token_guess.hpp"

#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {

/// Thousandths of a token.
constexpr std::int64_t letter = 250, digit = 600, mark = 550, accented = 500, wide = 1'000, emoji = 2'000;

std::int64_t weight_of_ascii(unsigned char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ') return letter;
  return c >= '0' && c <= '9' ? digit : mark;
}

/// By the first byte of a UTF-8 character; the others weigh nothing.
std::int64_t weight_of_utf8(unsigned char c) {
  if (c < 0x80) return weight_of_ascii(c);
  if (c < 0xC0) return 0;
  if (c < 0xE0) return accented;
  return c < 0xF0 ? wide : emoji;
}

std::int64_t guess_utf16(std::string_view text, std::size_t high) {
  std::int64_t weight = 0;
  for (std::size_t at = 2; at + 1 < text.size(); at += 2) {
    const auto upper = static_cast<unsigned char>(text[at + high]), lower = static_cast<unsigned char>(text[at + 1 - high]);
    weight += upper == 0 && lower < 0x80 ? weight_of_ascii(lower) : upper < 0x05 ? accented : wide;
  }
  return weight;
}

/// Windows-1252 has single accented letters between plain ones, Shift_JIS and EUC-JP have pairs.
std::int64_t guess_other(std::string_view text) {
  std::int64_t weight = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    const bool pair = c >= 0x80 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0x80;
    weight += c < 0x80 ? weight_of_ascii(c) : pair ? wide : accented;
    at += pair ? 1 : 0;
  }
  return weight;
}

bool same_tag(std::string_view html, std::size_t at, std::string_view name) {
  if (html.size() - at <= name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i)
    if ((html[at + i] | 0x20) != name[i]) return false;
  return true;
}

/// Behind the end of a script or style that begins at `at`.
std::size_t skip_element(std::string_view html, std::size_t at, std::string_view name) {
  for (std::size_t end = html.find("</", at); end != std::string_view::npos; end = html.find("</", end + 2))
    if (same_tag(html, end + 2, name)) return std::min(html.find('>', end), html.size() - 1) + 1;
  return html.size();
}

}  // namespace

std::int64_t guess_tokens(std::string_view text) {
  std::int64_t weight = 0;
  if (text.starts_with("\xFF\xFE"))
    weight = guess_utf16(text, 1);
  else if (text.starts_with("\xFE\xFF"))
    weight = guess_utf16(text, 0);
  else if (is_utf8(text))
    for (const char c : text) weight += weight_of_utf8(static_cast<unsigned char>(c));
  else
    weight = guess_other(text);
  return (weight + 999) / 1'000;
}

std::string visible_text(std::string_view html) {
  std::string out;
  for (std::size_t at = 0; at < html.size();) {
    if (html[at] != '<') {
      const bool blank = html[at] == ' ' || html[at] == '\n' || html[at] == '\t' || html[at] == '\r';
      if (!blank || (!out.empty() && out.back() != ' ')) out += blank ? ' ' : html[at];
      ++at;
      continue;
    }
    if (same_tag(html, at + 1, "script"))
      at = skip_element(html, at, "script");
    else if (same_tag(html, at + 1, "style"))
      at = skip_element(html, at, "style");
    else
      at = std::min(html.find('>', at), html.size() - 1) + 1;
  }
  return out;
}

}  // namespace flotte::cli
