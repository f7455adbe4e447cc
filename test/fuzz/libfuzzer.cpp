// One target under libFuzzer; FLOTTE_FUZZ names it. FLOTTE_FUZZ=list prints all.
#include <cstdint>
#include <cstring>
#include <string>

#include "base/fuzz_target.hpp"

namespace {
const flotte::fuzz::Target* chosen = nullptr;
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* name = std::getenv("FLOTTE_FUZZ");
  for (const auto& target : flotte::fuzz::targets()) {
    if (name && target.name == name) chosen = &target;
    if (name && std::strcmp(name, "list") == 0) std::printf("%s\n", std::string(target.name).c_str());
  }
  if (name && std::strcmp(name, "list") == 0) std::exit(0);
  if (chosen) return 0;
  std::fputs("FLOTTE_FUZZ must name a target; FLOTTE_FUZZ=list prints them\n", stderr);
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
