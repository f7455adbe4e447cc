// How many files and connections this process may have open: the shell's soft limit is made for programs that use select().
#pragma once
#include <cstdint>

namespace flotte {

/// Raises the soft limit to the hard one, at most to a million. For processes that serve connections, once, at their start. What they
/// start gets the old limit back. Returns the limit that counts now.
std::uint64_t raise_open_files() noexcept;
/// The soft limit before it was raised; 0 where it was not.
std::uint64_t open_files_before() noexcept;

}  // namespace flotte
