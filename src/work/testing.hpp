// For the tests of this module only: a model and blobs made of memory, and a recorder of what a run tells.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/async/scope.hpp"
#include "base/crypto.hpp"
#include "work/blob_source.hpp"
#include "work/model/client.hpp"
#include "work/run_context.hpp"

namespace flotte::work::testing {

/// Awaits `work` and keeps what it gave; an exception counts as no answer.
template <class T>
Awaitable<void> keep(Awaitable<T> work, std::optional<T>& out) {
  out.emplace(co_await std::move(work));
}

/// Runs the loop until `work` has ended; an exception after ten seconds.
template <class T>
T wait(asio::io_context& loop, Awaitable<T> work) {
  Scope scope(loop.get_executor(), "test");
  std::optional<T> out;
  scope.spawn("work", keep(std::move(work), out));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (scope.size() > 0 && std::chrono::steady_clock::now() < end) {
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(100));
  }
  if (!out) throw std::runtime_error("no answer within 10 s");
  return std::move(*out);
}

/// Runs the loop until the condition holds; false after ten seconds.
inline bool eventually(asio::io_context& loop, const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition() && std::chrono::steady_clock::now() < end) {
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(20));
  }
  return condition();
}

struct ManualClock final : Clock {
  WallTime wall() const override { return from_ms(1'000'000) + passed; }
  SteadyTime steady() const override { return SteadyTime(passed); }
  milliseconds passed{0};
};

struct Recorder final : RunEvents {
  void on_output(const wire::RunId&, std::string_view stream, std::string_view text) override {
    chunks.push_back(std::string(stream) + ": " + std::string(text));
    if (stream == "stdout" || stream == "text") out += text;
    if (stream == "stderr") err += text;
    if (stream == "note") notes += text;
  }
  void on_progress(const wire::RunId&, std::string_view step, double) override { steps.emplace_back(step); }
  void on_activity(const wire::RunId&, const wire::Activity& a) override { activity = a; }
  std::vector<std::string> chunks, steps;
  std::string out, err, notes;
  wire::Activity activity;
};

/// Answers by a function; refuses what is longer than its context, as llama-server does.
struct FakeModel final : ModelClient {
  using Reply = std::function<std::expected<std::string, ModelFailure>(const ModelCall&)>;
  explicit FakeModel(Reply r) : reply(std::move(r)) {}
  Awaitable<std::expected<ModelAnswer, ModelFailure>> ask(RunContext& run, ModelCall call,
                                                          std::function<void(std::string_view)> on_text) override {
    calls.push_back(call);
    const std::int64_t tokens = real_tokens(call.messages.back().content);
    if (tokens > real_context) {
      ModelFailure f;
      f.error = Error(Code::invalid_argument, "the request exceeds the available context size");
      f.context_exceeded = true;
      if (tells_numbers) f.context_tokens = real_context, f.prompt_tokens = tokens;
      ++refused;
      co_return std::unexpected(std::move(f));
    }
    auto said = reply(call);
    if (!said) co_return std::unexpected(std::move(said.error()));
    ModelAnswer answer;
    answer.text = *said;
    answer.finish_reason = "stop";
    answer.target = "llama@box/m";
    answer.usage = {tokens, 0, static_cast<std::int64_t>(said->size())};
    answer.replayed = replays.contains(call.step);
    run.target(answer.target);
    for (std::size_t at = 0; at < said->size(); at += 7) on_text(std::string_view(*said).substr(at, 7));
    co_return answer;
  }
  Awaitable<std::int64_t> context_tokens(RunContext&, std::string) override { co_return told_context; }
  std::vector<std::string> steps() const {
    std::vector<std::string> out;
    for (const auto& c : calls) out.push_back(c.step);
    return out;
  }
  Reply reply;
  std::vector<ModelCall> calls;
  std::set<std::string> replays;
  std::function<std::int64_t(std::string_view)> real_tokens = [](std::string_view t) { return static_cast<std::int64_t>(t.size()) / 4; };
  std::int64_t real_context = 1'000'000, told_context = 1'000'000;
  bool tells_numbers = true;
  int refused = 0;
};

struct FakeBlobs final : BlobSource {
  Awaitable<Result<std::string>> fetch(RunContext&, std::string id, std::size_t) override {
    const auto it = blobs.find(id);
    if (it == blobs.end()) co_return fail(Code::not_found, "no such blob");
    co_return it->second;
  }
  std::string put(std::string bytes) {
    const std::string id = sha256_hex(bytes);
    blobs[id] = std::move(bytes);
    return id;
  }
  std::map<std::string, std::string> blobs;
};

}  // namespace flotte::work::testing
