// What two requests have in common at their front: hashes of system prompt, tools and the first messages, by their bytes. Pure.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace flotte::route {

/// Hashes of a request's beginnings, short ones first: system and tools alone, then with 1, 2, 4, 8 ... messages, then with all but 7, all
/// but 6 ... and with all. A conversation that goes on has those of its last turn among its own, whatever was added.
class Prefixes {
 public:
  static constexpr std::size_t late = 8, early = 16;
  void add(std::uint64_t hash, std::size_t length) noexcept;
  bool empty() const noexcept { return count_ == 0; }
  /// Of system, tools and the first message: what decides where nobody has served any of it yet.
  std::uint64_t first() const noexcept { return first_; }
  /// Each of them, longest first.
  template <class F>
  void each(F f) const {
    for (std::size_t i = 0; i < late && i < count_; ++i)
      if (!f(late_[(count_ - 1 - i) % late])) return;
    for (std::size_t i = early_count_; i-- > 0;)
      if (!f(early_[i])) return;
  }

 private:
  std::array<std::uint64_t, late> late_{};
  std::array<std::uint64_t, early> early_{};
  std::size_t count_ = 0, early_count_ = 0;
  std::uint64_t first_ = 0;
};

/// `body` is a request of any client API; `seed` keeps models apart. Nothing where it has no messages. A prompt that is one text counts in
/// blocks of 1 KiB.
Prefixes read_prefixes(std::string_view body, std::uint64_t seed) noexcept;

/// 64 bits; no protection against somebody who looks for two texts with one hash: the worst is an engine that has to read a prompt again.
std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) noexcept;

}  // namespace flotte::route
