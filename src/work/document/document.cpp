// Documents.
#include "work/document/document.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "work/prompt/prompt.hpp"
#include "work/text/split.hpp"
#include "work/text/tokens.hpp"

namespace flotte::work {
namespace {

constexpr int deepest_cut = 12;  // a part is cut again at most that often
constexpr int most_levels = 16;  // of putting together; every level at least halves the number of texts
constexpr std::int64_t smallest_part = 24;

ModelFailure no_room(const Room& room) {
  return ModelFailure{Error(Code::too_large,
                            fmt::format("the model's context of {} tokens leaves no room for the document beside the prompt", room.context),
                            "use a model with a larger context, or a shorter prompt"),
                      false};
}

bool worth_another_attempt(Code code) {
  return code == Code::unavailable || code == Code::closed || code == Code::deadline || code == Code::io || code == Code::exhausted;
}

wire::Finished not_readable(Error error) {
  const Again again = worth_another_attempt(error.code) ? Again::yes : Again::no;
  return failed(std::move(error), again);
}

}  // namespace

Awaitable<wire::Finished> DocumentExecutor::run(RunContext& run) {
  const json::object& input = run.offer().spec.input;
  run.step("reading");
  auto bytes = co_await blobs_.fetch(run, json::string_or(input, "blob", ""), reader_.limits().document_bytes);
  if (run.stop().requested()) co_return stopped();
  if (!bytes) co_return not_readable(std::move(bytes.error()));
  Job job;
  job.name = json::string_or(input, "name", "document");
  job.prompt = json::string_or(input, "prompt", "");
  ReadProgress progress = [&run](std::string_view step, double fraction) { run.step(step, fraction); };
  auto read = co_await reader_.read(job.name, std::move(*bytes), std::move(progress));
  if (run.stop().requested()) co_return stopped();
  if (!read) co_return not_readable(std::move(read.error()));
  for (const std::string& note : read->notes) run.output("note", note + "\n");

  job.room.prompt = estimate_tokens(job.prompt) + estimate_tokens(job.name);
  job.room.context = co_await models_.context_tokens(run, run.model());
  co_await find_cut(run, job);
  if (run.stop().requested()) co_return stopped();
  auto answer = co_await answer_whole(run, job, std::move(read->text));
  wire::Finished finished;
  if (!answer) {
    finished = failed(answer.error());
  } else {
    json::object result;
    result["text"] = *answer;
    if (job.parts > 1) result["parts"] = job.parts;
    if (!job.finish_reason.empty() && job.finish_reason != "stop") result["finish_reason"] = job.finish_reason;
    finished = succeeded(std::move(result));
  }
  job.bill.settle(run.offer(), finished);
  co_return finished;
}

namespace {

constexpr const char* cut_step = "parts";

bool read_cut(const std::string& text, Room& room) {
  const auto cut = json::parse_object(text);
  if (!cut) return false;
  room.context = json::int_or(*cut, "context", room.context);
  room.prompt = json::int_or(*cut, "prompt", room.prompt);
  room.scale = json::get_number(*cut, "scale").value_or(room.scale);
  return true;
}

}  // namespace

/// How an earlier attempt cut. Where that cannot be found out this one goes by what it knows.
Awaitable<void> DocumentExecutor::find_cut(RunContext& run, Job& job) {
  if (!steps_ || run.offer().attempt <= 1) co_return;
  const auto kept = co_await steps_->find(run, cut_step);
  if (kept && *kept) job.cut_before = read_cut(**kept, job.room);
}

/// A failure is no harm to this attempt.
Awaitable<void> DocumentExecutor::keep_cut(RunContext& run, Job& job) {
  if (!steps_ || job.cut_before) co_return;
  json::object cut;
  cut["context"] = job.room.context;
  cut["prompt"] = job.room.prompt;
  cut["scale"] = job.room.scale;
  std::string text = json::dump(cut);
  read_cut(text, job.room);  // to the last digit as later attempts will read it
  const auto kept = co_await steps_->keep(run, cut_step, std::move(text));
  if (!kept) log::debug("how a document was cut could not be kept", {{"task", run.offer().run.task}, {"why", kept.error().text()}});
}

Awaitable<DocumentExecutor::Answer> DocumentExecutor::answer_whole(RunContext& run, Job& job, std::string text) {
  const std::int64_t estimate = estimate_tokens(text);
  if (!job.cut_before && estimate <= job.room.tokens()) {
    run.step("asking");
    std::string question = whole_question(job.prompt, job.name, text);
    auto answer = co_await ask(run, job, "answer", std::move(question), Show::log);
    if (answer || !answer.error().context_exceeded) co_return answer;
    job.room = shrink(job.room, estimate + job.room.prompt, answer.error().context_tokens, answer.error().prompt_tokens);
  }
  auto answers = co_await answer_parts(run, job, std::move(text));
  if (!answers) co_return std::unexpected(std::move(answers.error()));
  co_return co_await put_together(run, job, std::move(*answers));
}

Awaitable<DocumentExecutor::Answers> DocumentExecutor::answer_parts(RunContext& run, Job& job, std::string text) {
  const std::int64_t room = job.room.tokens();
  if (room < smallest_part) co_return std::unexpected(no_room(job.room));
  co_await keep_cut(run, job);
  const auto parts = split_text(text, room);
  const int total = static_cast<int>(parts.size());
  std::vector<std::string> answers;
  for (int i = 0; i < total; ++i) {
    run.step(fmt::format("part {} of {}", i + 1, total), static_cast<double>(i) / (total + 1));
    std::string step = fmt::format("part-{}", i + 1);
    std::string piece(parts[static_cast<std::size_t>(i)]);
    auto some = co_await answer_part(run, job, std::move(step), PartOf{i + 1, total}, std::move(piece));
    if (!some) co_return std::unexpected(std::move(some.error()));
    for (std::string& answer : *some) answers.push_back(std::move(answer));
  }
  job.parts = static_cast<int>(answers.size());
  co_return answers;
}

Awaitable<DocumentExecutor::Answers> DocumentExecutor::answer_part(RunContext& run, Job& job, std::string step, PartOf part,
                                                                   std::string text) {
  std::vector<std::string> answers;
  std::string question = part_question(job.prompt, job.name, part, text);
  auto answer = co_await ask(run, job, step, std::move(question), Show::tail);
  if (answer) {
    answers.push_back(std::move(*answer));
    co_return answers;
  }
  if (!answer.error().context_exceeded) co_return std::unexpected(std::move(answer.error()));
  // Our estimate was too low for this text: cut it again, and remember for the parts that follow.
  const std::int64_t estimate = estimate_tokens(text);
  job.room = shrink(job.room, estimate + job.room.prompt, answer.error().context_tokens, answer.error().prompt_tokens);
  const std::int64_t room = std::min(job.room.tokens(), (estimate + 1) / 2 + 1);
  if (room < smallest_part || step.size() > 16 + 3 * deepest_cut) co_return std::unexpected(no_room(job.room));
  int number = 0;
  for (const std::string_view piece : split_text(text, room)) {
    std::string name = fmt::format("{}-{}", step, ++number);
    std::string held(piece);
    auto some = co_await answer_part(run, job, std::move(name), part, std::move(held));
    if (!some) co_return std::unexpected(std::move(some.error()));
    for (std::string& one : *some) answers.push_back(std::move(one));
  }
  co_return answers;
}

Awaitable<DocumentExecutor::Answer> DocumentExecutor::put_together(RunContext& run, Job& job, std::vector<std::string> answers) {
  for (int level = 1; answers.size() > 1; ++level) {
    run.step("putting the parts together", 0.95);
    const std::int64_t room = job.room.tokens();
    if (room < 2 * smallest_part || level > most_levels) co_return std::unexpected(no_room(job.room));
    const std::vector<std::string> groups = group_answers(answers, room);
    std::vector<std::string> next;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      std::string step = fmt::format("reduce-{}-{}", level, i + 1);
      auto some = co_await reduce(run, job, std::move(step), groups[i], groups.size() == 1 ? Show::log : Show::tail);
      if (!some) co_return std::unexpected(std::move(some.error()));
      for (std::string& one : *some) next.push_back(std::move(one));
    }
    answers = std::move(next);
  }
  co_return std::move(answers.front());
}

Awaitable<DocumentExecutor::Answers> DocumentExecutor::reduce(RunContext& run, Job& job, std::string step, std::string answers, Show show) {
  std::vector<std::string> out;
  std::string question = reduce_question(job.prompt, job.name, answers);
  auto answer = co_await ask(run, job, std::move(step), std::move(question), show);
  if (answer) {
    out.push_back(std::move(*answer));
    co_return out;
  }
  if (!answer.error().context_exceeded) co_return std::unexpected(std::move(answer.error()));
  const std::int64_t estimate = estimate_tokens(answers);
  job.room = shrink(job.room, estimate + job.room.prompt, answer.error().context_tokens, answer.error().prompt_tokens);
  // The next level groups these again, now into smaller texts.
  for (const std::string_view piece : split_text(answers, std::max<std::int64_t>(8, (estimate + 1) / 2 + 1))) out.emplace_back(piece);
  co_return out;
}

Awaitable<DocumentExecutor::Answer> DocumentExecutor::ask(RunContext& run, Job& job, std::string step, std::string question, Show show) {
  ModelCall call;
  call.model = run.model();
  call.step = std::move(step);
  call.messages.push_back({"user", std::move(question)});
  std::function<void(std::string_view)> on_text = [&run, show](std::string_view text) {
    if (show == Show::log)
      run.output("text", text);
    else
      run.live(text);
  };
  auto answer = co_await models_.ask(run, std::move(call), std::move(on_text));
  if (!answer) co_return std::unexpected(std::move(answer.error()));
  job.bill.add(*answer);
  job.finish_reason = answer->finish_reason;
  if (answer->text.empty()) co_return std::unexpected(ModelFailure{*failed_without_text(*answer).error, false});
  co_return std::move(answer->text);
}

}  // namespace flotte::work
