// How many tokens a text may have, for an estimate before a batch starts: by what its characters are. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace flotte::cli {

/// UTF-8, UTF-16 with its mark, or any encoding with one or two bytes per character: about four Latin letters per token, one token per
/// Chinese, Japanese or Korean character.
std::int64_t guess_tokens(std::string_view text);

/// What a person would see of an HTML page, roughly: without tags, scripts and styles.
std::string visible_text(std::string_view html);

}  // namespace flotte::cli
