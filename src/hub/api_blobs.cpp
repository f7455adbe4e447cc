// Blobs: bytes under their own hash.
#include <fmt/format.h>

#include "hub/api.hpp"
#include "hub/foreign_bytes.hpp"
#include "hub/hub.hpp"
#include "hub/send_file.hpp"

namespace flotte::hub {
namespace {

constexpr std::int64_t blob_limit = 256 * 1024 * 1024;                       // named in docs/limits.md
constexpr std::int64_t output_limit = std::int64_t{4} * 1024 * 1024 * 1024;  // the whole output of a run, by the run itself
constexpr std::size_t piece = 256 * 1024;

std::int64_t limit_of(const Request& request) { return request.caller->who.run ? output_limit : blob_limit; }

Error too_large(std::int64_t limit) {
  return {Code::too_large, fmt::format("a blob has at most {} MB", limit / 1024 / 1024), "split the document"};
}

/// The id in the path, or what is wrong with it.
Result<std::string> blob_id(const Request& request) {
  const std::string& id = request.captures.at(0);
  if (id.size() == 64 && wire::is_blob_id(id)) return id;
  return fail(Code::invalid_argument, fmt::format("'{}' is no SHA-256", id.substr(0, 100)), "64 lower-case hex digits");
}

Awaitable<Result<std::optional<std::int64_t>>> size_of(Request& request, std::string id) {
  using Size = std::optional<std::int64_t>;
  std::function<Result<Size>()> look = [&blobs = request.hub.blobs(), id = std::move(id)]() -> Result<Size> { return blobs.size(id); };
  return request.hub.pool().run<Size>(std::move(look));
}

using Writer = std::shared_ptr<store::BlobWriter>;

/// The body into a file that is nobody's yet. Errors: too_large, the body's, the disk's.
Awaitable<Result<Writer>> receive(Request& request) {
  std::function<Result<Writer>()> begin = [&blobs = request.hub.blobs()]() -> Result<Writer> {
    auto writer = blobs.begin();
    if (!writer) return pass(writer);
    return std::make_shared<store::BlobWriter>(std::move(*writer));
  };
  auto file = co_await request.hub.pool().run<Writer>(std::move(begin));
  if (!file) co_return pass(file);
  const auto buffer = std::make_shared<std::string>(piece, '\0');
  const std::span<char> room(buffer->data(), buffer->size());
  for (std::int64_t total = 0;;) {
    auto n = co_await request.call.read_some(room);
    if (!n) co_return pass(n);
    if (*n == 0) co_return std::move(*file);
    total += static_cast<std::int64_t>(*n);
    if (total > limit_of(request)) co_return Failure(too_large(limit_of(request)));
    // Awaited before the next piece is read, so the buffer is nobody else's meanwhile.
    std::function<Result<bool>()> write = [writer = *file, buffer, size = *n]() -> Result<bool> {
      if (auto written = writer->write(std::string_view(buffer->data(), size)); !written) return pass(written);
      return true;
    };
    auto written = co_await request.hub.pool().run<bool>(std::move(write));
    if (!written) co_return pass(written);
  }
}

Awaitable<void> respond_blob(Request& request, int status, const std::string& id, std::int64_t bytes) {
  const json::object answer{{"id", id}, {"bytes", bytes}};
  co_await respond_json(request.call, status, answer);
}

}  // namespace

Awaitable<void> put_blob(Request& request) {
  auto id = blob_id(request);
  if (!id) co_return co_await respond_error(request.call, id.error());
  if (const auto length = request.call.content_length(); length && *length > static_cast<std::uint64_t>(limit_of(request))) {
    const Error refused = too_large(limit_of(request));
    co_return co_await respond_error(request.call, refused);
  }
  auto known = co_await size_of(request, *id);
  if (!known) co_return co_await respond_error(request.call, known.error());
  if (*known) {
    // Most clients send all before they read; who said `Expect: 100-continue` waits for this answer.
    if (!request.call.head().headers.get("expect")) co_await read_to_end(request.call);
    co_return co_await respond_blob(request, 200, *id, **known);
  }
  auto file = co_await receive(request);
  if (!file) co_return co_await respond_error(request.call, file.error());
  std::function<Result<std::string>()> finish = [writer = *file, name = *id] { return writer->finish(name); };
  auto finished = co_await request.hub.pool().run<std::string>(std::move(finish));
  if (!finished) co_return co_await respond_error(request.call, finished.error());
  co_await respond_blob(request, 201, *id, (*file)->size());
}

Awaitable<void> get_blob(Request& request) {
  auto id = blob_id(request);
  if (!id) co_return co_await respond_error(request.call, id.error());
  auto size = co_await size_of(request, *id);
  if (!size) co_return co_await respond_error(request.call, size.error());
  if (!*size) {
    const Error unknown(Code::not_found, fmt::format("no blob '{}'", *id), "store it first: PUT /fleet/v1/blobs/{sha256}");
    co_return co_await respond_error(request.call, unknown);
  }
  auto path = request.hub.blobs().path(*id);
  if (!path) co_return co_await respond_error(request.call, path.error());
  http::ResponseHead head;
  head.headers.set("content-type", "application/octet-stream");
  head.headers.set("content-length", std::to_string(**size));
  mark_as_foreign(head.headers);
  auto started = co_await request.call.start(std::move(head));
  if (!started) co_return;
  if (request.call.head().method != "HEAD") co_return co_await send_file(request.call, request.hub.pool(), *path, **size);
  auto finished = co_await request.call.finish();
  (void)finished;
}

}  // namespace flotte::hub
