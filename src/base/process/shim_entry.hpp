// Lets a test program be its own shim: include it in exactly one source of the program. Before main it looks for the argument `shim`.
#pragma once
#include <cstdlib>
#include <cstring>

#include "base/process/shim.hpp"

namespace flotte::testing_detail {
/// glibc passes the arguments of main to constructors.
[[gnu::constructor]] inline void answer_as_shim(int argc, char** argv, char**) {
  if (argc > 1 && std::strcmp(argv[1], "shim") == 0) std::_Exit(shim_main(argc, argv));
}
}  // namespace flotte::testing_detail
