// Content-addressed files: DATA/blobs/ab/<64 hex digits>, named by the SHA-256 of their bytes. Never changed once there.
// Every call blocks; call from a BlockingPool. Safe from any thread. What was answered is on disk (fsync).
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/crypto.hpp"
#include "base/error.hpp"

namespace flotte::store {

/// A blob being received in pieces. Dropped without `finish`, it leaves nothing behind.
class BlobWriter {
 public:
  BlobWriter(BlobWriter&& other) noexcept;
  BlobWriter& operator=(BlobWriter&&) = delete;
  ~BlobWriter();
  /// Errors: exhausted (disk full), io.
  Result<void> write(std::string_view bytes);
  /// Its id. With `expected` (64 hex digits), other content is refused: unprocessable, nothing kept.
  Result<std::string> finish(std::string_view expected = {});
  std::int64_t size() const noexcept { return size_; }

 private:
  friend class Blobs;
  BlobWriter(std::string root, std::string path, int file) : root_(std::move(root)), path_(std::move(path)), file_(file) {}
  std::string root_, path_;
  int file_;
  std::int64_t size_ = 0;
  Sha256 hash_;
};

class Blobs {
 public:
  /// Makes the directory and clears what an earlier process left unfinished. Error: io.
  static Result<Blobs> open(std::string directory);

  Result<BlobWriter> begin();
  /// The whole thing at once; the id. Already there: nothing is written.
  Result<std::string> put(std::string_view bytes);
  /// Errors: not_found, too_large over `limit`, io. Takes "sha256:..." too.
  Result<std::string> get(std::string_view id, std::size_t limit = 256 * 1024 * 1024) const;
  /// Where it is or would be; for an id that is no id: invalid_argument.
  Result<std::string> path(std::string_view id) const;
  bool has(std::string_view id) const;
  /// Bytes; nothing where there is no such blob.
  std::optional<std::int64_t> size(std::string_view id) const;

 private:
  explicit Blobs(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
};

}  // namespace flotte::store
