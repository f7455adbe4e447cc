// One piece is read, sent, and only then the next one read.
#include "hub/send_file.hpp"

#include <fstream>

#include "base/log.hpp"

namespace flotte::hub {
namespace {
constexpr std::size_t piece = 256 * 1024;
}

Awaitable<void> send_file(http::ServerCall& call, BlockingPool& pool, std::string path, std::int64_t size) {
  const auto file = std::make_shared<std::ifstream>();
  const auto buffer = std::make_shared<std::string>(piece, '\0');
  for (std::int64_t left = size; left > 0;) {
    std::function<Result<std::size_t>()> read = [file, buffer, path]() -> Result<std::size_t> {
      if (!file->is_open()) file->open(path, std::ios::binary);
      file->read(buffer->data(), static_cast<std::streamsize>(buffer->size()));
      if (file->gcount() <= 0) return fail(Code::io, "the file ended early");
      return static_cast<std::size_t>(file->gcount());
    };
    auto n = co_await pool.run<std::size_t>(std::move(read));
    if (!n) {
      log::error("a file cannot be sent", {{"path", path}, {"error", n.error().message}});
      co_return call.abort();
    }
    const std::string_view bytes = std::string_view(*buffer).substr(0, *n);
    auto sent = co_await call.write(bytes);
    if (!sent) co_return;  // the client has gone
    left -= static_cast<std::int64_t>(*n);
  }
  auto finished = co_await call.finish();
  (void)finished;
}

}  // namespace flotte::hub
