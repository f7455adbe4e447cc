// The board's files, embedded at build time (cmake/embed_web.cmake).
#pragma once
#include <span>
#include <string_view>

namespace flotte::hub {

/// `gzip` and `brotli` are empty where that variant was not made. `immutable`: the name contains a hash of the content.
struct Asset {
  std::string_view path, content_type;
  std::string_view plain, gzip, brotli;
  std::string_view etag;
  bool immutable = false;
};
std::span<const Asset> assets();

}  // namespace flotte::hub
