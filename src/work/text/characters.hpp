// What kinds of characters a text has: the evidence for or against a reading of its bytes. Pure.
#pragma once
#include <cstddef>
#include <string_view>

namespace flotte::work {

/// Never in a text that was decoded rightly: control characters, private use, unassigned ones, U+FFFD.
bool is_strange(char32_t character);

struct Characters {
  std::size_t all = 0, ascii = 0, beyond_ascii = 0;
  std::size_t kana = 0;               // hiragana and katakana of full width
  std::size_t ideographs = 0;         // Han
  std::size_t ideographic_marks = 0;  // punctuation of East Asian text, forms of full and half width
  std::size_t strange = 0;
  std::size_t japanese() const noexcept { return kana + ideographs + ideographic_marks; }
};

/// `text` is UTF-8.
Characters count_characters(std::string_view text);

}  // namespace flotte::work
