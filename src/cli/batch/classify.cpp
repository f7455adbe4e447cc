// Kinds of files.
#include "cli/batch/classify.hpp"

#include <algorithm>
#include <array>

#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {

/// What the hub's reader knows by name (work/document/format.cpp); whether the content is that, it says.
constexpr std::array<std::string_view, 16> document_extensions{".txt",  ".md",   ".markdown", ".html", ".htm", ".xhtml", ".pdf",  ".docx",
                                                               ".docm", ".dotx", ".epub",     ".eml",  ".mht", ".mhtml", ".mbox", ".mbx"};

bool looks_like_text(std::string_view beginning) {
  // The cut may have gone through a character.
  if (beginning.size() >= beginning_bytes)
    for (int i = 0; i < 3 && !is_utf8(beginning); ++i) beginning.remove_suffix(1);
  if (!is_utf8(beginning)) return false;
  return std::none_of(beginning.begin(), beginning.end(), [](char c) {
    const unsigned char byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f') || byte == 0x7F;
  });
}

}  // namespace

std::string extension_of(std::string_view name) {
  name = name.substr(name.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  std::string out(name.substr(dot));
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

Result<FileKind> classify(std::string_view name, std::string_view beginning) {
  const std::string extension = extension_of(name);
  if (extension == ".jsonl") return FileKind::prompts;
  if (std::find(document_extensions.begin(), document_extensions.end(), extension) != document_extensions.end()) return FileKind::document;
  if (looks_like_text(beginning) || beginning.starts_with("%PDF-")) return FileKind::document;
  const std::string seen = extension.empty() ? "is no text" : "has the extension " + to_utf8(extension) + " and is no text";
  return fail(Code::unsupported, "cannot be read: it " + seen,
              "text in any encoding under .txt or .md, HTML, PDF, DOCX, EPUB, e-mail and JSON Lines can");
}

}  // namespace flotte::cli
