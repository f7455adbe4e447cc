// Documents from blob to answer, with a model that has a real limit.
#include "work/document/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "work/prompt/prompt.hpp"
#include "work/testing.hpp"
#include "work/text/tokens.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

struct Desk {
  explicit Desk(testing::FakeModel::Reply reply) : model(std::move(reply)) {}
  Desk() : Desk([](const ModelCall& c) { return "answer to " + c.step; }) {}
  wire::Finished document(std::string name, std::string bytes, std::string prompt = "Summarise.") {
    wire::Offer offer;
    offer.run = {"t1", 1};
    offer.attempt = attempt;
    offer.spec.kind = wire::TaskKind::document;
    offer.spec.model = "m";
    offer.spec.input = json::object{{"name", name}, {"blob", blobs.put(std::move(bytes))}, {"prompt", prompt}};
    if (lose_blob) blobs.blobs.clear();
    return perform(executor_with_steps ? *executor_with_steps : executor, offer);
  }
  wire::Finished perform(TaskExecutor& by, const wire::Offer& offer) {
    context.emplace(loop.get_executor(), offer, wire::WorkerInfo{.name = "m", .model = "worker-model"}, events, clock);
    auto finished = testing::wait(loop, by.run(*context));
    context->flush();
    return finished;
  }
  asio::io_context loop;
  testing::ManualClock clock;
  BlockingPool pool{"desk", 1};
  testing::FakeModel model;
  testing::FakeBlobs blobs;
  DocumentReader reader{pool};
  DocumentExecutor executor{model, blobs, reader};
  std::optional<DocumentExecutor> executor_with_steps;  // used where it is there
  PromptExecutor prompts{model};
  testing::Recorder events;
  std::optional<RunContext> context;
  int attempt = 1;
  bool lose_blob = false;
};

std::string text_of(const wire::Finished& f) { return f.result.is_object() ? json::string_or(f.result.get_object(), "text", "") : ""; }

std::string long_text(int paragraphs) {
  std::string text;
  for (int i = 0; i < paragraphs; ++i)
    text += "Paragraph " + std::to_string(i) + " tells of one more thing that happened in the workshop.\n\n";
  return text;
}

TEST(Document, AShortOneIsAskedWhole) {
  Desk desk;
  const auto f = desk.document("notes/a.md", "# Notes\r\nAll is well.\n", "Sum up.");
  EXPECT_EQ(f.outcome, "succeeded");
  EXPECT_EQ(text_of(f), "answer to answer");
  EXPECT_EQ(f.target, "llama@box/m");
  EXPECT_GT(f.usage.input_tokens, 0);
  ASSERT_EQ(desk.model.calls.size(), 1u);
  EXPECT_EQ(desk.model.calls[0].model, "m");
  EXPECT_EQ(desk.model.calls[0].messages.at(0).content, "Sum up.\n\n[notes/a.md]\n\n# Notes\nAll is well.\n");
  EXPECT_EQ(desk.events.out, "answer to answer");
  EXPECT_THAT(desk.events.steps, ElementsAre("reading", "asking"));
}

TEST(Document, ALongOneIsAskedInPartsThatArePutTogether) {
  Desk desk;
  desk.model.told_context = desk.model.real_context = 1000;
  const std::string text = long_text(100);
  const auto f = desk.document("a.txt", text);
  EXPECT_EQ(f.outcome, "succeeded");
  EXPECT_EQ(text_of(f), "answer to reduce-1-1");
  EXPECT_THAT(desk.model.steps(), IsSupersetOf({"part-1", "part-2", "part-3", "reduce-1-1"}));
  EXPECT_THAT(desk.events.steps, IsSupersetOf({"reading", "putting the parts together"}));
  EXPECT_THAT(desk.events.steps, ::testing::Contains(HasSubstr("part 3 of ")));
  EXPECT_EQ(desk.events.out, "answer to reduce-1-1") << "answers to parts are live text, not the task's output";
  std::string seen;
  for (const auto& call : desk.model.calls)
    if (call.step.starts_with("part-")) seen += call.messages[0].content.substr(call.messages[0].content.find("]\n\n") + 3);
  EXPECT_EQ(seen, text) << "every word was asked, once";
  EXPECT_EQ(json::int_or(f.result.get_object(), "parts", 0), static_cast<std::int64_t>(desk.model.calls.size()) - 1);
}

TEST(Document, ARefusedWholeIsCutSmallerAndGoesOn) {
  for (const bool tells : {true, false}) {
    Desk desk;
    desk.model.told_context = 100'000;  // the hub thinks so; the engine knows better
    desk.model.real_context = 700;
    desk.model.tells_numbers = tells;
    const auto f = desk.document("a.txt", long_text(150));
    EXPECT_EQ(f.outcome, "succeeded") << (f.error ? f.error->text() : "");
    EXPECT_GE(desk.model.refused, 1);
    if (tells) {
      EXPECT_LE(desk.model.refused, 3) << "what the engine tells is used";
    }
  }
}

TEST(Document, AnEstimateThatIsFarTooLowIsCorrected) {
  Desk desk;  // as a model whose tokens are bytes: three for each Japanese character, one for each letter
  desk.model.real_tokens = [](std::string_view t) { return static_cast<std::int64_t>(t.size()); };
  desk.model.told_context = desk.model.real_context = 4096;
  std::string text;
  for (int i = 0; i < 400; ++i) text += "設備の点検を行い、異常がないことを確認しました。";
  const auto f = desk.document("報告.txt", text, "要約してください。");
  EXPECT_EQ(f.outcome, "succeeded") << (f.error ? f.error->text() : "");
  EXPECT_LE(desk.model.refused, 4);
  for (const auto& call : desk.model.calls) EXPECT_FALSE(find_bad_utf8(call.messages[0].content));
}

TEST(Document, LongAnswersAreReducedInLevels) {
  Desk desk([](const ModelCall& c) { return c.step.starts_with("part") ? std::string(2000, 'p') : "short"; });
  desk.model.told_context = desk.model.real_context = 1200;
  const auto f = desk.document("a.txt", long_text(400));
  EXPECT_EQ(text_of(f), "short");
  EXPECT_THAT(desk.model.steps(), IsSupersetOf({"reduce-1-1", "reduce-1-2", "reduce-2-1"}));
}

TEST(Document, AnswersThatNeverShrinkStillEnd) {
  Desk desk([](const ModelCall&) { return std::string(3000, 'p'); });
  desk.model.told_context = desk.model.real_context = 1200;
  EXPECT_EQ(desk.document("a.txt", long_text(300)).outcome, "succeeded");
}

TEST(Document, SaysThatAContextIsTooSmall) {
  Desk desk;
  desk.model.told_context = desk.model.real_context = 200;
  auto f = desk.document("a.txt", long_text(30), std::string(2000, 'p'));
  EXPECT_EQ(f.outcome, "failed");
  EXPECT_FALSE(f.retryable);
  EXPECT_THAT(f.error->text(), HasSubstr("no room"));
  desk.model.real_tokens = [](std::string_view) { return 1'000'000; };  // refuses everything
  f = desk.document("a.txt", long_text(30));
  EXPECT_EQ(f.outcome, "failed");
  EXPECT_LT(desk.model.calls.size(), 50u);
}

TEST(Document, AFailureInAPartEndsTheRunAndReportsNoUsageBeforeItsRetry) {
  const auto reply = [](const ModelCall& c) -> std::expected<std::string, ModelFailure> {
    if (c.step == "part-3") return std::unexpected(ModelFailure{Error(Code::unavailable, "engine gone"), true});
    return "fine";
  };
  Desk desk(reply);
  desk.model.told_context = 1000;
  auto f = desk.document("a.txt", long_text(100));
  EXPECT_EQ(f.outcome, "failed");
  EXPECT_TRUE(f.retryable);
  EXPECT_EQ(f.usage.input_tokens, 0) << "the attempt that uses the recorded answers counts them";
  desk.attempt = 5;
  f = desk.document("a.txt", long_text(100));
  EXPECT_GT(f.usage.input_tokens, 0) << "nobody else will";
}

TEST(Document, NotesReplayedAnswers) {
  Desk desk;
  desk.model.replays = {"answer"};
  const auto f = desk.document("a.txt", "text");
  EXPECT_EQ(json::int_or(f.result.get_object(), "replayed", 0), 1);
}

TEST(Document, TellsInItsLogWhatWasRepaired) {
  Desk desk;
  EXPECT_EQ(desk.document("a.txt", "fÃ¼r die PrÃ¼fung", "Sum up.").outcome, "succeeded");
  EXPECT_THAT(desk.model.calls.at(0).messages.at(0).content, HasSubstr("für die Prüfung"));
  EXPECT_THAT(desk.events.notes, HasSubstr("repaired"));
}

struct Unreadable {
  std::string name, bytes, says;
};

TEST(Document, SaysWhyItCannotBeRead) {
  for (const Unreadable& row : std::vector<Unreadable>{{"a.txt", " \n", "empty"},
                                                       {"a.png", "\x89PNG\r\n\x1a\n", "PNG"},
                                                       {"a.txt", "Gr\x81\x8D\x90", "byte 2"},
                                                       {"a.html", "<script>x</script>", "no text"}}) {
    Desk desk;
    const auto f = desk.document(row.name, row.bytes);
    EXPECT_EQ(f.outcome, "failed");
    EXPECT_FALSE(f.retryable) << row.name;
    EXPECT_THAT(f.error->text(), HasSubstr(row.says));
    EXPECT_TRUE(desk.model.calls.empty());
  }
  Desk desk;
  desk.lose_blob = true;
  EXPECT_EQ(desk.document("a.txt", "x").error->code, Code::not_found);
}

wire::Offer prompt(json::object input) {
  wire::Offer offer;
  offer.run = {"t2", 1};
  offer.spec.input = std::move(input);
  return offer;
}

TEST(Prompt, StreamsItsAnswer) {
  Desk desk([](const ModelCall&) { return std::string(10'000, 'x'); });
  const auto f = desk.perform(desk.prompts, prompt({{"prompt", "Hi"}, {"system", "Be brief."}}));
  EXPECT_EQ(f.outcome, "succeeded");
  EXPECT_EQ(text_of(f).size(), 10'000u);
  ASSERT_EQ(desk.model.calls.size(), 1u);
  EXPECT_EQ(desk.model.calls[0].model, "worker-model") << "the task names none";
  EXPECT_EQ(desk.model.calls[0].messages.size(), 2u);
  EXPECT_EQ(desk.model.calls[0].messages[0].role, "system");
  EXPECT_EQ(desk.events.chunks.size(), 3u) << "in chunks of 4 KiB";
  EXPECT_EQ(desk.events.out.size(), 10'000u);
  EXPECT_EQ(desk.events.activity.tail.size(), RunContext::tail_bytes);
}

TEST(Prompt, AnAnswerWithoutTextIsAFailure) {
  Desk desk([](const ModelCall&) { return std::string(); });
  const auto f = desk.perform(desk.prompts, prompt({{"prompt", "Hi"}}));
  EXPECT_EQ(f.outcome, "failed");
  EXPECT_FALSE(f.retryable);
}

TEST(Prompt, TellsWhetherItMayBeTriedAgain) {
  for (const bool again : {true, false}) {
    Desk desk([again](const ModelCall&) -> std::expected<std::string, ModelFailure> {
      return std::unexpected(ModelFailure{Error(Code::unavailable, "away"), again});
    });
    const auto f = desk.perform(desk.prompts, prompt({{"prompt", "Hi"}}));
    EXPECT_EQ(f.outcome, "failed");
    EXPECT_EQ(f.retryable, again);
  }
}

TEST(RunContext, FlushesWhatHasWaitedASecond) {
  Desk desk;
  RunContext context(desk.loop.get_executor(), {}, {}, desk.events, desk.clock);
  context.output("text", "slow");
  context.flush_due();
  EXPECT_TRUE(desk.events.chunks.empty());
  desk.clock.passed += milliseconds(1000);
  context.flush_due();
  EXPECT_THAT(desk.events.chunks, ElementsAre("text: slow"));
}

TEST(StopSignal, CallsItsHooksOnceAndNotAfterTheyAreGone) {
  asio::io_context loop;
  StopSignal signal(loop.get_executor());
  int first = 0, second = 0, late = 0;
  StopSignal::Hook one(signal, [&] { ++first; });
  {
    StopSignal::Hook two(signal, [&] { ++second; });
  }
  signal.request(StopCause::cancelled);
  signal.request(StopCause::dropped);
  EXPECT_EQ(signal.cause(), StopCause::dropped);
  StopSignal::Hook three(signal, [&] { ++late; });
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 0);
  EXPECT_EQ(late, 1);
}

struct FakeSteps final : Steps {
  Awaitable<Result<std::optional<std::string>>> find(RunContext&, std::string name) override {
    ++looks;
    if (away) co_return fail(Code::unavailable, "the hub is away");
    const auto it = kept.find(name);
    if (it == kept.end()) co_return std::nullopt;
    co_return it->second;
  }
  Awaitable<Result<void>> keep(RunContext&, std::string name, std::string output) override {
    if (away) co_return fail(Code::unavailable, "the hub is away");
    kept.try_emplace(name, output);
    co_return Result<void>{};
  }
  std::map<std::string, std::string> kept;
  int looks = 0;
  bool away = false;
};

std::vector<std::string> questions(const Desk& desk) {
  std::vector<std::string> out;
  for (const auto& call : desk.model.calls) out.push_back(call.step + ": " + call.messages.at(0).content);
  return out;
}

TEST(Document, ALaterAttemptCutsWhereTheFirstOneDid) {
  for (const bool refused : {false, true}) {
    const auto steps = std::make_shared<FakeSteps>();
    Desk first;
    first.executor_with_steps.emplace(first.model, first.blobs, first.reader, steps);
    first.model.told_context = refused ? 100'000 : 1'000;
    first.model.real_context = 1'000;
    EXPECT_EQ(first.document("a.txt", long_text(200)).outcome, "succeeded");
    EXPECT_EQ(steps->looks, 0) << "a first attempt has nothing to look for";
    Desk second;
    second.executor_with_steps.emplace(second.model, second.blobs, second.reader, steps);
    second.attempt = 2;
    second.model.told_context = 2'345;  // another engine serves the model now
    second.model.real_context = 1'000;
    EXPECT_EQ(second.document("a.txt", long_text(200)).outcome, "succeeded");
    auto asked = questions(first);
    if (refused) asked.erase(asked.begin());  // the whole, which did not fit, was not bought
    EXPECT_EQ(questions(second), asked);
  }
}

TEST(Document, AnAttemptThatCannotLookGoesByWhatItKnows) {
  const auto steps = std::make_shared<FakeSteps>();
  steps->away = true;
  Desk desk;
  desk.executor_with_steps.emplace(desk.model, desk.blobs, desk.reader, steps);
  desk.attempt = 2;
  desk.model.told_context = desk.model.real_context = 1'000;
  EXPECT_EQ(desk.document("a.txt", long_text(100)).outcome, "succeeded");
  EXPECT_EQ(desk.model.steps().front(), "part-1");
}

}  // namespace
}  // namespace flotte::work
