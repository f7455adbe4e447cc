// For files named *_fuzz.cpp only: a parser of outside bytes, ready to be fuzzed. They are no part of the program; `script/fuzz` runs them
// under libFuzzer and the sanitizers, `script/test` with its seeds and some thousand mutations of them.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace flotte::fuzz {

struct Target {
  std::string_view name;  // as in test/fuzz/seeds/NAME
  void (*run)(std::string_view bytes);
};

inline std::vector<Target>& targets() {
  static std::vector<Target> all;
  return all;
}

/// `static const Register one("sse", run_sse);`
struct Register {
  Register(std::string_view name, void (*run)(std::string_view)) { targets().push_back({name, run}); }
};

/// What must hold whatever the bytes are. Ends the process, as a fuzzer expects.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// Where to cut bytes in two: the first byte says it. `rest` is what is parsed.
struct Cut {
  std::string_view whole, first, second;
};
inline Cut cut(std::string_view bytes) {
  if (bytes.empty()) return {};
  const std::string_view rest = bytes.substr(1);
  const std::size_t at = rest.empty() ? 0 : static_cast<unsigned char>(bytes[0]) * rest.size() / 255;
  return {rest, rest.substr(0, at), rest.substr(at)};
}

}  // namespace flotte::fuzz
