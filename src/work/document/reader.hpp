// From a document's bytes to its text: text, Markdown, HTML and PDF; everything else says why it cannot be read.
#pragma once
#include <string>
#include <string_view>

#include "base/async/pool.hpp"
#include "base/async/types.hpp"
#include "base/error.hpp"

namespace flotte::work {

enum class Format { text, html, pdf };

/// By content first, then by the name's ending. Errors: `unsupported` ("not a text document: a PNG image"), `invalid_argument` for an empty
/// one.
Result<Format> recognise(std::string_view name, std::string_view bytes);

/// Text and Markdown as they are, without a byte-order mark, with line feeds only. Error: `corrupt` that names the first byte that is not
/// UTF-8.
Result<std::string> plain_text(std::string_view bytes);

/// What became of pdftotext, as text or as an error for a person. Pure.
Result<std::string> pdf_outcome(int exit_code, std::string_view out, std::string_view err);

/// Limits of reading one document.
struct ReadLimits {
  std::size_t document_bytes = 64 * 1024 * 1024;
  std::size_t text_bytes = 32 * 1024 * 1024;  // of a PDF's text
  std::chrono::seconds pdf_time{60};
  std::uint64_t pdf_memory_bytes = 1ull << 30;
};

/// Does it, HTML on the pool and PDF in a child (`pdftotext`, of the package poppler-utils). Cancelled from outside: the child is killed.
/// Errors: as above; too_large; `unsupported` where pdftotext is missing or the PDF is encrypted or has no text.
class DocumentReader {
 public:
  explicit DocumentReader(BlockingPool& pool, ReadLimits limits = {}) : pool_(pool), limits_(limits) {}
  Awaitable<Result<std::string>> read(std::string name, std::string bytes);
  const ReadLimits& limits() const noexcept { return limits_; }

 private:
  Awaitable<Result<std::string>> read_pdf(std::string bytes);
  BlockingPool& pool_;
  ReadLimits limits_;
};

}  // namespace flotte::work
