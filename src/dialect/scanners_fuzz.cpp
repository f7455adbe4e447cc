// Bodies of clients and of providers.
#include "base/fuzz_target.hpp"
#include "base/json.hpp"
#include "dialect/answer_stream.hpp"
#include "dialect/edit.hpp"
#include "dialect/openai_reply.hpp"
#include "dialect/scan.hpp"

namespace flotte::dialect {
namespace {

using fuzz::require;

/// RFC 8259 lets lone surrogates and numbers of any size pass, which the JSON door refuses.
bool refused_at_the_door(std::string_view bytes) {
  for (std::size_t e = bytes.find_first_of("eE"); e != std::string_view::npos; e = bytes.find_first_of("eE", e + 1))
    if (e > 0 && bytes[e - 1] >= '0' && bytes[e - 1] <= '9') return true;
  return bytes.find("\\u") != std::string_view::npos;
}

void chat_request(std::string_view bytes) {
  const auto request = scan_chat_request(bytes);
  if (!request) return;
  require(refused_at_the_door(bytes) || json::parse(bytes).has_value(), "what the scanner takes for JSON is JSON");
  OutgoingBody body{std::string(bytes), *request};
  body.set_model("a \"quoted\" name/\n");
  body.ask_for_usage();
  const auto again = scan_chat_request(body.text());
  require(again.has_value(), "an edited body is still a request");
  require(again->model == "a \"quoted\" name/\n", "and asks for the other model");
  require(again->stream == request->stream, "in the same way");
  body.set_model(request->model);
  const auto back = scan_chat_request(body.text());
  require(back && back->model == request->model, "the name can be put back");
}

void openai_reply(std::string_view bytes) {
  const OpenAiFacts facts = read_openai_facts(bytes);
  require(facts.usage.input_tokens >= -1 && facts.usage.output_tokens >= -1 && facts.usage.cached_tokens >= -1,
          "tokens are told or not (-1)");
  if (facts.object) require(refused_at_the_door(bytes) || json::parse_object(bytes).has_value(), "what is taken for an object is one");
  const std::string message = openai_error_message(bytes);
  require(message.size() <= 300, "messages are bounded");
  for (const char c : message) require(static_cast<unsigned char>(c) >= 0x20, "no control characters in messages");
}

struct StreamRead {
  std::string text;
  bool failed = false, broken = false, done = false, complete = false;
  bool operator==(const StreamRead&) const = default;
};

StreamRead read_stream(std::string_view first, std::string_view second, AnswerStream::UsageChunk usage,
                       StreamForm form = StreamForm::chat) {
  AnswerStream stream(usage, form);
  StreamRead read;
  for (const std::string_view part : {first, second}) {
    const auto out = stream.feed(part);
    read.text.append(out.text).append(out.last);
  }
  const auto out = stream.finish();
  read.text.append(out.text).append(out.last);
  read.failed = stream.failed();
  read.broken = stream.broken();
  read.done = stream.done();
  read.complete = stream.complete();
  return read;
}

void openai_stream(std::string_view bytes) {
  const auto parts = fuzz::cut(bytes);
  for (const auto usage : {AnswerStream::UsageChunk::keep, AnswerStream::UsageChunk::remove}) {
    const StreamRead whole = read_stream(parts.whole, {}, usage), split = read_stream(parts.first, parts.second, usage);
    require(whole == split, "a stream does not depend on where the network cut it");
    require(whole.text.size() <= parts.whole.size(), "nothing is added");
    if (usage == AnswerStream::UsageChunk::keep && !whole.failed)
      require(whole.text == parts.whole, "what passes through is passed on whole");
  }
}

void named_stream(std::string_view bytes, StreamForm form) {
  const auto parts = fuzz::cut(bytes);
  const StreamRead whole = read_stream(parts.whole, {}, AnswerStream::UsageChunk::keep, form);
  const StreamRead split = read_stream(parts.first, parts.second, AnswerStream::UsageChunk::keep, form);
  require(whole == split, "a stream does not depend on where the network cut it");
  require(whole.failed || whole.text == parts.whole, "what passes through is passed on whole");
}
void responses_stream(std::string_view bytes) { named_stream(bytes, StreamForm::responses); }
void messages_stream(std::string_view bytes) { named_stream(bytes, StreamForm::messages); }

const fuzz::Register targets[] = {{"chat_request", chat_request},
                                  {"openai_reply", openai_reply},
                                  {"openai_stream", openai_stream},
                                  {"responses_stream", responses_stream},
                                  {"messages_stream", messages_stream}};

}  // namespace
}  // namespace flotte::dialect
