// Streamed chat completions of the hub's gateway.
#pragma once
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "client/connection.hpp"

namespace flotte::client {

struct ChatQuestion {
  std::string model = "default";
  std::string system;  // may be empty
  std::string prompt;
  /// The body of POST /v1/chat/completions, streamed, with usage.
  json::object to_json() const;
};

/// One chunk of the stream, as far as a reader of text cares. Pure.
struct ChatChunk {
  std::string text;
  std::string model;                                                       // as the target calls it
  std::string finish_reason;                                               // stop, length, ...
  bool last = false;                                                       // data: [DONE]
  std::int64_t input_tokens = -1, cached_tokens = -1, output_tokens = -1;  // cached ones are among the input; -1: not told
  /// Error: what an error object in the stream says, `corrupt` for no JSON.
  static Result<ChatChunk> parse(std::string_view data);
};

/// Opens the stream. Errors: those of Connection. The caller pulls events and gives their data to ChatChunk::parse.
Awaitable<Result<EventStream>> open_chat(Connection& connection, const ChatQuestion& question);

}  // namespace flotte::client
