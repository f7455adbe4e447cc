// Translation between wire formats, for whoever has a client of one and a provider of another: requests, whole answers, errors. Streams are
// in stream_translator.hpp. What cannot be said there is noted or refused by the matrix of features.hpp. Pure.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/format.hpp"
#include "dialect/ledger.hpp"
#include "dialect/target.hpp"
#include "llm/usage.hpp"

namespace flotte::dialect {

struct Translation {
  std::string body;  // for the provider
  bool stream = false;
  bool include_usage = false;                // the client wants usage in the stream: for ReplyContext
  std::int64_t estimated_input = 0;          // tokens, at four bytes each, images not counted: for ReplyContext
  std::string echo;                          // for ReplyContext
  std::vector<std::string> free_text_tools;  // for ReplyContext
  std::vector<std::string> stop;             // for ReplyContext
  std::string forced_tool;                   // for ReplyContext
  std::vector<Note> notes;                   // what did not arrive as it was sent
};

/// What a client says outside its body (in Gemini's paths). Empty: the body says it.
struct Asked {
  std::string_view model;
  std::optional<bool> stream;
};

/// A client's request in the words of the provider. Errors (invalid_argument): not JSON; a field that is not what its format documents; or
/// one that the provider's format cannot express, named, with the way out as its hint.
Result<Translation> translate_request(Format client, Format provider, std::string_view body, const Target& target, const Asked& asked = {});

/// Whether requests, answers and streams are translated between the two.
bool can_translate(Format client, Format provider) noexcept;
/// Why not.
std::string missing_translation(Format client, Format provider);

/// The length of a request in tokens, at four bytes each, images not counted: for clients that ask before they send, where the server of
/// the model cannot be asked. Errors as of translate_request.
Result<std::int64_t> estimate_tokens(Format client, std::string_view body);

/// What an answer needs that is not in the provider's bytes.
struct ReplyContext {
  std::string model;                 // empty: the provider's name for it stays
  std::string request_id;            // seed of ids that the provider left out; must be
                                     // unique. Empty: the answer's own id
  std::int64_t created_s = 0;        // for formats that tell the time
  bool include_usage = true;         // the client wants usage in the stream
  std::int64_t estimated_input = 0;  // what a stream says of its input before the provider does
  std::string echo;                  // members of the request that the client's format repeats in its answers (Responses): JSON, no braces
  std::vector<std::string> free_text_tools;       // tools whose calls have free text instead of an object (Responses)
  std::vector<std::string> stop;                  // where the answer is cut because its provider has no stop sequences
  std::string forced_tool;                        // its call is the answer's text, because its provider cannot be told to call (Ollama)
  bool json_array = false;                        // Gemini's stream as one JSON array instead of events
  bool whole_calls = false;                       // each call of a tool in one piece, name and arguments together (Mistral's clients)
  std::function<std::int64_t()> elapsed_ns = {};  // since the request came, for formats that tell durations; null: 0 is told
};

struct TranslatedAnswer {
  std::string body;
  llm::Usage usage;
  std::vector<Note> notes;
};

/// A provider's whole answer (status 2xx) in the words of the client. Error (corrupt): it is no answer of that format, or an error inside a
/// 200 (unavailable, with the provider's sentence).
Result<TranslatedAnswer> translate_answer(Format provider, Format client, std::string_view body, const ReplyContext& context);

/// The same as the stream that the client has asked for, from its first byte to its last: for a provider that did not stream.
Result<TranslatedAnswer> stream_whole_answer(Format provider, Format client, std::string_view body, const ReplyContext& context);
/// A whole stream as the one answer that the client has asked for: for a provider that streamed unasked. Errors as of translate_answer.
Result<TranslatedAnswer> gather_stream(Format provider, Format client, std::string_view bytes, const ReplyContext& context);

struct TranslatedError {
  int status = 500;
  std::string body;
};

/// A provider's error answer in the words of the client, status included. Whatever the body is: text that is no JSON is quoted, shortened.
TranslatedError translate_error(Format provider, Format client, int status, std::string_view body, std::string_view request_id);

}  // namespace flotte::dialect
