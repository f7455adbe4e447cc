// zstd, in one call.
#include "route/packed.hpp"

#include <zstd.h>

namespace flotte::route {
namespace {
constexpr std::size_t worth_it = 1024;
constexpr int level = 3;  // some 300 MB/s; events of a stream become a tenth
}  // namespace

Packed pack(std::string text) {
  if (text.size() < worth_it) return {std::move(text), false};
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), level);
  if (ZSTD_isError(size) != 0 || size >= text.size()) return {std::move(text), false};
  out.resize(size);
  out.shrink_to_fit();
  return {std::move(out), true};
}

Result<std::string> unpack(Packed packed, std::size_t limit) {
  if (!packed.compressed) return std::move(packed.bytes);
  const unsigned long long size = ZSTD_getFrameContentSize(packed.bytes.data(), packed.bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > limit)
    return fail(Code::corrupt, "a recorded answer cannot be read");
  std::string out(static_cast<std::size_t>(size), '\0');
  const std::size_t got = ZSTD_decompress(out.data(), out.size(), packed.bytes.data(), packed.bytes.size());
  if (ZSTD_isError(got) != 0 || got != out.size()) return fail(Code::corrupt, "a recorded answer cannot be read");
  return out;
}

}  // namespace flotte::route
