// How many tokens a text may have, without the model's tokenizer. Pure.
#pragma once
#include <cstdint>
#include <string_view>

namespace flotte::work {

/// What one character counts, in thousandths of a token: about 3.5 Latin letters per token, one token per kana, Han character or hangul,
/// two per emoji; with a margin of a tenth.
std::int64_t token_weight(char32_t character) noexcept;

/// The whole text, rounded up. Bytes that are not UTF-8 count as one token each.
std::int64_t estimate_tokens(std::string_view text);

}  // namespace flotte::work
