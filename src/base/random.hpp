// Chance as an argument. Secrets come from base/crypto.hpp, never from here.
#pragma once
#include <cstdint>
#include <random>

namespace flotte {

/// A seeded generator, the same numbers for the same seed on every machine. Not thread-safe: one owner.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t next() { return engine_(); }
  /// Uniform in [0, n); n > 0.
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  /// True once in `n` on average.
  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::mt19937_64 engine_;
};

/// A seed from the operating system.
std::uint64_t random_seed();

}  // namespace flotte
