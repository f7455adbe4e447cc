// Reading pictures of pages.
#include "work/document/scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "work/text/characters.hpp"
#include "work/text/lines.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

constexpr const char* install =
    "install tesseract-ocr and its languages, for example: apt install tesseract-ocr tesseract-ocr-deu tesseract-ocr-jpn";

std::string spoken(const std::vector<std::string>& languages) { return fmt::format("{}", fmt::join(languages, "+")); }

Awaitable<Result<std::string>> render_page(const std::string& pdf, int page, HelperLimits limits) {
  const std::string number = std::to_string(page);
  std::vector<std::string> argv{"pdftoppm", "-r", "300", "-gray", "-f", number, "-l", number, "-"};
  auto ran = co_await run_helper(std::move(argv), limits, pdf, "install the package poppler-utils");
  if (!ran) co_return pass(ran);
  if (!ran->status.success() || ran->out.empty()) co_return fail(Code::corrupt, fmt::format("page {} cannot be made a picture", page));
  co_return std::move(ran->out);
}

Awaitable<Result<std::string>> recognise_page(std::string picture, std::string languages, HelperLimits limits) {
  std::vector<std::string> argv{"tesseract", "stdin", "stdout", "-l", languages};
  auto ran = co_await run_helper(std::move(argv), limits, std::move(picture), install);
  if (!ran) co_return pass(ran);
  if (!ran->status.success()) {
    Utf8Mender mender;
    const std::string said = mender.feed(ran->err.substr(0, 200));
    co_return fail(Code::io, fmt::format("tesseract failed ({}): {}", ran->status.text(), on_one_line(said)));
  }
  Utf8Mender mender;
  std::string text = mender.feed(ran->out);
  text += mender.finish();
  std::replace(text.begin(), text.end(), '\f', '\n');
  co_return text;
}

Awaitable<Result<std::vector<std::string>>> find_languages(HelperLimits limits) {
  std::vector<std::string> argv{"tesseract", "--list-langs"};
  auto ran = co_await run_helper(std::move(argv), limits, {}, install);
  if (!ran) co_return fail(ran.error().code, "the PDF is a scan: its pages are pictures, and " + ran.error().message, ran.error().hint);
  std::vector<std::string> languages = choose_languages(ran->out + "\n" + ran->err);  // older ones list them on standard error
  if (languages.empty()) co_return fail(Code::unsupported, "the PDF is a scan, and tesseract has no language to read it", install);
  co_return languages;
}

}  // namespace

std::vector<std::string> choose_languages(std::string_view listed) {
  std::vector<std::string> installed, chosen;
  const std::string lines = fold_line_ends(listed) + "\n";
  for (std::size_t at = 0, end = 0; (end = lines.find('\n', at)) != std::string::npos; at = end + 1) {
    const std::string name = lines.substr(at, end - at);
    if (name.empty() || name == "osd" || name.find_first_of(" :\t\"") != std::string::npos) continue;
    installed.push_back(name);
  }
  for (const char* wanted : {"eng", "deu", "jpn"})
    if (std::find(installed.begin(), installed.end(), wanted) != installed.end()) chosen.emplace_back(wanted);
  return chosen.empty() ? installed : chosen;
}

std::vector<std::string> narrow_languages(std::vector<std::string> languages, std::string_view page) {
  constexpr std::size_t enough = 60;
  const Characters seen = count_characters(page);
  if (seen.all < enough) return languages;
  if (seen.kana * 20 < seen.all) {
    std::erase(languages, "jpn");
  } else if (seen.japanese() * 2 > seen.all) {
    std::erase(languages, "deu");
  }
  return languages;
}

Awaitable<Result<ScanText>> read_scan(const std::string& pdf, int pages, ScanLimits limits, ReadProgress progress) {
  if (pages > limits.pages)
    co_return fail(Code::too_large, fmt::format("the PDF is a scan of {} pages; {} are read at most", pages, limits.pages), "split it");
  auto languages = co_await find_languages(limits.recognise);
  if (!languages) co_return pass(languages);
  ScanText out;
  out.languages = spoken(*languages);
  bool narrowed = false;
  for (int page = 1; page <= pages; ++page) {
    if (progress) progress(fmt::format("reading the picture of page {} of {}", page, pages), static_cast<double>(page - 1) / pages);
    auto picture = co_await render_page(pdf, page, limits.render);
    if (!picture) co_return pass(picture);
    auto text = co_await recognise_page(std::move(*picture), spoken(*languages), limits.recognise);
    if (!text) co_return pass(text, fmt::format("page {}", page));
    if (!narrowed && trimmed(*text).size() > 0) {
      auto fewer = narrow_languages(*languages, *text);
      narrowed = true;
      // A second look at the first page: languages that are not its own made it worse.
      if (!fewer.empty() && fewer != *languages) {
        languages = std::move(fewer);
        out.languages = spoken(*languages);
        --page;
        continue;
      }
    }
    if (!out.text.empty()) out.text += "\n";
    out.text += std::string(trimmed(*text)) + "\n";
  }
  co_return out;
}

}  // namespace flotte::work
