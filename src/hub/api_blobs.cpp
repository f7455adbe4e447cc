// Blobs: bytes under their own hash.
#include <fmt/format.h>

#include "hub/api.hpp"
#include "hub/hub.hpp"

namespace flotte::hub {
namespace {

constexpr std::int64_t blob_limit = 256 * 1024 * 1024;  // named in docs/limits.md
constexpr std::size_t piece = 256 * 1024;

Awaitable<void> respond_blob(Request& request, int status, const std::string& id, std::int64_t bytes) {
  const json::object answer{{"id", id}, {"bytes", bytes}};
  co_await respond_json(request.call, status, answer);
}

Error too_large() { return {Code::too_large, fmt::format("a blob has at most {} MB", blob_limit / 1024 / 1024), "split the document"}; }

}  // namespace

Awaitable<void> put_blob(Request& request) {
  const std::string id = request.captures.at(0);
  store::Blobs& blobs = request.hub.blobs();
  if (!wire::is_blob_id(id)) {
    const Error wrong(Code::invalid_argument, fmt::format("'{}' is no SHA-256", id), "64 lower-case hex digits");
    co_return co_await respond_error(request.call, wrong);
  }
  if (const auto length = request.call.content_length(); length && *length > static_cast<std::uint64_t>(blob_limit))
    co_return co_await respond_error(request.call, too_large());
  if (const auto size = blobs.size(id)) co_return co_await respond_blob(request, 200, id, *size);
  auto writer = blobs.begin();
  if (!writer) co_return co_await respond_error(request.call, writer.error());
  auto file = std::make_shared<store::BlobWriter>(std::move(*writer));
  auto buffer = std::make_shared<std::string>(piece, '\0');
  for (;;) {
    auto n = co_await request.call.read_some(std::span(buffer->data(), buffer->size()));
    if (!n) co_return co_await respond_error(request.call, n.error());
    if (*n == 0) break;
    if (file->size() + static_cast<std::int64_t>(*n) > blob_limit) co_return co_await respond_error(request.call, too_large());
    // Awaited before the next piece is read, so the buffer is nobody else's meanwhile.
    std::function<Result<bool>()> write = [file, buffer, size = *n]() -> Result<bool> {
      if (auto written = file->write(std::string_view(buffer->data(), size)); !written) return pass(written);
      return true;
    };
    auto written = co_await request.hub.pool().run<bool>(std::move(write));
    if (!written) co_return co_await respond_error(request.call, written.error());
  }
  std::function<Result<std::string>()> finish = [file, id] { return file->finish(id); };
  auto finished = co_await request.hub.pool().run<std::string>(std::move(finish));
  if (!finished) co_return co_await respond_error(request.call, finished.error());
  co_await respond_blob(request, 201, id, file->size());
}

Awaitable<void> get_blob(Request& request) {
  const std::string id = request.captures.at(0);
  const auto size = request.hub.blobs().size(id);
  if (!size) {
    const Error unknown(Code::not_found, fmt::format("no blob '{}'", id), "store it first: PUT /fleet/v1/blobs/{sha256}");
    co_return co_await respond_error(request.call, unknown);
  }
  auto path = request.hub.blobs().path(id);
  if (!path) co_return co_await respond_error(request.call, path.error());
  http::ResponseHead head;
  head.headers.set("content-type", "application/octet-stream");
  head.headers.set("content-length", std::to_string(*size));
  head.headers.set("x-content-type-options", "nosniff");
  if (request.call.head().method == "HEAD") {
    auto sent = co_await request.call.respond(std::move(head), std::string_view());
    co_return;
  }
  auto file = std::make_shared<std::ifstream>(*path, std::ios::binary);
  auto buffer = std::make_shared<std::string>(piece, '\0');
  auto started = co_await request.call.start(std::move(head));
  for (std::int64_t left = *size; started && left > 0;) {
    std::function<Result<std::size_t>()> read = [file, buffer]() -> Result<std::size_t> {
      file->read(buffer->data(), static_cast<std::streamsize>(buffer->size()));
      if (file->gcount() <= 0) return fail(Code::io, "the blob ended early");
      return static_cast<std::size_t>(file->gcount());
    };
    auto n = co_await request.hub.pool().run<std::size_t>(std::move(read));
    if (!n) co_return request.call.abort();
    auto sent = co_await request.call.write(std::string_view(buffer->data(), *n));
    if (!sent) co_return;
    left -= static_cast<std::int64_t>(*n);
  }
  auto finished = co_await request.call.finish();
  (void)finished;  // a client that has gone needs no answer
}

}  // namespace flotte::hub
