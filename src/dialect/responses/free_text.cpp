// An object's first member, and a JSON string cut anywhere.
#include "dialect/responses/free_text.hpp"

#include <algorithm>
#include <cctype>

#include "dialect/scan.hpp"

namespace flotte::dialect::responses {
namespace {

constexpr std::string_view tokens[] = {"{", "\"input\"", ":", "\""};

constexpr std::size_t broken = std::string_view::npos;

bool four_digits(std::string_view text) {
  return text.size() >= 4 && std::all_of(text.begin(), text.begin() + 4, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

/// The length of the character or escape at `at`; 0 where more bytes are needed to know, `broken` where it is none.
std::size_t unit_at(std::string_view text, std::size_t at) {
  text.remove_prefix(at);
  if (text[0] != '\\') return 1;
  if (text.size() < 2) return 0;
  if (text[1] != 'u') return std::string_view("\"\\/bfnrt").find(text[1]) == std::string_view::npos ? broken : 2;
  if (text.size() < 6) return 0;
  if (!four_digits(text.substr(2))) return broken;
  const bool high = (text[2] == 'd' || text[2] == 'D') && std::string_view("89abAB").find(text[3]) != std::string_view::npos;
  if (!high) return 6;
  const std::string_view rest = text.substr(6);
  if (rest.size() < 6 && std::string_view("\\u").starts_with(rest.substr(0, 2))) return 0;  // perhaps its other half
  if (!rest.starts_with("\\u")) return 6;
  return four_digits(rest.substr(2)) ? 12 : broken;
}

}  // namespace

void FreeText::read_beginning() {
  std::string_view rest = raw_;
  for (const std::string_view token : tokens) {
    while (!rest.empty() && std::string_view(" \t\r\n").find(rest.front()) != std::string_view::npos) rest.remove_prefix(1);
    const std::size_t common = std::min(rest.size(), token.size());
    if (rest.substr(0, common) != token.substr(0, common)) {
      state_ = State::other;
      return;
    }
    if (rest.size() < token.size()) return;  // so far so good
    rest.remove_prefix(token.size());
  }
  state_ = State::text;
  raw_ = std::string(rest);
}

std::string FreeText::feed(std::string_view piece) {
  if (state_ == State::ended || state_ == State::other) return {};
  raw_ += piece;
  if (state_ == State::before) read_beginning();
  if (state_ != State::text) return {};
  std::size_t end = 0, unit = 1;
  for (; end < raw_.size() && raw_[end] != '"'; end += unit) {
    unit = unit_at(raw_, end);
    if (unit == 0 || unit == broken) break;
  }
  std::string text = decode_string(std::string_view(raw_).substr(0, end));
  if (unit == broken || (end < raw_.size() && raw_[end] == '"')) state_ = State::ended;
  raw_.erase(0, end);
  return text;
}

}  // namespace flotte::dialect::responses
