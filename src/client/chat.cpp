// Chat completions: the question, and chunks of the answer.
#include "client/chat.hpp"

#include "client/answer_error.hpp"

namespace flotte::client {

json::object ChatQuestion::to_json() const {
  json::array messages;
  if (!system.empty()) messages.push_back(json::object{{"role", "system"}, {"content", system}});
  messages.push_back(json::object{{"role", "user"}, {"content", prompt}});
  json::object body;
  body["model"] = model;
  body["stream"] = true;
  body["stream_options"] = json::object{{"include_usage", true}};
  body["messages"] = std::move(messages);
  return body;
}

Result<ChatChunk> ChatChunk::parse(std::string_view data) {
  ChatChunk chunk;
  if (data == "[DONE]") {
    chunk.last = true;
    return chunk;
  }
  auto object = json::parse_object(data);
  if (!object) return fail(Code::corrupt, "the answer holds something that is no chunk: " + object.error().message);
  if (object->contains("error")) {
    Error error = parse_answer_error(502, data);
    return std::unexpected(std::move(error));
  }
  chunk.model = json::string_or(*object, "model", "");
  if (const json::object* usage = json::get_object(*object, "usage")) {
    chunk.input_tokens = json::int_or(*usage, "prompt_tokens", -1);
    chunk.output_tokens = json::int_or(*usage, "completion_tokens", -1);
    if (const json::object* details = json::get_object(*usage, "prompt_tokens_details"))
      chunk.cached_tokens = json::int_or(*details, "cached_tokens", -1);
  }
  const json::array* choices = json::get_array(*object, "choices");
  if (!choices || choices->empty() || !(*choices)[0].is_object()) return chunk;
  const json::object& choice = (*choices)[0].get_object();
  chunk.finish_reason = json::string_or(choice, "finish_reason", "");
  if (const json::object* delta = json::get_object(choice, "delta")) chunk.text = json::string_or(*delta, "content", "");
  return chunk;
}

Awaitable<Result<EventStream>> open_chat(Connection& connection, const ChatQuestion& question) {
  const std::string body = json::dump(question.to_json());
  Request request;
  request.method = "POST";
  request.target = "/v1/chat/completions";
  request.body = body;
  request.content_type = "application/json";
  // A model that has to be loaded first, or thinks for long, is no failure.
  request.deadlines.first_byte = std::chrono::minutes(10);
  request.deadlines.idle = std::chrono::minutes(5);
  co_return co_await connection.open_events(request);
}

}  // namespace flotte::client
