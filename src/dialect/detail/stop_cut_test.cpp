#include "dialect/detail/stop_cut.hpp"

#include <gtest/gtest.h>

namespace flotte::dialect::detail {
namespace {

using llm::Event;
using Kind = Event::Kind;

/// What arrives behind the cut, in short.
struct Recorder final : llm::EventSink {
  std::string seen;
  void on_event(const Event& event) override {
    switch (event.kind) {
      case Kind::part_begin: seen += "["; break;
      case Kind::part_delta: seen.append(event.text).append("|"); break;
      case Kind::part_end: seen += "]"; break;
      case Kind::usage: seen += "u" + std::to_string(event.usage.output_tokens); break;
      case Kind::finish: seen.append("f").append(event.stop_sequence); break;
      case Kind::end: seen += "."; break;
      case Kind::error: seen += "!"; break;
      default: break;
    }
  }
};

std::string cut(const std::vector<std::string>& stops, const std::vector<std::string>& pieces, Kind last = Kind::end) {
  Recorder recorder;
  StopCut between(stops, recorder);
  between.on_event({.kind = Kind::part_begin});
  for (const std::string& piece : pieces) between.on_event({.kind = Kind::part_delta, .text = piece});
  between.on_event({.kind = Kind::part_end});
  between.on_event({.kind = Kind::usage, .usage = {.output_tokens = 7}});
  if (last == Kind::end) between.on_event({.kind = Kind::finish, .finish = llm::Finish::end_turn});
  between.on_event({.kind = last});
  return recorder.seen;
}

TEST(StopCut, Case20CutsAtTheFirstStopHoweverItIsSplit) {
  EXPECT_EQ(cut({"four"}, {"three, four, five"}), "[three, |]u7ffour.");
  EXPECT_EQ(cut({"four"}, {"three, f", "ou", "r, five", "six"}), "[three, |]u7ffour.");
  EXPECT_EQ(cut({"xx", "b"}, {"ab", "xx"}), "[a|]u7fb.");
  EXPECT_EQ(cut({"four"}, {"four"}), "[]u7ffour.");
}

TEST(StopCut, HoldsBackOnlyWhatMayBecomeAStop) {
  EXPECT_EQ(cut({"\n\n"}, {"a\n", "b\n", "c"}), "[a|\nb|\nc|]u7f.");
  EXPECT_EQ(cut({"END"}, {"the EN"}), "[the |EN|]u7f.");
  EXPECT_EQ(cut({}, {"a", "b"}), "[a|b|]u7f.");
  EXPECT_EQ(cut({""}, {"a"}), "[a|]u7f.");
}

TEST(StopCut, AnErrorBehindTheCutEndsAWholeAnswerAndBeforeItDoesNot) {
  EXPECT_EQ(cut({"b"}, {"ab"}, Kind::error), "[a|]u7fb.");
  EXPECT_EQ(cut({"x"}, {"ab"}, Kind::error), "[ab|]u7!");
}

TEST(StopCut, Case20CutsWholeAnswers) {
  llm::Answer answer;
  answer.finish = llm::Finish::tool_use;
  answer.parts = {{llm::Text{"one, two"}, {}, {}}, {llm::Text{"three, four"}, {}, {}}, {llm::ToolCall{}, {}, {}}};
  cut_at_stop(answer, {"five"});
  EXPECT_EQ(answer.parts.size(), 3U);
  cut_at_stop(answer, {"four", ", "});
  ASSERT_EQ(answer.parts.size(), 1U);
  EXPECT_EQ(answer.parts[0].as<llm::Text>()->text, "one");
  EXPECT_EQ(answer.finish, llm::Finish::stop_sequence);
  EXPECT_EQ(answer.stop_sequence, ", ");
}

}  // namespace
}  // namespace flotte::dialect::detail
