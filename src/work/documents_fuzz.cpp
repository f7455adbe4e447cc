// Documents and spools.
#include "base/fuzz_target.hpp"
#include "work/spool.hpp"
#include "work/text/html.hpp"
#include "work/text/split.hpp"
#include "work/text/tokens.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

using fuzz::require;

void html(std::string_view bytes) {
  if (find_bad_utf8(bytes)) return;
  const auto text = html_text(bytes);
  if (text) require(!find_bad_utf8(*text), "the text of a page is UTF-8");
}

void splitting(std::string_view bytes) {
  if (bytes.empty() || find_bad_utf8(bytes.substr(1))) return;
  const std::string_view text = bytes.substr(1);
  const std::int64_t limit = 8 + static_cast<unsigned char>(bytes[0]);
  std::string together;
  for (const std::string_view part : split_text(text, limit)) {
    require(!part.empty(), "no part is empty");
    require(estimate_tokens(part) <= limit, "every part fits");
    require(!find_bad_utf8(part), "no character is cut");
    together += part;
  }
  require(together == text, "put together the parts are the text again");
}

void mending(std::string_view bytes) {
  const auto parts = fuzz::cut(bytes);
  Utf8Mender whole, split;
  std::string one = whole.feed(parts.whole), two = split.feed(parts.first);
  one += whole.finish();
  two += split.feed(parts.second);
  two += split.finish();
  require(one == two, "output does not depend on where a pipe cut it");
  require(!find_bad_utf8(one), "and is UTF-8");
}

void spool_segment(std::string_view bytes) {
  const auto scan = scan_segment(bytes, [&](const wire::Record& record, std::size_t offset, std::size_t length) {
    require(offset + length <= bytes.size(), "a record lies inside its file");
    const auto again = parse_spool_line(bytes.substr(offset, length - (bytes[offset + length - 1] == '\n' ? 1 : 0)));
    require(again.has_value() && again->number == record.number, "and can be read again");
  });
  require(scan.good_bytes <= bytes.size(), "what is good is inside");
}

const fuzz::Register targets[] = {{"html", html}, {"splitting", splitting}, {"mending", mending}, {"spool_segment", spool_segment}};

}  // namespace
}  // namespace flotte::work
