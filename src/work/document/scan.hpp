// Scanned PDFs: each page becomes a picture (pdftoppm) whose text tesseract reads. Both are children with limits.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "work/document/pdf.hpp"

namespace flotte::work {

/// Told to a person while a document is read: "page 3 of 7", 0..1.
using ReadProgress = std::function<void(std::string_view step, double fraction)>;

struct ScanLimits {
  int pages = 300;
  HelperLimits render{std::chrono::seconds(60), 1ull << 30, 128 * 1024 * 1024};  // one page at 300 dots per inch
  HelperLimits recognise{std::chrono::seconds(180), 2ull << 30, 4 * 1024 * 1024};
};

/// Which of tesseract's languages are used: English, German and Japanese where they are installed, else all that are. From the output of
/// `tesseract --list-langs`. Pure.
std::vector<std::string> choose_languages(std::string_view listed);

/// The languages for the pages that follow one that reads so: Japanese only where there was any, and alone with English where it
/// prevails. Pure.
std::vector<std::string> narrow_languages(std::vector<std::string> languages, std::string_view page);

struct ScanText {
  std::string text;
  std::string languages;  // "eng+deu"
};
/// Errors: `unsupported` where tesseract or every language is missing, with what to install; too_large; corrupt.
Awaitable<Result<ScanText>> read_scan(const std::string& pdf, int pages, ScanLimits limits, ReadProgress progress);

}  // namespace flotte::work
