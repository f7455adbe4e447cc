// Empty elements written out.
#include "work/text/xhtml.hpp"

#include <algorithm>
#include <array>

namespace flotte::work {
namespace {

bool ends_itself(std::string_view name) {
  static constexpr std::array<std::string_view, 14> names{"area",  "base", "br",   "col",   "embed",  "hr",    "img",
                                                          "input", "link", "meta", "param", "source", "track", "wbr"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The '>' that ends the tag at `at`; quotes may hide others.
std::size_t end_of_tag(std::string_view text, std::size_t at) {
  char quote = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quote) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::string html_from_xhtml(std::string_view xhtml) {
  std::string out;
  out.reserve(xhtml.size() + xhtml.size() / 16);
  std::size_t at = 0;
  while (at < xhtml.size()) {
    const std::size_t start = xhtml.find('<', at);
    if (start == std::string_view::npos) break;
    const bool comment = xhtml.substr(start).starts_with("<!--");
    std::size_t end = comment ? xhtml.find("-->", start) : end_of_tag(xhtml, start);
    if (end == std::string_view::npos) break;
    if (comment) end += 2;
    const std::string_view tag = xhtml.substr(start, end - start + 1);
    out += xhtml.substr(at, start - at);
    at = end + 1;
    const std::string_view name = tag.substr(1, tag.find_first_of(" \t\r\n/>", 1) - 1);
    if (comment || !tag.ends_with("/>") || name.empty() || name.front() == '!' || name.front() == '?' || ends_itself(name)) {
      out += tag;
      continue;
    }
    out += tag.substr(0, tag.size() - 2);
    out += "></";
    out += name;
    out += '>';
  }
  out += xhtml.substr(std::min(at, xhtml.size()));
  return out;
}

}  // namespace flotte::work
