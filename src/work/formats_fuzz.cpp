// Documents of strangers: encodings, e-mails, Word documents, EPUBs.
#include "base/fuzz_target.hpp"
#include "work/document/reader.hpp"
#include "work/document/xml.hpp"
#include "work/text/encoding.hpp"
#include "work/text/mojibake.hpp"
#include "work/text/utf8.hpp"
#include "work/text/xhtml.hpp"

namespace flotte::work {
namespace {

using fuzz::require;

void text_encoding(std::string_view bytes) {
  const auto decoded = decode_text(bytes);
  if (!decoded) return;
  require(!find_bad_utf8(decoded->text), "decoded text is UTF-8");
  if (!find_bad_utf8(bytes) && bytes.find('\x1B') == std::string_view::npos && bytes.find('\0') == std::string_view::npos)
    require(decoded->encoding == "UTF-8", "UTF-8 is taken for nothing else");
}

void mojibake(std::string_view bytes) {
  if (find_bad_utf8(bytes)) return;
  const auto repaired = repair_mojibake(bytes);
  if (repaired) require(!find_bad_utf8(repaired->text) && repaired->text.size() < bytes.size(), "a repaired text is UTF-8 and shorter");
}

void read_as(Format format, std::string_view bytes) {
  const auto read = read_in_process(format, bytes);
  if (read)
    require(!find_bad_utf8(read->text), "a document's text is UTF-8");
  else
    require(!read.error().message.empty(), "an error says what it is");
}
void mail(std::string_view bytes) { read_as(Format::mail, bytes); }
void mailbox(std::string_view bytes) { read_as(Format::mailbox, bytes); }
void docx(std::string_view bytes) { read_as(Format::docx, bytes); }
void epub(std::string_view bytes) { read_as(Format::epub, bytes); }

void format(std::string_view bytes) {
  for (const char* name : {"a.txt", "a.pdf", "a.docx", "a.mbox"}) (void)recognise(name, bytes);
}

const fuzz::Register targets[] = {{"text_encoding", text_encoding},
                                  {"mojibake", mojibake},
                                  {"mail", mail},
                                  {"mailbox", mailbox},
                                  {"docx", docx},
                                  {"epub", epub},
                                  {"format", format}};

}  // namespace
}  // namespace flotte::work
