// ZIP by libarchive.
#include "work/document/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <array>
#include <memory>

namespace flotte::work {
namespace {

using Archive = std::unique_ptr<archive, decltype(&archive_read_free)>;

Failure damaged(archive& zip) {
  const char* said = archive_error_string(&zip);
  return fail(Code::corrupt, fmt::format("it is damaged: {}", said ? said : "no ZIP archive"), "open it with the program that wrote it");
}

Failure too_large(std::size_t bytes) { return fail(Code::too_large, fmt::format("unpacked it is larger than {} MiB", bytes >> 20)); }

Result<std::string> read_entry(archive& zip, std::size_t limit) {
  std::string content;
  std::array<char, 64 * 1024> piece;
  for (;;) {
    // The size that the archive tells is a stranger's word; what comes is counted.
    const la_ssize_t n = archive_read_data(&zip, piece.data(), piece.size());
    if (n == 0) return content;
    if (n == ARCHIVE_RETRY) continue;
    if (n < 0) return damaged(zip);
    if (content.size() + static_cast<std::size_t>(n) > limit) return too_large(limit);
    content.append(piece.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace

Result<ArchiveFiles> read_archive(std::string_view bytes, const std::function<bool(std::string_view name)>& wanted,
                                  const ArchiveLimits& limits) {
  const Archive zip(archive_read_new(), &archive_read_free);
  archive_read_support_format_zip_seekable(zip.get());
  if (archive_read_open_memory(zip.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) return damaged(*zip);
  ArchiveFiles files;
  std::size_t left = limits.total_bytes;
  for (std::size_t count = 0;; ++count) {
    archive_entry* entry = nullptr;
    const int got = archive_read_next_header(zip.get(), &entry);
    if (got == ARCHIVE_EOF) break;
    if (got < ARCHIVE_WARN) return damaged(*zip);
    if (count == limits.entries) return fail(Code::too_large, fmt::format("it has more than {} files inside", limits.entries));
    // Names that are not UTF-8 are taken as they are.
    const char* name = archive_entry_pathname_utf8(entry);
    if (!name) name = archive_entry_pathname(entry);
    if (!name || !wanted(name)) continue;
    if (archive_entry_is_encrypted(entry))
      return fail(Code::unsupported, "the document is encrypted and wants a password", "store a copy without it");
    auto content = read_entry(*zip, std::min(limits.file_bytes, left));
    if (!content) return pass(content);
    left -= content->size();
    files.emplace(name, std::move(*content));
  }
  return files;
}

}  // namespace flotte::work
