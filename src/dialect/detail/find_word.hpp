// Looks for a short word in a short text: sixteen places at a time by its first and last byte. Every chunk of every stream passes here.
#pragma once
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace flotte::dialect::detail {

/// Like text.find(word, from); `word` is not empty.
inline std::size_t find_word(std::string_view text, std::string_view word, std::size_t from = 0) noexcept {
#if defined(__SSE2__)
  const __m128i first = _mm_set1_epi8(word.front()), last = _mm_set1_epi8(word.back());
  const std::size_t span = word.size() - 1;
  for (; from + span + 16 <= text.size(); from += 16) {
    const char* at = text.data() + from;
    const __m128i head = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i tail = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + span));
    auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(head, first), _mm_cmpeq_epi8(tail, last))));
    for (; mask != 0; mask &= mask - 1) {
      const auto place = static_cast<std::size_t>(__builtin_ctz(mask));
      if (std::memcmp(at + place, word.data(), word.size()) == 0) return from + place;
    }
  }
#endif
  if (from >= text.size()) return std::string_view::npos;
  const void* found = memmem(text.data() + from, text.size() - from, word.data(), word.size());
  return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) : std::string_view::npos;
}

}  // namespace flotte::dialect::detail
