// PDF by poppler's programs, each a child with limits (package poppler-utils).
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "base/process/child.hpp"

namespace flotte::work {

/// What a child that reads one document may use.
struct HelperLimits {
  std::chrono::seconds time{60};
  std::uint64_t memory_bytes = 1ull << 30;
  std::size_t output_bytes = 32 * 1024 * 1024;
};

/// One helper from start to end. Errors: `unsupported` where the program is missing, with `install` as the hint; too_large over its limits;
/// else as run_child.
Awaitable<Result<ChildOutput>> run_helper(std::vector<std::string> argv, HelperLimits limits, std::string input, std::string install);

/// What pdftotext found.
struct PdfText {
  std::string text;  // UTF-8; may be blank
  int pages = 0;
  std::size_t letters = 0;  // characters that are no white space
};
/// What became of pdftotext, as text or as an error for a person. Pure.
Result<PdfText> pdf_outcome(int exit_code, std::string_view out, std::string_view err);

/// Too few letters for its pages: they may be pictures. Pure.
bool says_little(const PdfText& text);

/// True where the pages of a PDF are pictures: it has next to no text, and `images` (of `pdfimages -list`) cover its pages. Pure.
bool is_scan(const PdfText& text, std::string_view images);

/// Reads the text of a PDF. Errors: as `run_helper` and `pdf_outcome`.
Awaitable<Result<PdfText>> read_pdf_text(const std::string& bytes, HelperLimits limits);
/// The list of its pictures.
Awaitable<Result<std::string>> list_pdf_images(const std::string& bytes, HelperLimits limits);

}  // namespace flotte::work
