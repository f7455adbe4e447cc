// Texts as the journal keeps them: long ones compressed.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::route {

struct Packed {
  std::string bytes;
  bool compressed = false;  // zstd
};

/// Texts under 1 KiB stay as they are, as do those that compression does not make shorter.
Packed pack(std::string text);
/// Error: corrupt, also where it would be longer than `limit`.
Result<std::string> unpack(Packed packed, std::size_t limit);

}  // namespace flotte::route
