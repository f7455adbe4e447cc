// Streams on their way through, cut at every place.
#include "dialect/answer_stream.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace flotte::dialect {
namespace {

using Use = AnswerStream::UsageChunk;

std::string chunk(std::string_view text) {
  return "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + std::string(text) +
         "\"},\"finish_reason\":null}],\"usage\":null}\n\n";
}
const std::string finish_chunk = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const std::string usage_chunk =
    "data: {\"choices\": [ ],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7,\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\n";
const std::string done_event = "data: [DONE]\n\n";

/// With every line ended otherwise.
std::string with_ends(std::string text, std::string_view end) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += end.size()) text.replace(at, 1, end);
  return text;
}

struct Passed {
  std::string text, last;
};
/// Feeds the pieces one after the other.
Passed pass(AnswerStream& stream, const std::vector<std::string>& pieces) {
  Passed passed;
  for (const std::string& piece : pieces) {
    const auto out = stream.feed(piece);
    (passed.last.empty() ? passed.text : passed.last).append(out.text);
    passed.last.append(out.last);
  }
  const auto out = stream.finish();
  (passed.last.empty() ? passed.text : passed.last).append(out.text);
  passed.last.append(out.last);
  return passed;
}

/// Whole, in two and three pieces, and byte by byte: always the same.
void expect_everywhere(const std::string& stream, Use use, const std::string& text, const std::string& last) {
  const auto check = [&](const std::vector<std::string>& pieces, std::size_t a, std::size_t b) {
    AnswerStream filter(use);
    const Passed passed = pass(filter, pieces);
    ASSERT_EQ(passed.text, text) << a << " " << b;
    ASSERT_EQ(passed.last, last) << a << " " << b;
    EXPECT_TRUE(filter.complete());
    EXPECT_EQ(filter.usage().input_tokens, 11);
    EXPECT_EQ(filter.usage().cached_tokens, 4);
    EXPECT_EQ(filter.usage().output_tokens, 7);
  };
  for (std::size_t a = 0; a <= stream.size(); ++a) check({stream.substr(0, a), stream.substr(a)}, a, 0);
  for (std::size_t a = 0; a <= stream.size(); a += 5)
    for (std::size_t b = a; b <= stream.size(); b += 3) check({stream.substr(0, a), stream.substr(a, b - a), stream.substr(b)}, a, b);
  std::vector<std::string> bytes;
  for (const char c : stream) bytes.emplace_back(1, c);
  check(bytes, 0, 0);
}

TEST(AnswerStream, PassesEveryByteInWhateverPiecesItComes) {
  for (const std::string_view end : {"\n", "\r\n", "\r"}) {
    const std::string before = with_ends(": hello\n\n" + chunk("a\\nb") + "id: 7\n" + chunk("日本") + finish_chunk + usage_chunk, end);
    const std::string last = with_ends(done_event, end);
    expect_everywhere(before + last, Use::keep, before, last);
  }
}

TEST(AnswerStream, TakesOutTheUsageChunkAndNothingElse) {
  for (const std::string_view end : {"\n", "\r\n", "\r"}) {
    const std::string before = with_ends(chunk("a") + ": still here\n\n" + finish_chunk, end), last = with_ends(done_event, end);
    const std::string whole = before + with_ends(usage_chunk, end) + last;
    for (std::size_t a = 0; a <= whole.size(); ++a) {
      AnswerStream filter(Use::remove);
      const Passed passed = pass(filter, {whole.substr(0, a), whole.substr(a)});
      EXPECT_EQ(passed.text + passed.last, before + last) << a;
      EXPECT_EQ(filter.usage().output_tokens, 7);
    }
  }
  expect_everywhere(chunk("a") + finish_chunk + usage_chunk + done_event, Use::remove, chunk("a") + finish_chunk, done_event);
}

TEST(AnswerStream, KeepsUsageInAChunkThatHasChoices) {
  const std::string both =
      "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7}}\n\n";
  const std::string filter_results = "data: {\"choices\":[],\"prompt_filter_results\":[{}]}\n\n";
  AnswerStream filter(Use::remove);
  EXPECT_EQ(pass(filter, {filter_results + both}).text, filter_results + both);
  EXPECT_EQ(filter.usage().input_tokens, 11);
}

TEST(AnswerStream, HoldsNoCompleteEventBack) {
  const std::vector<std::string> events{": ping\n\n", chunk("a"), chunk("b"), "data:{\"choices\":[{}]}\r\n\r\n", finish_chunk, done_event};
  for (const Use use : {Use::keep, Use::remove}) {
    AnswerStream filter(use);
    for (const std::string& event : events) {
      std::string out;
      for (const char& c : event) {
        const auto passed = filter.feed(std::string_view(&c, 1));
        out.append(passed.text).append(passed.last);
      }
      EXPECT_EQ(out, event);
      EXPECT_TRUE(filter.at_boundary());
    }
  }
}

TEST(AnswerStream, IsNotFooledByTextThatLooksLikeUsageOrErrors) {
  const std::string text =
      chunk("\\\"usage\\\":{},\\\"error\\\":{\\\"message\\\":1},\\\"choices\\\":[] \\\"finish_reason\\\":\\\"stop\\\" data: [DONE]");
  const std::string nested = "data: {\"choices\":[{\"delta\":{\"x\":{\"usage\":{\"prompt_tokens\":5},\"error\":{}}}}]}\n\n";
  AnswerStream filter(Use::remove);
  EXPECT_EQ(pass(filter, {text + nested}).text, text + nested);
  EXPECT_FALSE(filter.usage().known());
  EXPECT_FALSE(filter.done());
  EXPECT_FALSE(filter.complete());
  EXPECT_FALSE(filter.broken());
}

TEST(AnswerStream, SeesAnErrorBeforeTheFirstEvent) {
  const std::string data = "{\"error\":{\"message\":\"overloaded\",\"code\":503}}";
  for (const std::string& event : {"data: " + data + "\n\n", "event: error\ndata: " + data + "\n\n", "error: " + data + "\n\n"}) {
    for (std::size_t a = 0; a <= event.size(); ++a) {
      AnswerStream filter(Use::keep);
      const Passed passed = pass(filter, {": hi\n\n" + event.substr(0, a), event.substr(a) + done_event});
      EXPECT_EQ(passed.text + passed.last, ": hi\n\n");
      EXPECT_TRUE(filter.failed());
      EXPECT_EQ(filter.error(), data);
      EXPECT_FALSE(filter.started());
      EXPECT_FALSE(filter.complete());
    }
  }
}

TEST(AnswerStream, PassesAnErrorBehindTheFirstEvent) {
  const std::string error = "data: {\"error\":{\"message\":\"gone\"}}\n\n";
  AnswerStream filter(Use::remove);
  EXPECT_EQ(pass(filter, {chunk("a") + error}).text, chunk("a") + error);
  EXPECT_TRUE(filter.broken());
  EXPECT_FALSE(filter.complete());
}

TEST(AnswerStream, TellsAWholeAnswerFromACutOne) {
  const std::pair<std::string, bool> cases[] = {{chunk("a"), false},
                                                {chunk("a") + finish_chunk, true},
                                                {chunk("a") + done_event, true},
                                                {chunk("a") + "data: [DONE]", true},
                                                {chunk("a") + finish_chunk.substr(0, finish_chunk.size() - 1), true},
                                                {"", false}};
  for (const auto& [text, whole] : cases) {
    AnswerStream filter(Use::keep);
    const Passed passed = pass(filter, {text});
    EXPECT_EQ(passed.text + passed.last, text);
    EXPECT_EQ(filter.complete(), whole) << text;
  }
}

TEST(AnswerStream, JoinsSeveralDataLines) {
  const std::string event = "data: {\"choices\":[],\ndata: \"usage\":{\"prompt_tokens\":11,\ndata:\"completion_tokens\":7}}\n\n";
  AnswerStream filter(Use::remove);
  EXPECT_EQ(pass(filter, {chunk("a") + event + done_event}).text, chunk("a"));
  EXPECT_EQ(filter.usage().output_tokens, 7);
}

TEST(AnswerStream, PassesAHugeEventInParts) {
  const std::string huge = chunk(std::string(600'000, 'x'));
  AnswerStream filter(Use::remove);
  std::string out;
  std::size_t most_held = 0, fed = 0;
  bool inside = false;
  for (std::size_t at = 0; at < huge.size(); at += 10'000) {
    const std::string piece = huge.substr(at, 10'000);
    fed += piece.size();
    out.append(filter.feed(piece).text);
    most_held = std::max(most_held, fed - out.size());
    inside |= !filter.at_boundary();
  }
  EXPECT_EQ(out, huge);
  EXPECT_LE(most_held, AnswerStream::held_limit + 10'000);
  EXPECT_TRUE(inside);
  EXPECT_TRUE(filter.at_boundary());
  EXPECT_EQ(filter.feed(chunk("b")).text, chunk("b"));
  EXPECT_EQ(filter.feed(usage_chunk).text, "");
}

/// Fed in pieces of that size; what was passed on.
std::string feed_all(AnswerStream& stream, std::string_view bytes, std::size_t size) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    const auto output = stream.feed(bytes.substr(at, size));
    out.append(output.text).append(output.last);
  }
  const auto output = stream.finish();
  return out.append(output.text).append(output.last);
}

constexpr std::string_view gemini_one =
    R"({"candidates":[{"content":{"parts":[{"text":"} ] \" {"}]}}],"usageMetadata":{"promptTokenCount":7}})";
constexpr std::string_view gemini_two =
    R"({"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":3,"thoughtsTokenCount":2,"cachedContentTokenCount":4}})";

TEST(AnswerStream, OfGeminiIsWholeByItsReasonToFinishAndCountsCumulatively) {
  const std::string text = "data: " + std::string(gemini_one) + "\r\n\r\ndata: " + std::string(gemini_two) + "\r\n\r\n";
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, text.size()}) {
    AnswerStream stream(AnswerStream::UsageChunk::keep, StreamForm::gemini);
    EXPECT_EQ(feed_all(stream, text, size), text);
    EXPECT_TRUE(stream.complete());
    EXPECT_EQ(stream.usage().input_tokens, 7);
    EXPECT_EQ(stream.usage().output_tokens, 5);
    EXPECT_EQ(stream.usage().reasoning_tokens, 2);
    EXPECT_EQ(stream.usage().cached_tokens, 4);
  }
  AnswerStream cut(AnswerStream::UsageChunk::keep, StreamForm::gemini);
  feed_all(cut, "data: " + std::string(gemini_one) + "\n\n", 5);
  EXPECT_TRUE(cut.started());
  EXPECT_FALSE(cut.complete());
}

TEST(AnswerStream, OfGeminiMayBeOneArray) {
  const std::string text = "[" + std::string(gemini_one) + "\n,\r\n" + std::string(gemini_two) + "\n]\n";
  for (const std::size_t size : {std::size_t{1}, std::size_t{9}, text.size()}) {
    AnswerStream stream(AnswerStream::UsageChunk::keep, StreamForm::gemini, AnswerStream::Pieces::objects);
    EXPECT_EQ(feed_all(stream, text, size), text);
    EXPECT_TRUE(stream.complete());
    EXPECT_EQ(stream.usage().output_tokens, 5);
  }
  AnswerStream open(AnswerStream::UsageChunk::keep, StreamForm::gemini, AnswerStream::Pieces::objects);
  feed_all(open, text.substr(0, text.size() - 2), 100);
  EXPECT_FALSE(open.complete()) << "its bracket never came";
  AnswerStream failed(AnswerStream::UsageChunk::keep, StreamForm::gemini, AnswerStream::Pieces::objects);
  EXPECT_EQ(feed_all(failed, R"([{"error":{"code":503,"message":"later"}}])", 100), "");
  EXPECT_TRUE(failed.failed());
  EXPECT_EQ(failed.error(), R"({"error":{"code":503,"message":"later"}})");
}

TEST(AnswerStream, OfOllamaIsLinesUntilDone) {
  const std::string text = R"({"message":{"content":"a \"done\":true"},"done":false})"
                           "\n"
                           R"({"message":{"content":""},"done":true,"prompt_eval_count":9,"eval_count":2})"
                           "\n";
  for (const std::size_t size : {std::size_t{1}, std::size_t{11}, text.size()}) {
    AnswerStream stream(AnswerStream::UsageChunk::keep, StreamForm::ollama, AnswerStream::Pieces::objects);
    EXPECT_EQ(feed_all(stream, text, size), text);
    EXPECT_TRUE(stream.complete());
    EXPECT_TRUE(stream.done());
    EXPECT_EQ(stream.usage().input_tokens, 9);
    EXPECT_EQ(stream.usage().output_tokens, 2);
  }
  AnswerStream last(AnswerStream::UsageChunk::keep, StreamForm::ollama, AnswerStream::Pieces::objects);
  EXPECT_EQ(last.feed(text).last, text.substr(text.find('\n') + 1));
  AnswerStream broken(AnswerStream::UsageChunk::keep, StreamForm::ollama, AnswerStream::Pieces::objects);
  feed_all(broken, text.substr(0, text.find('\n') + 1) + "{\"error\":\"out of memory\"}\n", 4);
  EXPECT_TRUE(broken.broken());
  EXPECT_FALSE(broken.complete());
}

}  // namespace
}  // namespace flotte::dialect
