// Prompts.
#include "work/prompt/prompt.hpp"

#include "work/prompt/bill.hpp"

namespace flotte::work {

wire::Finished failed_without_text(const ModelAnswer& answer) {
  const bool length = answer.finish_reason == "length";
  return failed(Error(Code::unprocessable, length ? "the model used up its tokens without an answer" : "the model answered without text",
                      length ? "use a model with a larger context, or a shorter prompt" : "try another model"),
                Again::no);
}

Awaitable<wire::Finished> PromptExecutor::run(RunContext& run) {
  const json::object& input = run.offer().spec.input;
  ModelCall call;
  call.model = run.model();
  call.step = "answer";
  if (const std::string system = json::string_or(input, "system", ""); !system.empty()) call.messages.push_back({"system", system});
  call.messages.push_back({"user", json::string_or(input, "prompt", "")});
  run.step("asking");
  std::function<void(std::string_view)> on_text = [&run](std::string_view text) { run.output("text", text); };
  auto answer = co_await models_.ask(run, std::move(call), std::move(on_text));
  if (!answer) {
    wire::Finished finished = failed(answer.error());
    co_return finished;
  }
  Bill bill;
  bill.add(*answer);
  wire::Finished finished;
  if (answer->text.empty()) {
    finished = failed_without_text(*answer);
  } else {
    json::object result;
    result["text"] = answer->text;
    if (!answer->finish_reason.empty() && answer->finish_reason != "stop") result["finish_reason"] = answer->finish_reason;
    finished = succeeded(std::move(result));
  }
  bill.settle(run.offer(), finished);
  co_return finished;
}

}  // namespace flotte::work
