// The text of an e-mail: who, when, about what; the text, or the text of its HTML; the messages that it holds; the names of what is
// attached. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::work {

inline constexpr int deepest_mail = 16;        // parts within parts
inline constexpr int most_mail_parts = 2'000;  // of one message or mailbox

/// A message. Bytes without any header of a message are read as plain text. Errors: `unsupported` for an encrypted one, too_large,
/// invalid_argument where there is nothing to read.
Result<std::string> mail_text(std::string_view bytes);

/// All messages of a mailbox (mbox) as one text.
Result<std::string> mailbox_text(std::string_view bytes);

}  // namespace flotte::work
