// A scripted provider for tests, of OpenAI's chat, responses and embeddings, of Anthropic's messages, Gemini's generateContent and Ollama's
// chat: plays scenarios and faults, and remembers byte for byte what it received and sent. It says of itself that it is simulated. Used
// inside tests and as a program (main.cpp).
#pragma once
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/async/wait.hpp"
#include "base/json.hpp"
#include "http/server.hpp"

namespace flotte::scripted {

/// "slow:delay_ms=300,events=5": what to play and with which numbers.
struct Scenario {
  std::string name = "normal";
  std::map<std::string, std::string> options;
  static Scenario parse(std::string_view text);
  std::int64_t number(const std::string& option, std::int64_t fallback) const;
};

/// One request as it came and what was answered.
struct Logged {
  std::int64_t number = 0;
  http::RequestHead head;
  std::string body;
  std::string peer;               // who sent it, "127.0.0.1:4711"
  std::string sent;               // the body of the answer, as far as it was sent
  std::string state = "running";  // running | done | gone (the client left before the end)
  json::object to_json() const;
};

/// Whose events and answers are played, by the path that was asked.
enum class Form { chat, responses, messages, embeddings, count_tokens, gemini, ollama };

/// A request that is being answered, and where its answer is written down.
struct Play {
  http::ServerCall& call;
  Logged& log;
  Scenario scenario;
  json::object request;  // empty where the body was no object
  bool left = false;     // something could not be sent any more
  Form form = Form::chat;
  bool stream() const;
  /// Of a stream: one array of JSON instead of events.
  bool array() const { return form == Form::gemini && call.head().query("alt") != "sse"; }
  bool wants_usage() const;
  std::string model() const { return json::string_or(request, "model", "scripted"); }
};

struct Options {
  std::string key;       // where set, another bearer token is answered 401
  std::string scenario;  // played where neither the header x-scenario nor the model names one
};

/// One loop. The table of scenarios is in scenarios.cpp.
class ScriptedProvider {
 public:
  ScriptedProvider(Executor executor, Options options);
  /// POST /v1/chat/completions, /v1/responses, /v1/messages[/count_tokens], /v1/embeddings, GET /v1/models, and the control paths:
  ///   GET /control/log, DELETE /control/log, GET /control/log/{n}/body, GET /control/log/{n}/sent   what was received and sent
  ///   POST /control/ack {"n": 3}                     the client has seen event 3 (scenario `step`)
  ///   POST /control/scenario {"scenario": "slow"}    for calls that name none
  Awaitable<void> handle(http::ServerCall& call);

  // For scenarios.
  /// Waits that long; false where the client left first.
  Awaitable<bool> pause(Play& play, std::int64_t ms);
  /// Waits until event `n` was acknowledged; false where the client left first.
  Awaitable<bool> acknowledged(Play& play, std::int64_t n);
  Awaitable<bool> send(Play& play, std::string_view bytes);

  // For tests in the same process, on its loop.
  const std::list<Logged>& log() const { return log_; }
  void acknowledge(std::int64_t n);
  void set_scenario(std::string scenario) { options_.scenario = std::move(scenario); }
  void clear_log();

 private:
  Awaitable<void> play(http::ServerCall& call, Form form);
  Awaitable<void> control(http::ServerCall& call, std::string_view path);
  Scenario choose(const http::ServerCall& call, const std::string& model) const;
  Executor executor_;
  Options options_;
  std::list<Logged> log_;
  std::int64_t last_number_ = 0, acknowledged_ = 0;
};

/// As Gemini or Ollama streams an answer of that many words, and gives a whole one.
std::vector<std::string> native_events(const Play& play, std::int64_t count);
std::string native_answer(const Play& play, std::string_view content_json, std::int64_t output);
/// Word `n` of an answer, to stand inside a JSON string.
std::string word(std::int64_t n);

using Script = Awaitable<void> (*)(ScriptedProvider&, Play&);
/// The script of that name, or null.
Script find_script(std::string_view name);
std::vector<std::string_view> script_names();

}  // namespace flotte::scripted
