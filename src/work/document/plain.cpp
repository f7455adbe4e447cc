// Text and HTML.
#include "work/document/plain.hpp"

#include <fmt/format.h>

#include "work/document/format.hpp"
#include "work/text/declared.hpp"
#include "work/text/encoding.hpp"
#include "work/text/html.hpp"
#include "work/text/lines.hpp"
#include "work/text/mojibake.hpp"

namespace flotte::work {
namespace {

Result<ReadText> decode(std::string_view bytes, const std::optional<std::string>& declared) {
  auto decoded = decode_text(bytes, declared);
  if (!decoded) return pass(decoded);
  ReadText read{fold_line_ends(decoded->text), {}};
  if (decoded->encoding != "UTF-8") read.notes.push_back(fmt::format("its encoding is {}; converted to UTF-8", decoded->encoding));
  return read;
}

}  // namespace

Result<ReadText> plain_text(std::string_view bytes) {
  auto read = decode(bytes, declared_in_xml(bytes));
  if (read && is_blank(read->text)) return fail(Code::invalid_argument, "the document is empty");
  return read;
}

Result<ReadText> page_text(std::string_view bytes) {
  auto read = decode(bytes, declared_in_html(bytes));
  if (!read) return read;
  auto text = html_text(read->text);
  if (!text) return pass(text);
  if (is_blank(*text)) return fail(Code::invalid_argument, "the HTML document has no text");
  read->text = std::move(*text);
  return read;
}

void mend(ReadText& read) {
  auto repaired = repair_mojibake(read.text);
  if (!repaired) return;
  read.text = std::move(repaired->text);
  read.notes.push_back(fmt::format("its text was UTF-8 that had been mistaken for {} and encoded again; repaired", repaired->mistaken_for));
}

}  // namespace flotte::work
