// Why an answer ended, in the words of each format. One table each way. Pure.
#pragma once
#include <string_view>

#include "dialect/format.hpp"
#include "llm/answer.hpp"

namespace flotte::dialect {

/// `none` for an empty word; `end_turn` for one that is not known.
llm::Finish parse_finish(Format format, std::string_view word) noexcept;
/// `none` is written as the plain end.
std::string_view finish_word(Format format, llm::Finish finish) noexcept;

}  // namespace flotte::dialect
