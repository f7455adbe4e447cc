// Vectors as text and as bytes.
#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "base/encoding.hpp"
#include "dialect/embeddings/embedding.hpp"

namespace flotte::dialect::embeddings {

static_assert(std::endian::native == std::endian::little, "floats are packed as they lie in memory");

bool is_vector(const detail::Value& value) {
  if (!value.is_array()) return false;
  for (detail::Elements e(value); e.next();)
    if (e.kind != Kind::number) return false;
  return true;
}

std::optional<std::string> pack_vector(std::string_view numbers) {
  std::string bytes;
  const detail::Value array{Kind::array, numbers};
  for (detail::Elements e(array); e.next();) {
    const auto number = e.number();
    if (!number) return std::nullopt;
    const auto narrow = static_cast<float>(*number);
    char raw[sizeof narrow];
    std::memcpy(raw, &narrow, sizeof narrow);
    bytes.append(raw, sizeof narrow);
  }
  return to_base64(bytes);
}

std::optional<std::string> unpack_vector(std::string_view base64) {
  const auto bytes = from_base64(base64);
  if (!bytes || bytes->size() % sizeof(float) != 0) return std::nullopt;
  std::string out = "[";
  for (std::size_t at = 0; at < bytes->size(); at += sizeof(float)) {
    float number = 0;
    std::memcpy(&number, bytes->data() + at, sizeof number);
    if (number != number || number - number != 0) return std::nullopt;  // JSON has neither NaN nor infinity
    if (at > 0) out += ',';
    fmt::format_to(std::back_inserter(out), "{}", number);
  }
  return out + "]";
}

}  // namespace flotte::dialect::embeddings
