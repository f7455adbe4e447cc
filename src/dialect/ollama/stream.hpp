// Streams of Ollama's chat and generate: a JSON object in each line, the last one `done`. Internal to dialect: use StreamTranslator.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "dialect/detail/stream_parts.hpp"
#include "dialect/ollama/lines.hpp"
#include "dialect/translate.hpp"

namespace flotte::dialect::ollama {

/// Of a server's /api/chat. Each tool call comes whole.
class StreamReader final : public detail::StreamReader {
 public:
  StreamReader(Ledger& ledger, const ReplyContext& context) : ledger_(ledger), context_(context) {}
  void on_data(std::string_view event_name, std::string_view data, llm::EventSink& sink) override;
  void on_close(llm::EventSink& sink) override;

 private:
  void on_line(const detail::Value& line, llm::EventSink& sink);
  void on_words(llm::PartKind kind, std::string_view text, llm::EventSink& sink);
  void on_call(const detail::Value& call, llm::EventSink& sink);
  void tell_call(llm::ToolCall call, llm::EventSink& sink);
  void end_words(llm::EventSink& sink);
  void complete(const detail::Value& line, llm::EventSink& sink);
  void fail(std::string_view kind, std::string_view message, llm::EventSink& sink);

  Ledger& ledger_;
  const ReplyContext& context_;
  std::size_t parts_ = 0, words_part_ = 0, calls_ = 0;
  llm::PartKind words_kind_ = llm::PartKind::text;
  bool words_open_ = false, started_ = false, closed_ = false;
  std::string forced_;  // arguments of the call that was demanded, as far as they have come
};

/// For a client of /api/chat or /api/generate. Tool calls are kept back until they are whole.
class StreamWriter final : public detail::StreamWriter {
 public:
  StreamWriter(std::string& out, const ReplyContext& context, Line line) : out_(out), context_(context), line_(line) {}
  void on_event(const llm::Event& event) override;

 private:
  struct Call {
    std::size_t part;
    std::string id, name, signature, arguments;
  };
  void words(std::string_view thinking, std::string_view content);
  void call(const Call& call);
  void finish();
  std::string_view model() const noexcept { return context_.model.empty() ? std::string_view(model_) : context_.model; }

  std::string& out_;
  const ReplyContext& context_;
  const Line line_;
  std::string model_;
  std::vector<Call> calls_;  // not whole yet
  std::size_t called_ = 0;
  llm::Usage usage_;
  llm::Finish finish_ = llm::Finish::none;
  std::int64_t first_ns_ = -1;  // when the first word came
};

}  // namespace flotte::dialect::ollama
