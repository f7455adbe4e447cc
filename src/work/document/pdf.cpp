// pdftotext and pdfimages.
#include "work/document/pdf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>

#include "base/process/companion.hpp"
#include "work/text/lines.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

constexpr std::size_t letters_of_a_page = 24;  // a page with fewer says nothing by its text: a stamp, a page number
constexpr double inches_of_a_scan = 20;        // square inches of pictures on one page; A4 has 97

std::size_t count_letters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && (byte & 0xC0) != 0x80;
  }));
}

/// Square inches of pictures by page. A line: page num type width height color comp bpc enc interp object ID x-ppi y-ppi size ratio.
std::map<int, double> picture_area(std::string_view images) {
  std::map<int, double> area;
  std::istringstream lines{std::string(images)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::vector<std::string> field;
    for (std::string word; field.size() < 16 && fields >> word;) field.push_back(word);
    if (field.size() < 14 || field[2] != "image") continue;
    const double width = std::atof(field[3].c_str()), height = std::atof(field[4].c_str());
    const double x_ppi = std::atof(field[12].c_str()), y_ppi = std::atof(field[13].c_str());
    if (x_ppi > 0 && y_ppi > 0) area[std::atoi(field[0].c_str())] += width / x_ppi * height / y_ppi;
  }
  return area;
}

}  // namespace

Awaitable<Result<ChildOutput>> run_helper(std::vector<std::string> argv, HelperLimits limits, std::string input, std::string install) {
  const std::string name = argv.front();
  ChildSpec child;
  argv.front() = companion_program(argv.front());
  child.argv = std::move(argv);
  std::vector<std::string> changes{"OMP_THREAD_LIMIT=1"};  // tesseract would take every core
  child.env = environment_with(changes);
  child.limits.cpu_seconds = static_cast<std::uint64_t>(limits.time.count());
  child.limits.address_space_bytes = limits.memory_bytes;
  ChildLimits bounds;
  bounds.time = limits.time;
  bounds.output_bytes = limits.output_bytes;
  auto ran = co_await run_child(std::move(child), bounds, std::move(input));
  if (!ran) {
    const Code code = ran.error().code;
    if (code == Code::not_found) co_return fail(Code::unsupported, name + " is needed and is not installed on this machine", install);
    if (code == Code::deadline) co_return fail(Code::too_large, fmt::format("{} took longer than {} s", name, limits.time.count()));
    if (code == Code::too_large) co_return fail(Code::too_large, fmt::format("{} gave more than {} MiB", name, limits.output_bytes >> 20));
    co_return pass(ran, name);
  }
  if (ran->status.signal != 0) co_return fail(Code::too_large, fmt::format("{} was ended over its limits ({})", name, ran->status.text()));
  co_return std::move(*ran);
}

Result<PdfText> pdf_outcome(int exit_code, std::string_view out, std::string_view err) {
  if (err.find("Incorrect password") != std::string_view::npos)
    return fail(Code::unsupported, "the PDF is encrypted and wants a password", "store a copy without it: qpdf --decrypt");
  if (exit_code == 3) return fail(Code::unsupported, "the PDF does not permit its text to be taken out");
  if (exit_code != 0) {
    const std::string first(err.substr(0, err.find('\n')));
    Utf8Mender mender;
    return fail(Code::corrupt, fmt::format("pdftotext could not read the PDF: {}", first.empty() ? "no reason given" : mender.feed(first)));
  }
  PdfText found;
  Utf8Mender mender;
  found.text = mender.feed(out);
  found.text += mender.finish();
  std::erase(found.text, '\0');
  found.pages = static_cast<int>(std::count(found.text.begin(), found.text.end(), '\f'));
  std::replace(found.text.begin(), found.text.end(), '\f', '\n');  // the end of a page
  found.text = fold_line_ends(found.text);
  found.letters = count_letters(found.text);
  return found;
}

bool says_little(const PdfText& text) { return text.letters < letters_of_a_page * static_cast<std::size_t>(std::max(text.pages, 1)); }

bool is_scan(const PdfText& text, std::string_view images) {
  if (!says_little(text)) return false;
  const auto area = picture_area(images);
  if (text.letters == 0) return !area.empty();
  return std::any_of(area.begin(), area.end(), [](const auto& page) { return page.second >= inches_of_a_scan; });
}

Awaitable<Result<PdfText>> read_pdf_text(const std::string& bytes, HelperLimits limits) {
  std::vector<std::string> argv{"pdftotext", "-enc", "UTF-8", "-", "-"};
  auto ran = co_await run_helper(std::move(argv), limits, bytes, "install the package poppler-utils");
  if (!ran) co_return pass(ran);
  co_return pdf_outcome(ran->status.code, ran->out, ran->err);
}

Awaitable<Result<std::string>> list_pdf_images(const std::string& bytes, HelperLimits limits) {
  std::vector<std::string> argv{"pdfimages", "-list", "-"};
  auto ran = co_await run_helper(std::move(argv), limits, bytes, "install the package poppler-utils");
  if (!ran) co_return pass(ran);
  co_return std::move(ran->out);
}

}  // namespace flotte::work
