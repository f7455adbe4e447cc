// Streams of responses and of messages on their way through: their ends, errors and usage, cut at every place.
#include <gtest/gtest.h>

#include <vector>

#include "dialect/answer_stream.hpp"

namespace flotte::dialect {
namespace {

std::string event(std::string_view name, std::string_view data) {
  return "event: " + std::string(name) + "\ndata: " + std::string(data) + "\n\n";
}

const std::string message_start = event(
    "message_start",
    R"({"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":13,"cache_creation_input_tokens":2,"cache_read_input_tokens":8,"output_tokens":1}}})");
const std::string message_text = event(
    "content_block_delta",
    R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\"usage\":{\"output_tokens\":99} message_stop"}})");
const std::string message_delta =
    event("message_delta", R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}})");
const std::string message_stop = event("message_stop", R"({"type":"message_stop"})");

const std::string created = event("response.created", R"({"type":"response.created","response":{"error":null,"usage":null}})");
const std::string output_text = event("response.output_text.delta", R"({"type":"response.output_text.delta","delta":"\"error\":{}"})");
std::string ended(const std::string& how) {
  return event(
      "response." + how,
      R"({"type":"response.)" + how +
          R"(","response":{"error":null,"usage":{"input_tokens":23,"input_tokens_details":{"cached_tokens":8},"output_tokens":7}}})");
}

struct Case {
  StreamForm form;
  std::string text, last;
};

std::string without_names(std::string text) {
  for (std::size_t at = 0; (at = text.find("event: ", at)) != std::string::npos;) text.erase(at, text.find('\n', at) + 1 - at);
  return text;
}

TEST(NamedEvents, PassUnchangedAndTellTheirUsageWhereverTheyAreCut) {
  std::vector<Case> cases{{StreamForm::messages, message_start + message_text + message_delta, message_stop},
                          {StreamForm::responses, created + output_text, ended("completed")},
                          {StreamForm::responses, created + output_text, ended("incomplete")}};
  for (std::size_t i = 0, count = cases.size(); i < count; ++i)
    cases.push_back({cases[i].form, without_names(cases[i].text), without_names(cases[i].last)});
  for (const Case& c : cases) {
    const std::string all = c.text + c.last;
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
      AnswerStream stream(AnswerStream::UsageChunk::keep, c.form);
      std::string text, last;
      for (const std::string& piece : {all.substr(0, cut), all.substr(cut)}) {
        const auto out = stream.feed(piece);
        text.append(out.text);
        last.append(out.last);
      }
      ASSERT_EQ(text, c.text) << cut;
      ASSERT_EQ(last, c.last) << cut;
      EXPECT_TRUE(stream.complete() && stream.done() && !stream.broken());
      EXPECT_EQ(stream.usage().input_tokens, 23);
      EXPECT_EQ(stream.usage().cached_tokens, 8);
      EXPECT_EQ(stream.usage().output_tokens, 7);
    }
  }
}

TEST(NamedEvents, AreIncompleteWithoutTheirEnd) {
  AnswerStream message(AnswerStream::UsageChunk::keep, StreamForm::messages);
  message.feed(message_start + message_text + message_delta);
  EXPECT_FALSE(message.complete());
  AnswerStream response(AnswerStream::UsageChunk::keep, StreamForm::responses);
  response.feed(created + output_text);
  EXPECT_FALSE(response.complete());
}

TEST(NamedEvents, AnErrorAtFirstIsKeptAndALaterOneIsPassedOn) {
  const std::string overloaded = event("error", R"({"type":"error","error":{"type":"overloaded_error","message":"busy"}})");
  AnswerStream first(AnswerStream::UsageChunk::keep, StreamForm::messages);
  EXPECT_EQ(first.feed(event("ping", R"({"type":"ping"})") + overloaded).last, "");
  EXPECT_TRUE(first.failed());
  EXPECT_EQ(openai_error_message(first.error()), "busy");
  AnswerStream later(AnswerStream::UsageChunk::keep, StreamForm::messages);
  EXPECT_EQ(later.feed(message_start + overloaded).text, message_start + overloaded);
  EXPECT_TRUE(later.broken());
  EXPECT_FALSE(later.complete());
}

TEST(NamedEvents, Case6AnErrorBehindAGreetingIsStillOneAtFirst) {
  const std::string overloaded = event("error", R"({"type":"error","error":{"type":"overloaded_error","message":"busy"}})");
  const std::string in_progress = event("response.in_progress", R"({"type":"response.in_progress","response":{}})");
  const std::string failed = event("response.failed", R"({"type":"response.failed","response":{"error":{"code":"server_is_overloaded"}}})");
  using Form = StreamForm;
  const auto stream = [](Form form) {
    return AnswerStream(AnswerStream::UsageChunk::keep, form, AnswerStream::Pieces::events, AnswerStream::Greeting::waits);
  };
  AnswerStream message = stream(Form::messages);
  EXPECT_EQ(message.feed(message_start).text, message_start);
  EXPECT_FALSE(message.started());
  message.feed(overloaded);
  EXPECT_TRUE(message.failed());
  EXPECT_FALSE(message.broken());
  AnswerStream response = stream(Form::responses);
  EXPECT_EQ(response.feed(created + in_progress).text, created + in_progress);
  EXPECT_FALSE(response.started());
  response.feed(failed);
  EXPECT_TRUE(response.failed());
  AnswerStream large = stream(Form::responses);
  for (std::size_t held = 0; held <= 2 * AnswerStream::greeting_limit; held += created.size()) large.feed(created);
  EXPECT_TRUE(large.started()) << "nobody holds back that much";
}

TEST(NamedEvents, AFailedResponseIsAnError) {
  const std::string failed = event(
      "response.failed",
      R"({"type":"response.failed","response":{"error":{"code":"server_error","message":"no luck"},"usage":{"input_tokens":5,"output_tokens":1}}})");
  AnswerStream first(AnswerStream::UsageChunk::keep, StreamForm::responses);
  first.feed(failed);
  EXPECT_TRUE(first.failed());
  EXPECT_EQ(openai_error_message(first.error()), "no luck");
  AnswerStream later(AnswerStream::UsageChunk::keep, StreamForm::responses);
  EXPECT_EQ(later.feed(created + failed).text, created + failed);
  EXPECT_TRUE(later.broken());
  EXPECT_EQ(later.usage().input_tokens, 5);
}

TEST(NamedEvents, AnEndThatRepeatsALargeAnswerIsStillRead) {
  std::string large = ended("completed");
  large.insert(large.find("\"error\":null"), "\"instructions\":\"" + std::string(600'000, 'x') + "\",");
  AnswerStream stream(AnswerStream::UsageChunk::keep, StreamForm::responses);
  stream.feed(created);
  std::string last;
  for (std::size_t at = 0; at < large.size(); at += 16'000) {
    const auto out = stream.feed(std::string_view(large).substr(at, 16'000));
    EXPECT_EQ(out.text, "");
    last.append(out.last);
  }
  EXPECT_EQ(last, large);
  EXPECT_TRUE(stream.complete());
  EXPECT_EQ(stream.usage().output_tokens, 7);
}

TEST(NamedEvents, AnEndThatIsTooLargeIsKnownByItsBeginning) {
  std::string large = ended("completed");
  large.insert(large.find("\"error\":null"), "\"instructions\":\"" + std::string(AnswerStream::large_held_limit, 'x') + "\",");
  AnswerStream stream(AnswerStream::UsageChunk::keep, StreamForm::responses);
  stream.feed(created);
  std::size_t passed = 0;
  for (std::size_t at = 0; at < large.size(); at += 100'000) {
    const auto out = stream.feed(std::string_view(large).substr(at, 100'000));
    passed += out.text.size() + out.last.size();
  }
  EXPECT_EQ(passed, large.size());
  EXPECT_TRUE(stream.complete());
}

}  // namespace
}  // namespace flotte::dialect
