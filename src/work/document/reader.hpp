// From a document's bytes to its text. Which formats there are: format.cpp; how each is read: the table in reader.cpp.
#pragma once
#include <string>

#include "base/async/pool.hpp"
#include "base/async/types.hpp"
#include "base/error.hpp"
#include "work/document/format.hpp"
#include "work/document/pdf.hpp"
#include "work/document/read_text.hpp"
#include "work/document/scan.hpp"

namespace flotte::work {

/// Limits of reading one document. Those of archives, XML and e-mails stand in their headers; all in docs/limits.md.
struct ReadLimits {
  std::size_t document_bytes = 64 * 1024 * 1024;
  HelperLimits pdf;
  ScanLimits scan;
};

/// Does it: PDF in children (`pdftotext`, and `tesseract` for a scan), everything else on the pool. Cancelled from outside: the child is
/// killed. Errors, each a sentence for a person: `unsupported` (another format, a password, a missing program), `corrupt`, too_large,
/// `invalid_argument` for a document without text.
class DocumentReader {
 public:
  explicit DocumentReader(BlockingPool& pool, ReadLimits limits = {}) : pool_(pool), limits_(limits) {}
  /// `progress` is called on the caller's loop while pages of a scan are read.
  Awaitable<Result<ReadText>> read(std::string name, std::string bytes, ReadProgress progress = {});
  const ReadLimits& limits() const noexcept { return limits_; }

 private:
  Awaitable<Result<ReadText>> read_pdf(std::string bytes, ReadProgress progress);
  BlockingPool& pool_;
  ReadLimits limits_;
};

/// What needs no child, at once. Pure; `format` is not pdf. Errors: as `read`.
Result<ReadText> read_in_process(Format format, std::string_view bytes);

}  // namespace flotte::work
