// Streams of OpenAI chat completions. Source: OpenAI API reference, "Chat completion chunk object", and what compatible servers send.
// Internal to dialect: use StreamTranslator.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "dialect/detail/json_writer.hpp"
#include "dialect/detail/stream_parts.hpp"
#include "dialect/translate.hpp"
#include "dialect/usage_words.hpp"

namespace flotte::dialect::openai_chat {

/// A call's arguments may grow after another part has begun: then both are open.
class StreamReader final : public detail::StreamReader {
 public:
  StreamReader(Ledger& ledger, const ReplyContext& context) : ledger_(ledger), context_(context) {}
  void on_data(std::string_view event_name, std::string_view data, llm::EventSink& sink) override;
  void on_close(llm::EventSink& sink) override;

 private:
  struct Call {
    std::int64_t index = 0;
    std::size_t part = 0;
    std::string id, name, held;  // arguments that came before the name
    bool begun = false, ended = false;
    detail::ObjectProgress progress = {};
  };
  void on_chunk(const detail::Value& chunk, llm::EventSink& sink);
  void on_choice(const detail::Value& choice, llm::EventSink& sink);
  void on_delta(const detail::Value& delta, llm::EventSink& sink);
  void on_words(llm::PartKind kind, std::string_view text, llm::EventSink& sink);
  void on_details(const detail::Value& details, llm::EventSink& sink);
  void on_call(const detail::Value& call, llm::EventSink& sink);
  Call& call_of(const detail::Value& value, const std::string& id);
  void begin_call(Call& call, llm::EventSink& sink);
  void grow_call(Call& call, std::string_view text, llm::EventSink& sink);
  /// Before another part begins: ends the open text, and the calls that are whole.
  void make_room(llm::EventSink& sink);
  void complete(llm::EventSink& sink);
  void fail(std::string_view kind, std::string_view message, llm::EventSink& sink);

  Ledger& ledger_;
  const ReplyContext& context_;
  std::string id_;
  std::vector<Call> calls_;
  UsageReader usage_;
  std::size_t parts_ = 0, words_part_ = 0;
  llm::PartKind words_kind_ = llm::PartKind::text;
  bool words_open_ = false, started_ = false, closed_ = false;
  llm::Finish finish_ = llm::Finish::none;
  std::string stop_sequence_;
};

/// `"extra_content":{...}`: Gemini's signature in Google's own form for clients of chat completions.
void write_signature(detail::JsonWriter& w, std::string_view signature);

class StreamWriter final : public detail::StreamWriter {
 public:
  StreamWriter(std::string& out, const ReplyContext& context) : out_(out), context_(context) {}
  void on_event(const llm::Event& event) override;

 private:
  struct Call {
    std::size_t part, index;
    bool arguments;
    std::string id, name, held;  // where calls are told whole
  };
  /// Up to and with `"delta":{`; `end_chunk` closes what is open.
  void begin_chunk();
  void end_chunk(std::string_view finish_reason);
  void head();
  void part_begin(const llm::Event& event);
  void part_delta(const llm::Event& event);
  void begin_call(const Call& call, std::string_view id, std::string_view name, std::string_view text, std::string_view signature);
  void end_call(Call& call);
  void arguments(const Call& call, std::string_view text);
  void detail(std::string_view type, std::string_view field, std::string_view value);
  void finish();
  Call* find(std::size_t part);

  std::string& out_;
  const ReplyContext& context_;
  std::string id_, model_;
  std::vector<Call> calls_;
  llm::Usage usage_;
};

}  // namespace flotte::dialect::openai_chat
