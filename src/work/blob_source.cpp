// Fetching documents.
#include "work/blob_source.hpp"

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "base/file.hpp"

namespace flotte::work {
namespace {

std::string bare(const std::string& id) { return id.starts_with("sha256:") ? id.substr(7) : id; }

Result<std::string> check(const std::string& id, Result<std::string> bytes) {
  if (bytes && sha256_hex(*bytes) != bare(id))
    return fail(Code::corrupt, fmt::format("the stored document {} is damaged", bare(id).substr(0, 12)));
  return bytes;
}

}  // namespace

Awaitable<Result<std::string>> FileBlobSource::fetch(RunContext&, std::string id, std::size_t limit) {
  std::function<Result<std::string>()> work = [path_of = path_of_, id, limit]() -> Result<std::string> {
    auto path = path_of(id);
    if (!path) return pass(path);
    return check(id, read_file(*path, limit));
  };
  co_return co_await pool_.run<std::string>(std::move(work));
}

Awaitable<Result<std::string>> HttpBlobSource::fetch(RunContext& run, std::string id, std::size_t limit) {
  http::RequestHead head;
  head.method = "GET";
  head.target = base_path_ + "/fleet/v1/blobs/" + bare(id);
  head.headers.set("authorization", "Bearer " + run.offer().key);
  http::CancelHandle cancel;
  std::function<void()> on_stop = [&cancel] { cancel.cancel(); };
  StopSignal::Hook hook(run.stop(), on_stop);
  const http::Deadlines deadlines;
  auto sent = co_await client_.send(hub_, head, "", deadlines, &cancel);
  if (!sent) co_return pass(sent);
  const int status = (*sent)->head().status;
  auto bytes = co_await (*sent)->read_all(limit);
  if (!bytes) co_return pass(bytes);
  if (status == 404) co_return fail(Code::not_found, "the hub does not have the document any more", "upload it again");
  if (status == 401 || status == 403)
    co_return fail(Code::forbidden, "the hub did not give the document: this run is not its own any more");
  if (status != 200) co_return fail(Code::unavailable, fmt::format("the hub answered {} when asked for the document", status));
  co_return check(id, std::move(bytes));
}

}  // namespace flotte::work
