// Reading documents.
#include "work/document/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>

#include "work/document/docx.hpp"
#include "work/document/epub.hpp"
#include "work/document/mail.hpp"
#include "work/document/plain.hpp"

namespace flotte::work {
namespace {

/// A reader that has nothing to note.
template <Result<std::string> (*read)(std::string_view)>
Result<ReadText> quietly(std::string_view bytes) {
  auto text = read(bytes);
  if (!text) return pass(text);
  return ReadText{std::move(*text), {}};
}

struct Row {
  Format format;
  Result<ReadText> (*read)(std::string_view bytes);
};
constexpr std::array readers{
    Row{Format::text, &plain_text},         Row{Format::html, &page_text},          Row{Format::docx, &quietly<docx_text>},
    Row{Format::epub, &quietly<epub_text>}, Row{Format::mail, &quietly<mail_text>}, Row{Format::mailbox, &quietly<mailbox_text>},
};

}  // namespace

Result<ReadText> read_in_process(Format format, std::string_view bytes) {
  const auto row = std::find_if(readers.begin(), readers.end(), [format](const Row& r) { return r.format == format; });
  if (row == readers.end()) return fail(Code::internal, "no reader for this format");
  try {
    auto read = row->read(bytes);
    if (read) mend(*read);
    return read;
  } catch (const std::exception& e) {  // of a library's parser: memory above all
    return fail(Code::too_large, fmt::format("the document cannot be read: {}", e.what()));
  }
}

Awaitable<Result<ReadText>> DocumentReader::read_pdf(std::string bytes, ReadProgress progress) {
  auto found = co_await read_pdf_text(bytes, limits_.pdf);
  if (!found) co_return pass(found);
  ReadText read;
  read.text = std::move(found->text);
  Result<std::string> images;
  if (says_little(*found)) images = co_await list_pdf_images(bytes, limits_.pdf);
  if (images && is_scan(*found, *images)) {
    auto scan = co_await read_scan(bytes, std::max(found->pages, 1), limits_.scan, std::move(progress));
    if (!scan) co_return pass(scan);
    read.text = std::move(scan->text);
    read.notes.push_back("the PDF is a scan: its pages were read by tesseract (" + scan->languages + ")");
    if (is_blank(read.text)) co_return fail(Code::unsupported, "the PDF is a scan, and tesseract found no text on its pages");
    co_return read;
  }
  if (is_blank(read.text)) co_return fail(Code::unsupported, "the PDF has no text and no pictures of pages");
  mend(read);
  co_return read;
}

Awaitable<Result<ReadText>> DocumentReader::read(std::string name, std::string bytes, ReadProgress progress) {
  if (bytes.size() > limits_.document_bytes)
    co_return fail(Code::too_large, fmt::format("the document is larger than {} MiB", limits_.document_bytes >> 20));
  auto format = recognise(name, bytes);
  if (!format) co_return pass(format);
  if (*format == Format::pdf) co_return co_await read_pdf(std::move(bytes), std::move(progress));
  std::function<Result<ReadText>()> work = [kind = *format, held = std::move(bytes)] { return read_in_process(kind, held); };
  co_return co_await pool_.run<ReadText>(std::move(work));
}

}  // namespace flotte::work
