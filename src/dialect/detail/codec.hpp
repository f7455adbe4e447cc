// What the translators call of each format: one row for each, in the table of codecs.cpp. Internal to dialect.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "dialect/detail/fields.hpp"
#include "dialect/detail/stream_parts.hpp"
#include "dialect/translate.hpp"
#include "llm/answer.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::detail {

/// How the events of a streamed answer are told apart.
enum class Framing { sse, lines };

/// Functions that are null: nobody has written them, or the format has clients only.
struct Codec {
  Format format;
  Framing framing = Framing::sse;
  bool stops = true;  // its servers know stop sequences

  // What its clients send, and what they read.
  Result<llm::Request> (*parse_request)(std::string_view body, Ledger& ledger) = nullptr;
  std::string (*write_answer)(const llm::Answer& answer, const ReplyContext& context, Ledger& ledger) = nullptr;
  std::unique_ptr<StreamWriter> (*make_writer)(std::string& out, const ReplyContext& context) = nullptr;

  // What its servers read, and what they send. `read_answer` fills in all that a whole answer tells.
  std::string (*write_request)(const llm::Request& request, const Target& target, Ledger& ledger) = nullptr;
  bool (*is_answer)(const Value& body) = nullptr;
  void (*read_answer)(const Value& body, llm::Answer& answer, Ledger& ledger) = nullptr;
  std::unique_ptr<StreamReader> (*make_reader)(Ledger& ledger, const ReplyContext& context) = nullptr;
};

const Codec& codec_of(Format format) noexcept;

}  // namespace flotte::dialect::detail

// One in each format's folder: codec.cpp.
namespace flotte::dialect {
namespace openai_chat {
extern const detail::Codec codec;
}
namespace anthropic {
extern const detail::Codec codec;
}
namespace responses {
extern const detail::Codec codec;
}
namespace gemini {
extern const detail::Codec codec;
}
namespace ollama {
extern const detail::Codec codec;
}
namespace ollama_generate {
extern const detail::Codec codec;
}
namespace completions {
extern const detail::Codec codec;
}
}  // namespace flotte::dialect
