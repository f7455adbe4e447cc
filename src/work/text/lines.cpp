// Putting text together.
#include "work/text/lines.hpp"

#include <utility>

namespace flotte::work {
namespace {
constexpr std::string_view space = " \t\r\n\f\v";
}

std::string fold_line_ends(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i] == '\r' ? '\n' : text[i];
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::string on_one_line(std::string_view text) {
  std::string out;
  for (const char c : trimmed(text)) {
    if (space.find(c) == std::string_view::npos)
      out += c;
    else if (!out.ends_with(' '))
      out += ' ';
  }
  return out;
}

void Paragraphs::begin(bool close) {
  if (!out_.empty()) out_ += close && in_list_ ? "\n" : "\n\n";
  in_list_ = close;
}

void Paragraphs::block(std::string_view text) {
  const std::string_view content = trimmed(text);
  if (content.empty()) return;
  begin(false);
  out_ += content;
}

void Paragraphs::line(std::string_view text) {
  while (!text.empty() && space.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  if (text.empty()) return;
  begin(true);
  out_ += text;
}

std::string Paragraphs::finish() {
  if (!out_.empty()) out_ += '\n';
  return std::move(out_);
}

}  // namespace flotte::work
