// Storing what is too long for a log.
#include "work/blob_keeper.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>

#include "base/async/wait.hpp"
#include "base/crypto.hpp"
#include "base/file.hpp"
#include "base/process/spawn.hpp"

namespace flotte::work {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t piece = 256 * 1024;
constexpr auto connect_patience = 10s;
constexpr auto answer_patience = 120s;  // the hub's disk has to take it
constexpr std::size_t head_limit = 16 * 1024;

struct Content {
  std::shared_ptr<Descriptor> file;
  std::string hash;
  std::uint64_t bytes = 0;
};

Result<std::string> read_piece(const Descriptor& file, std::uint64_t offset, std::size_t limit) {
  std::string out(limit, '\0');
  ssize_t n = 0;
  do n = ::pread(file.get(), out.data(), out.size(), static_cast<off_t>(offset));
  while (n < 0 && errno == EINTR);
  if (n < 0) return fail_errno("cannot read the output", errno);
  out.resize(static_cast<std::size_t>(n));
  return out;
}

/// Blocks for as long as the disk takes.
Result<Content> examine(const std::filesystem::path& path) {
  Content out;
  out.file = std::make_shared<Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!*out.file) return fail_errno(path.string(), errno);
  Sha256 hash;
  for (;;) {
    auto bytes = read_piece(*out.file, out.bytes, piece);
    if (!bytes) return pass(bytes);
    if (bytes->empty()) break;
    hash.update(*bytes);
    out.bytes += bytes->size();
  }
  out.hash = hash.finish_hex();
  return out;
}

/// The status of an answer whose head has come; nothing where it has not.
std::optional<int> status_of(std::string_view head) {
  if (head.find("\r\n\r\n") == std::string_view::npos) return std::nullopt;
  int status = 0;
  const std::size_t space = head.find(' ');
  if (space == std::string_view::npos) return 0;
  std::from_chars(head.data() + space + 1, head.data() + head.size(), status);
  return status;
}

Awaitable<Result<int>> read_status(http::Stream& stream) {
  std::string head;
  char buffer[1024];
  for (;;) {
    auto n = co_await stream.read_some(buffer);
    if (!n) co_return pass(n);
    if (*n == 0) co_return fail(Code::closed, "the hub closed the connection");
    head.append(buffer, *n);
    if (const auto status = status_of(head)) co_return *status;
    if (head.size() > head_limit) co_return fail(Code::corrupt, "the hub's answer makes no sense");
  }
}

Awaitable<Result<void>> send_file(http::Stream& stream, BlockingPool& pool, const Content& content) {
  for (std::uint64_t sent = 0; sent < content.bytes;) {
    std::function<Result<std::string>()> read = [file = content.file, sent, left = content.bytes - sent] {
      return read_piece(*file, sent, static_cast<std::size_t>(std::min<std::uint64_t>(piece, left)));
    };
    auto bytes = co_await pool.run<std::string>(std::move(read));
    if (!bytes) co_return pass(bytes);
    if (bytes->empty()) co_return fail(Code::corrupt, "the output became shorter while it was read");
    auto written = co_await stream.write(*bytes);
    if (!written) co_return pass(written);
    sent += bytes->size();
  }
  co_return Result<void>();
}

Result<std::string> judge(int status, const std::string& hash) {
  if (status == 200 || status == 201) return hash;
  if (status == 401 || status == 403) return fail(Code::forbidden, "the hub did not take the output: this run is not its own any more");
  if (status == 413) return fail(Code::too_large, "the output is larger than the hub takes");
  return fail(Code::unavailable, fmt::format("the hub answered {} to the output", status));
}

}  // namespace

Awaitable<Result<std::string>> FileBlobKeeper::keep(RunContext&, std::filesystem::path file) {
  std::function<Result<std::string>()> work = [store = store_, file = std::move(file)] { return store(file); };
  co_return co_await pool_.run<std::string>(std::move(work));
}

Awaitable<Result<std::string>> HttpBlobKeeper::keep(RunContext& run, std::filesystem::path file) {
  std::function<Result<Content>()> look = [file = std::move(file)] { return examine(file); };
  auto content = co_await pool_.run<Content>(std::move(look));
  if (!content) co_return pass(content);
  if (run.stop().requested()) co_return fail(Code::cancelled, "told to stop");
  Awaitable<Result<http::Stream>> connecting = hub_->connect();
  auto stream = co_await with_deadline(connect_patience, std::move(connecting));
  if (!stream) co_return pass(stream);
  std::function<void()> on_stop = [&stream] { stream->cancel(); };
  StopSignal::Hook hook(run.stop(), on_stop);
  const std::string head = fmt::format(
      "PUT {}/fleet/v1/blobs/{} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/octet-stream\r\n"
      "Content-Length: {}\r\nConnection: close\r\n\r\n",
      base_path_, content->hash, hub_->authority(), run.offer().key, content->bytes);
  auto begun = co_await stream->write(head);
  if (!begun) co_return pass(begun);
  auto sent = co_await send_file(*stream, pool_, *content);
  // A hub that refuses answers before it has all, and closes: what it said tells more than that it did.
  Awaitable<Result<int>> answering = read_status(*stream);
  auto status = co_await with_deadline(answer_patience, std::move(answering));
  if (!status && !sent) co_return pass(sent);
  if (!status) co_return pass(status);
  co_return judge(*status, content->hash);
}

}  // namespace flotte::work
