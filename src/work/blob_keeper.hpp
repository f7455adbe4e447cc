// Where the whole of a long output goes: `home` moves it into the hub's store, a node uploads it. Bounded memory, whatever the size. One
// loop.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/async/pool.hpp"
#include "base/async/types.hpp"
#include "base/error.hpp"
#include "http/client.hpp"
#include "work/run_context.hpp"

namespace flotte::work {

class BlobKeeper {
 public:
  virtual ~BlobKeeper() = default;
  /// The blob's id. Errors: unavailable, closed, deadline, exhausted (may be tried again); any other is for good; cancelled where the run
  /// is told to stop.
  virtual Awaitable<Result<std::string>> keep(RunContext& run, std::filesystem::path file) = 0;
};

/// Files of this machine; `store` blocks and gives the id.
class FileBlobKeeper final : public BlobKeeper {
 public:
  using Store = std::function<Result<std::string>(const std::filesystem::path& file)>;
  FileBlobKeeper(BlockingPool& pool, Store store) : pool_(pool), store_(std::move(store)) {}
  Awaitable<Result<std::string>> keep(RunContext& run, std::filesystem::path file) override;

 private:
  BlockingPool& pool_;
  Store store_;
};

/// PUT /fleet/v1/blobs/{id} with the run's key, over a connection of its own.
class HttpBlobKeeper final : public BlobKeeper {
 public:
  HttpBlobKeeper(BlockingPool& pool, std::shared_ptr<http::Connector> hub, std::string base_path)
      : pool_(pool), hub_(std::move(hub)), base_path_(std::move(base_path)) {}
  Awaitable<Result<std::string>> keep(RunContext& run, std::filesystem::path file) override;

 private:
  BlockingPool& pool_;
  std::shared_ptr<http::Connector> hub_;
  std::string base_path_;
};

}  // namespace flotte::work
