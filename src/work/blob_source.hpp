// Where a run gets the bytes of a document: `home` reads the hub's files, a node asks the hub. One loop.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/async/pool.hpp"
#include "base/async/types.hpp"
#include "base/error.hpp"
#include "http/client.hpp"
#include "work/run_context.hpp"

namespace flotte::work {

/// Bytes that are not whole and right are never given: both check the SHA-256.
class BlobSource {
 public:
  virtual ~BlobSource() = default;
  /// `id`: 64 hex digits, "sha256:" before them or not. Errors: not_found, too_large over `limit`, corrupt, and those of the way there.
  virtual Awaitable<Result<std::string>> fetch(RunContext& run, std::string id, std::size_t limit) = 0;
};

/// Files of this machine. `path_of`: the file of a blob, as store::Blobs::path gives it.
class FileBlobSource final : public BlobSource {
 public:
  using PathOf = std::function<Result<std::string>(const std::string& id)>;
  FileBlobSource(BlockingPool& pool, PathOf path_of) : pool_(pool), path_of_(std::move(path_of)) {}
  Awaitable<Result<std::string>> fetch(RunContext& run, std::string id, std::size_t limit) override;

 private:
  BlockingPool& pool_;
  PathOf path_of_;
};

/// GET /fleet/v1/blobs/{id} with the run's key.
class HttpBlobSource final : public BlobSource {
 public:
  HttpBlobSource(http::Client& client, std::shared_ptr<http::Connector> hub, std::string base_path)
      : client_(client), hub_(std::move(hub)), base_path_(std::move(base_path)) {}
  Awaitable<Result<std::string>> fetch(RunContext& run, std::string id, std::size_t limit) override;

 private:
  http::Client& client_;
  std::shared_ptr<http::Connector> hub_;
  std::string base_path_;
};

}  // namespace flotte::work
