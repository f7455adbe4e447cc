// Steps and model calls of tasks: what attempts have finished and bought.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/failpoint.hpp"
#include "fleet/standing.hpp"
#include "fleet/steps.hpp"
#include "hub/api.hpp"
#include "hub/foreign_bytes.hpp"
#include "hub/hub.hpp"
#include "route/journal_rows.hpp"
#include "wire/step.hpp"

namespace flotte::hub {
namespace {

/// The task of the path. A run's key is for its own task. Errors: not_found, forbidden.
Result<std::int64_t> own_task(const Request& request) {
  const std::string& id = request.captures.at(0);
  const auto number = wire::parse_id('t', id);
  if (!number) return fail(Code::not_found, fmt::format("no task '{}'", id), "see `flotte task ls`");
  const auto& run = request.caller->who.run;
  if (run && run->task != *number)
    return fail(Code::forbidden,
                fmt::format("this key is a run's of {}: it has nothing to do with {}", wire::format_id('t', run->task), id),
                "ask with a key of the scope tasks");
  return *number;
}

Result<std::string> step_name(const Request& request) {
  const std::string& name = request.captures.at(1);
  if (auto good = fleet::check_step_name(name); !good) return pass(good);
  return name;
}

/// It is shown in JSON and goes back as a header.
Result<std::string> content_type_of(const Request& request) {
  const std::string_view type = request.call.head().headers.get("content-type").value_or("application/octet-stream");
  const bool plain = std::all_of(type.begin(), type.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (!plain || type.size() > 200)
    return fail(Code::invalid_argument, "the step's content-type is none", "at most 200 characters of ASCII, for example text/plain");
  return std::string(type);
}

/// Whose step it is: the run of the key, or the one that a client names.
Result<std::int64_t> fence_of(const Request& request) {
  if (const auto& run = request.caller->who.run) return run->fence;
  const auto text = request.call.head().headers.get("x-flotte-fence");
  const auto fence = text ? parse_number(*text) : std::nullopt;
  if (fence) return *fence;
  return fail(Code::invalid_argument, "a step is kept for a run", "use the run's key (FLOTTE_KEY of a command), or send x-flotte-fence");
}

struct Asked {
  std::int64_t task = 0;
  std::string name;
};

Result<Asked> asked_step(const Request& request) {
  auto task = own_task(request);
  if (!task) return pass(task);
  auto name = step_name(request);
  if (!name) return pass(name);
  return Asked{*task, std::move(*name)};
}

/// Short outputs stay in the row, long ones become blobs.
Awaitable<Result<void>> put_away(Request& request, fleet::Step& step, std::string output) {
  step.bytes = static_cast<std::int64_t>(output.size());
  if (output.size() <= fleet::step_row_bytes) {
    step.output = std::move(output);
    co_return Result<void>{};
  }
  std::function<Result<std::string>()> put = [&blobs = request.hub.blobs(), text = std::make_shared<std::string>(std::move(output))] {
    return blobs.put(*text);
  };
  auto id = co_await request.hub.pool().run<std::string>(std::move(put));
  if (!id) co_return pass(id);
  step.blob = std::move(*id);
  co_return Result<void>{};
}

Awaitable<Result<std::string>> output_of(Request& request, fleet::Step step) {
  if (step.blob.empty()) co_return std::move(step.output);
  std::function<Result<std::string>()> get = [&blobs = request.hub.blobs(), id = step.blob] {
    return blobs.get(id, wire::step_output_bytes);
  };
  co_return co_await request.hub.pool().run<std::string>(std::move(get));
}

json::object describe(const route::CallLine& line) {
  constexpr std::array<std::string_view, 5> words{"open", "bought", "replayed", "free", "lost"};
  json::object o;
  o["place"] = line.ask.place;
  o["step"] = line.ask.step;
  o["request"] = line.ask.request;
  o["fence"] = line.ask.fence;
  o["at"] = to_rfc3339(line.at);
  o["state"] = words.at(static_cast<std::size_t>(line.ask.state));
  o["answer_of"] = line.ask.answer == 0 ? json::value(nullptr) : json::value(line.ask.answer);
  o["repeats"] = line.ask.repeats == 0 ? json::value(nullptr) : json::value(line.ask.repeats);
  if (!line.answer) return o;
  o["target"] = line.answer->target;
  o["bytes"] = line.bytes;
  return o;
}

/// A list of what a task has.
template <class T>
struct Listing {
  std::vector<T> (*list)(store::Transaction& rows, std::int64_t task, std::int64_t after, std::size_t limit);  // those behind `after`
  std::int64_t (*number)(const T& line);
  json::object (*show)(const T& line);
};

template <class T>
Awaitable<void> respond_page(Request& request, Listing<T> listing) {
  auto task = own_task(request);
  if (!task) co_return co_await respond_error(request.call, task.error());
  auto limit = limit_of(request.call.head());
  if (!limit) co_return co_await respond_error(request.call, limit.error());
  auto after = cursor_of(request.call.head(), "cursor", 0);
  if (!after) co_return co_await respond_error(request.call, after.error());
  using Lines = std::vector<T>;
  std::function<Result<Lines>(store::Transaction&)> look = [list = listing.list, task = *task, after = *after,
                                                            limit = *limit](store::Transaction& rows) -> Result<Lines> {
    if (!fleet::has_task(rows, task)) return fleet::no_task(task);
    return list(rows, task, after, limit);
  };
  auto lines = co_await request.hub.database().read<Lines>(std::move(look));
  if (!lines) co_return co_await respond_error(request.call, lines.error());
  json::array items;
  for (const T& line : *lines) items.emplace_back(listing.show(line));
  const json::value next = lines->size() == *limit ? json::value(std::to_string(listing.number(lines->back()))) : json::value(nullptr);
  const json::value page = page_of(std::move(items), next);
  co_await respond_json(request.call, 200, page);
}

std::int64_t number_of(const fleet::Step& step) { return step.number; }
std::int64_t place_of(const route::CallLine& line) { return line.ask.place; }
json::object show(const fleet::Step& step) { return step.to_json(); }

}  // namespace

Awaitable<void> list_steps(Request& request) { return respond_page<fleet::Step>(request, {fleet::list_steps, number_of, show}); }

Awaitable<void> get_step(Request& request) {
  auto asked = asked_step(request);
  if (!asked) co_return co_await respond_error(request.call, asked.error());
  using Found = std::optional<fleet::Step>;
  std::function<Result<Found>(store::Transaction&)> look = [asked = *asked](store::Transaction& rows) -> Result<Found> {
    return fleet::find_step(rows, asked.task, asked.name);
  };
  auto step = co_await request.hub.database().read<Found>(std::move(look));
  if (!step) co_return co_await respond_error(request.call, step.error());
  if (!*step) {
    const std::string id = wire::format_id('t', asked->task);
    const Error missing(Code::not_found, fmt::format("{} has not finished a step '{}'", id, asked->name),
                        fmt::format("GET /fleet/v1/tasks/{}/steps lists those that it has", id));
    co_return co_await respond_error(request.call, missing);
  }
  http::ResponseHead head;
  head.headers.set("content-type", (*step)->content_type);
  mark_as_foreign(head.headers);
  auto output = co_await output_of(request, std::move(**step));
  if (!output) co_return co_await respond_error(request.call, output.error());
  auto sent = co_await request.call.respond(std::move(head), *output);
  (void)sent;
}

Awaitable<void> put_step(Request& request) {
  auto asked = asked_step(request);
  if (!asked) co_return co_await respond_error(request.call, asked.error());
  auto fence = fence_of(request);
  if (!fence) co_return co_await respond_error(request.call, fence.error());
  auto content_type = content_type_of(request);
  if (!content_type) co_return co_await respond_error(request.call, content_type.error());
  auto output = co_await request.call.read_body(wire::step_output_bytes);
  if (!output) co_return co_await respond_error(request.call, output.error());
  fleet::Step step;
  step.name = asked->name;
  step.fence = *fence;
  step.content_type = std::move(*content_type);
  auto kept_away = co_await put_away(request, step, std::move(*output));
  if (!kept_away) co_return co_await respond_error(request.call, kept_away.error());
  std::function<Result<fleet::KeptStep>(store::Transaction&)> keep =
      [task = asked->task, step = std::move(step)](store::Transaction& rows) { return fleet::keep_step(rows, task, step); };
  auto kept = co_await request.hub.database().write<fleet::KeptStep>(std::move(keep));
  failpoint::reach(Failpoint::step_after_record);
  if (!kept) co_return co_await respond_error(request.call, kept.error());
  const json::value shown = kept->step.to_json();
  co_await respond_json(request.call, kept->repeated ? 200 : 201, shown);
}

Awaitable<void> list_task_calls(Request& request) {
  return respond_page<route::CallLine>(request, {route::list_calls, place_of, describe});
}

}  // namespace flotte::hub
