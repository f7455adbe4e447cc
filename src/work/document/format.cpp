// Recognising formats.
#include "work/document/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "work/text/encoding.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

using namespace std::string_view_literals;

struct Row {
  Format format;
  std::string_view name;        // with its article, for people
  std::string_view extensions;  // " a b "
  std::string_view begins;      // what a file of that extension must begin with; empty: anything readable
};
constexpr std::array formats{
    Row{Format::text, "a text", "", ""},
    Row{Format::html, "an HTML page", " html htm xhtml ", ""},
    Row{Format::pdf, "a PDF", " pdf ", "%PDF-"},
    Row{Format::docx, "a Word document", " docx docm dotx ", "PK"},
    Row{Format::epub, "an EPUB", " epub ", "PK"},
    Row{Format::mail, "an e-mail", " eml mht mhtml ", ""},
    Row{Format::mailbox, "a mailbox", " mbox mbx ", "From "},
};

/// What else people have, by its first bytes.
struct Signature {
  std::string_view bytes, what;
};
constexpr std::array signatures{
    Signature{"\x89PNG", "a PNG image"},
    Signature{"\xFF\xD8\xFF", "a JPEG image"},
    Signature{"GIF8", "a GIF image"},
    Signature{"\x1F\x8B", "a gzip archive"},
    Signature{"\x7F"
              "ELF",
              "a program"},
    Signature{"\xFD"
              "7zXZ",
              "an xz archive"},
    Signature{"(\xB5\x2F\xFD", "a zstd archive"},
    Signature{"7z\xBC\xAF", "a 7z archive"},
    Signature{"Rar!\x1A", "a RAR archive"},
    Signature{"RIFF", "a sound, image or film"},
    Signature{"OggS", "a sound"},
    Signature{"ID3", "a sound"},
    Signature{"SQLite format 3", "a database"},
    Signature{"GGUF", "a model"},
    Signature{"{\\rtf", "an RTF file"},
    Signature{"II*\0"sv, "a TIFF image"},
    Signature{"MM\0*"sv, "a TIFF image"},
};

/// What a ZIP archive is, by a name in its list of files.
struct Inside {
  std::string_view file, what;
  std::optional<Format> format;
};
constexpr std::array insides{
    Inside{"word/document.xml", "a Word document", Format::docx},
    Inside{"META-INF/container.xml", "an EPUB", Format::epub},
    Inside{"xl/workbook.xml", "an Excel workbook", std::nullopt},
    Inside{"ppt/presentation.xml", "a PowerPoint presentation", std::nullopt},
    Inside{"mimetypeapplication/vnd.oasis.opendocument", "an OpenDocument file", std::nullopt},
    Inside{"META-INF/MANIFEST.MF", "a Java archive", std::nullopt},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view without_mark(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  return bytes;
}

bool looks_like_html(std::string_view bytes) {
  bytes = without_mark(bytes);
  const std::size_t start = bytes.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return false;
  std::string head = lower(bytes.substr(start, 512));
  if (head.starts_with("<?xml")) head.erase(0, std::min(head.size(), head.find("?>") + 2));
  head.erase(0, head.find_first_not_of(" \t\r\n"));
  return head.starts_with("<!doctype html") || head.starts_with("<html");
}

const Row* row_of(const std::string& extension) {
  if (extension.empty()) return nullptr;
  for (const Row& row : formats)
    if (row.extensions.find(" " + extension + " ") != std::string_view::npos) return &row;
  return nullptr;
}

Failure not_a_text(std::string_view what, std::string hint = {}) {
  return fail(Code::unsupported, fmt::format("not a text document: {}", what), std::move(hint));
}

Failure false_name(const Row& row, std::string_view extension) {
  std::string what(row.name.substr(row.name.find(' ') + 1));
  return fail(Code::corrupt, fmt::format("the file is called .{}, but is no {}", extension, what));
}

Result<Format> recognise_zip(const Row* named, std::string_view bytes) {
  for (const Inside& inside : insides)
    if (bytes.find(inside.file) != std::string_view::npos) {
      if (inside.format) return *inside.format;
      return not_a_text(inside.what, "export it as PDF or text");
    }
  // Damaged beyond its list of files: its reader says how.
  if (named && named->begins == "PK") return named->format;
  return not_a_text("a ZIP archive", "unpack it");
}

/// Word wraps a document with a password into an old Office file.
Failure old_office(std::string_view bytes) {
  constexpr std::string_view encrypted = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"sv;
  if (bytes.find(encrypted) != std::string_view::npos)
    return fail(Code::unsupported, "the document is encrypted and wants a password", "store a copy without it");
  return not_a_text("an old Office or Outlook file", "save it as DOCX or PDF, a message as .eml");
}

std::optional<Failure> other_signature(std::string_view bytes, bool binary) {
  for (const Signature& s : signatures)
    // A text may begin with the letters of a mark ("RIFF", "ID3"); it has no zero bytes.
    if (bytes.starts_with(s.bytes) && (binary || find_bad_utf8(s.bytes) || s.bytes.starts_with("{\\rtf"))) return not_a_text(s.what);
  return std::nullopt;
}

}  // namespace

std::string extension_of(std::string_view name) {
  const std::size_t slash = name.find_last_of('/');
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  const std::size_t dot = name.find_last_of('.');
  return dot == std::string_view::npos ? std::string() : lower(name.substr(dot + 1));
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos; }

Result<Format> recognise(std::string_view name, std::string_view bytes) {
  if (is_blank(without_mark(bytes))) return fail(Code::invalid_argument, "the document is empty");
  const std::string extension = extension_of(name);
  const Row* named = row_of(extension);
  // The PDF mark may stand behind some other bytes (ISO 32000, implementation note 13).
  const bool pdf_mark = bytes.substr(0, 1024).find("%PDF-") != std::string_view::npos;
  if (bytes.starts_with("%PDF-") || (pdf_mark && extension == "pdf")) return Format::pdf;
  if (bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06")) return recognise_zip(named, bytes);
  if (bytes.starts_with("\xD0\xCF\x11\xE0")) return old_office(bytes);
  const bool zeros = bytes.substr(0, 8192).find('\0') != std::string_view::npos;
  const bool binary = zeros && !decode_utf16(bytes);
  if (auto other = other_signature(bytes, binary)) return std::move(*other);
  if (named && !named->begins.empty() && !bytes.starts_with(named->begins)) {
    if (named->format != Format::mailbox) return false_name(*named, extension);
    named = nullptr;
  }
  if (binary) return not_a_text("binary data");
  if (named) return named->format;
  return looks_like_html(bytes) ? Format::html : Format::text;
}

}  // namespace flotte::work
