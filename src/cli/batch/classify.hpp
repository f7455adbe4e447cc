// What a file is to a batch, by its name and its beginning. Pure.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::cli {

enum class FileKind { document, prompts };

/// So many bytes of the beginning are enough to classify a file.
inline constexpr std::size_t beginning_bytes = 8 * 1024;
/// A larger document is refused with that reason.
inline constexpr std::size_t document_limit = 256 * 1024 * 1024;

/// Names of text, Markdown, HTML, PDF, DOCX, EPUB and e-mail are documents and .jsonl is a list of prompts, whatever case the name has;
/// anything else is a document where `beginning` looks like text (UTF-8 without control characters) or says that it is a PDF. Error:
/// `unsupported`, which names what was seen.
Result<FileKind> classify(std::string_view name, std::string_view beginning);

/// The lower-case extension with its dot, "" where there is none; "x.tar.gz" has ".gz", ".profile" none.
std::string extension_of(std::string_view name);

}  // namespace flotte::cli
