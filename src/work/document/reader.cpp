// Recognising and reading documents.
#include "work/document/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/process/child.hpp"
#include "base/process/companion.hpp"
#include "work/text/html.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

struct Signature {
  std::string_view bytes, what;
};
using namespace std::string_view_literals;
constexpr std::array signatures{
    Signature{"\x89PNG", "a PNG image"},
    Signature{"\xFF\xD8\xFF", "a JPEG image"},
    Signature{"GIF8", "a GIF image"},
    Signature{"PK\x03\x04", "a ZIP archive or an Office file"},
    Signature{"\x1F\x8B", "a gzip archive"},
    Signature{"\xD0\xCF\x11\xE0", "an old Office file"},
    Signature{"\x7F"
              "ELF",
              "a program"},
    Signature{"\xFD"
              "7zXZ",
              "an xz archive"},
    Signature{"(\xB5\x2F\xFD", "a zstd archive"},
    Signature{"7z\xBC\xAF", "a 7z archive"},
    Signature{"RIFF", "a sound, image or film"},
    Signature{"OggS", "a sound"},
    Signature{"ID3", "a sound"},
    Signature{"SQLite format 3", "a database"},
    Signature{"GGUF", "a model"},
    Signature{"{\\rtf", "an RTF file"},
    Signature{"\xFF\xFE", "UTF-16 text"},
    Signature{"\xFE\xFF", "UTF-16 text"},
    Signature{"II*\0"sv, "a TIFF image"},
    Signature{"MM\0*"sv, "a TIFF image"},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string extension_of(std::string_view name) {
  const std::size_t slash = name.find_last_of('/');
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  const std::size_t dot = name.find_last_of('.');
  return dot == std::string_view::npos ? std::string() : lower(name.substr(dot + 1));
}

std::string_view without_mark(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  return bytes;
}

bool looks_like_html(std::string_view bytes) {
  bytes = without_mark(bytes);
  const std::size_t start = bytes.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return false;
  const std::string head = lower(bytes.substr(start, 64));
  return head.starts_with("<!doctype html") || head.starts_with("<html");
}

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos; }

Failure empty() { return fail(Code::invalid_argument, "the document is empty"); }

}  // namespace

Result<Format> recognise(std::string_view name, std::string_view bytes) {
  if (blank(without_mark(bytes))) return empty();
  const std::string extension = extension_of(name);
  // The PDF mark may stand behind some other bytes (ISO 32000, implementation note 13).
  const bool pdf_mark = bytes.substr(0, 1024).find("%PDF-") != std::string_view::npos;
  if (bytes.starts_with("%PDF-") || (pdf_mark && extension == "pdf")) return Format::pdf;
  if (extension == "pdf") return fail(Code::corrupt, "the file is called a PDF, but is none");
  const bool binary = bytes.substr(0, 8192).find('\0') != std::string_view::npos;
  for (const Signature& s : signatures)
    // A text may begin with the letters of a mark ("RIFF", "ID3"); it has no zero bytes.
    if (bytes.starts_with(s.bytes) && (binary || find_bad_utf8(s.bytes) || s.bytes.starts_with("{\\rtf") || s.bytes.starts_with("PK"))) {
      const bool utf16 = s.what == "UTF-16 text";
      return fail(Code::unsupported, fmt::format("not a text document: {}", s.what), utf16 ? "convert it: iconv -f UTF-16 -t UTF-8" : "");
    }
  if (binary) return fail(Code::unsupported, "not a text document: binary data");
  if (extension == "html" || extension == "htm" || extension == "xhtml" || looks_like_html(bytes)) return Format::html;
  return Format::text;
}

Result<std::string> plain_text(std::string_view bytes) {
  const std::string_view text = without_mark(bytes);
  if (const auto bad = find_bad_utf8(text))
    return fail(Code::corrupt,
                fmt::format("byte {} (0x{:02X}) is not UTF-8", *bad + (bytes.size() - text.size()), static_cast<unsigned char>(text[*bad])),
                "convert the file, for example: iconv -f WINDOWS-1252 -t UTF-8");
  if (text.find('\0') != std::string_view::npos) return fail(Code::unsupported, "not a text document: binary data");
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i] == '\r' ? '\n' : text[i];
  }
  if (blank(out)) return empty();
  return out;
}

Result<std::string> pdf_outcome(int exit_code, std::string_view out, std::string_view err) {
  if (err.find("Incorrect password") != std::string_view::npos)
    return fail(Code::unsupported, "the PDF is encrypted and wants a password", "store a copy without it: qpdf --decrypt");
  if (exit_code == 3) return fail(Code::unsupported, "the PDF does not permit its text to be taken out");
  if (exit_code != 0) {
    std::string first(err.substr(0, err.find('\n')));
    Utf8Mender mender;
    return fail(Code::corrupt, fmt::format("pdftotext could not read the PDF: {}", first.empty() ? "no reason given" : mender.feed(first)));
  }
  std::string text(out);
  std::replace(text.begin(), text.end(), '\f', '\n');  // the end of a page
  auto plain = plain_text(text);
  if (!plain && plain.error().code == Code::invalid_argument)
    return fail(Code::unsupported, "the PDF has no text, perhaps only pictures of pages", "give it a text layer first: ocrmypdf");
  return plain;
}

Awaitable<Result<std::string>> DocumentReader::read_pdf(std::string bytes) {
  ChildSpec child;
  child.argv = {companion_program("pdftotext"), "-enc", "UTF-8", "-", "-"};
  child.limits.cpu_seconds = static_cast<std::uint64_t>(limits_.pdf_time.count());
  child.limits.address_space_bytes = limits_.pdf_memory_bytes;
  ChildLimits limits;
  limits.time = limits_.pdf_time;
  limits.output_bytes = limits_.text_bytes;
  auto ran = co_await run_child(std::move(child), limits, std::move(bytes));
  if (!ran) {
    const Code code = ran.error().code;
    if (code == Code::not_found) co_return fail(Code::unsupported, "PDF documents need pdftotext", "install the package poppler-utils");
    if (code == Code::deadline)
      co_return fail(Code::too_large, fmt::format("reading the PDF took longer than {} s", limits_.pdf_time.count()));
    if (code == Code::too_large)
      co_return fail(Code::too_large, fmt::format("the PDF has more than {} MiB of text", limits_.text_bytes >> 20));
    co_return pass(ran, "pdftotext");
  }
  if (ran->status.signal != 0) co_return fail(Code::too_large, fmt::format("pdftotext was ended over its limits ({})", ran->status.text()));
  co_return pdf_outcome(ran->status.code, ran->out, ran->err);
}

namespace {
Result<std::string> read_html(std::string_view bytes) {
  auto plain = plain_text(bytes);
  if (!plain) return plain;
  auto text = html_text(*plain);
  if (text && blank(*text)) return fail(Code::invalid_argument, "the HTML document has no text");
  return text;
}
}  // namespace

Awaitable<Result<std::string>> DocumentReader::read(std::string name, std::string bytes) {
  if (bytes.size() > limits_.document_bytes)
    co_return fail(Code::too_large, fmt::format("the document is larger than {} MiB", limits_.document_bytes >> 20));
  auto format = recognise(name, bytes);
  if (!format) co_return pass(format);
  if (*format == Format::pdf) co_return co_await read_pdf(std::move(bytes));
  const bool html = *format == Format::html;
  std::function<Result<std::string>()> work = [html, held = std::move(bytes)] { return html ? read_html(held) : plain_text(held); };
  co_return co_await pool_.run<std::string>(std::move(work));
}

}  // namespace flotte::work
