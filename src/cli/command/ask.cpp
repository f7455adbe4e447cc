// Streaming an answer to standard output.
#include "cli/command/ask.hpp"

#include <unistd.h>

#include <cerrno>

#include "cli/batch/estimate.hpp"
#include "cli/command/demonstration.hpp"
#include "cli/command/task.hpp"
#include "cli/screen/screen.hpp"
#include "cli/screen/text_width.hpp"
#include "client/chat.hpp"

namespace flotte::cli {
namespace {

constexpr std::size_t prompt_limit = 32 * 1024 * 1024;

Result<std::string> read_standard_input() {
  std::string text;
  char buffer[64 * 1024];
  for (;;) {
    const ssize_t n = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno("standard input cannot be read", errno);
    if (n == 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > prompt_limit)
      return fail(Code::too_large, "standard input is larger than 32 MiB", "use `flotte batch run` for documents");
  }
}

/// What came of it, for --json.
struct Heard {
  std::string text, model, target, finish_reason;
  wire::Usage usage;
  json::object to_json() const {
    json::object o;
    o["text"] = text;
    o["model"] = model;
    o["target"] = target;
    o["finish_reason"] = finish_reason;
    o["usage"] = usage.to_json();
    return o;
  }
};

/// Errors of a broken stream are told apart from a hub that is away: something had been said already.
Awaitable<Result<void>> hear(client::EventStream& events, Heard& heard, bool streams) {
  const bool cleans = streams && is_terminal(STDOUT_FILENO);
  for (;;) {
    auto event = co_await events.next();
    if (!event) co_return std::unexpected(event.error().within("the answer broke off"));
    if (!*event) break;
    auto chunk = client::ChatChunk::parse((*event)->data);
    if (!chunk) co_return pass(chunk);
    if (chunk->last) co_return Result<void>{};
    heard.text += chunk->text;
    if (streams) print(cleans ? make_harmless(chunk->text) : chunk->text);
    if (!chunk->model.empty()) heard.model = chunk->model;
    if (!chunk->finish_reason.empty()) heard.finish_reason = chunk->finish_reason;
    if (chunk->input_tokens >= 0) heard.usage.input_tokens = chunk->input_tokens;
    if (chunk->cached_tokens >= 0) heard.usage.cached_tokens = chunk->cached_tokens;
    if (chunk->output_tokens >= 0) heard.usage.output_tokens = chunk->output_tokens;
  }
  if (heard.finish_reason.empty()) co_return fail(Code::closed, "the answer broke off", "ask again");
  co_return Result<void>{};
}

/// Only engines of one's own are known to cost nothing. What a provider takes the hub counts (`flotte usage`): here it is unknown, not 0.
Awaitable<void> find_cost(client::Fleet& fleet, std::string model, wire::Usage& usage) {
  const std::string path = client::make_path("models");
  client::Query query{{"name", model}};
  auto models = co_await fleet.list(path, std::move(query), 0);
  bool local = false;
  if (models)
    for (const json::object& entry : *models)
      if (json::string_or(entry, "id", "") == model) local = KnownModel::from_json(entry).local;
  usage.unpriced_calls = local ? 0 : 1;
}

Awaitable<Result<int>> ask(Session& session, AskOptions options, std::string prompt) {
  client::ChatQuestion question;
  question.model = choose_model(options.model, options.placement);
  question.system = options.system;
  question.prompt = std::move(prompt);
  auto events = co_await client::open_chat(session.connection(), question);
  if (!events) co_return pass(events);
  Heard heard;
  heard.target = std::string(events->head().headers.get("x-flotte-target").value_or(""));
  const bool streams = !session.common().json();
  auto whole = co_await hear(*events, heard, streams);
  if (streams && !heard.text.empty() && !heard.text.ends_with('\n')) print("\n");
  if (!whole) co_return pass(whole);
  if (!streams) {
    co_await find_cost(session.fleet(), question.model, heard.usage);
    print_json(heard.to_json());
    co_return status::done;
  }
  if (heard.finish_reason == "length")
    write_all(STDERR_FILENO, "flotte: the answer was cut off: the model's limit of tokens was reached\n");
  const std::string note = co_await find_demonstration_note(session.fleet(), question.model);
  if (!note.empty()) write_all(STDERR_FILENO, "flotte: " + note + "\n");
  co_return status::done;
}

}  // namespace

Result<std::string> read_prompt(const std::vector<std::string>& words) {
  std::string prompt = fmt::format("{}", fmt::join(words, " "));
  if (!::isatty(STDIN_FILENO)) {
    auto more = read_standard_input();
    if (!more) return more;
    while (more->ends_with('\n')) more->pop_back();
    if (!prompt.empty() && !more->empty()) prompt += "\n\n";
    prompt += *more;
  }
  if (prompt.empty()) return fail(Code::invalid_argument, "what is the question?", "flotte ask PROMPT..., or text on standard input");
  if (!is_utf8(prompt)) return fail(Code::invalid_argument, "the prompt is not UTF-8 text", "convert it first, for example with iconv");
  return prompt;
}

int run_ask(const Common& common, const AskOptions& options) {
  auto prompt = read_prompt(options.words);
  if (!prompt) {
    report(prompt.error(), common.output);
    return status::usage;
  }
  const Placement& place = options.placement;
  if (!place.worker.empty() || !place.node.empty() || !place.labels.empty() || !place.project.empty() || place.exclusive) {
    TaskRunOptions task;
    task.prompt = std::move(*prompt);
    task.system = options.system;
    task.model = choose_model(options.model, place);
    task.placement = place;
    return run_task(common, task);
  }
  Session session(common);
  return session.run([&](Session& s) { return ask(s, options, *prompt); });
}

}  // namespace flotte::cli
