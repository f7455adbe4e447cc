// Streams of Gemini: chunks that are GenerateContentResponses, as events or as the elements of one array; the end of the bytes ends them.
// Source: Gemini API reference, "streamGenerateContent". Internal to dialect: use StreamTranslator.
#pragma once
#include <string>
#include <vector>

#include "dialect/detail/stream_parts.hpp"
#include "dialect/gemini/words.hpp"
#include "dialect/translate.hpp"

namespace flotte::dialect::gemini {

class StreamReader final : public detail::StreamReader {
 public:
  StreamReader(Ledger& ledger, const ReplyContext& context) : ledger_(ledger), context_(context) {}
  void on_data(std::string_view event_name, std::string_view data, llm::EventSink& sink) override;
  void on_close(llm::EventSink& sink) override;

 private:
  void on_chunk(const detail::Value& chunk, llm::EventSink& sink);
  void on_candidate(const detail::Value& candidate, llm::EventSink& sink);
  void on_part(const llm::Part& part, const Place& place, llm::EventSink& sink);
  void on_words(llm::PartKind kind, std::string_view text, llm::EventSink& sink);
  void on_call(const llm::Part& part, const llm::ToolCall& call, llm::EventSink& sink);
  void sign_text(std::string_view signature, llm::EventSink& sink);
  /// The signature of the call that comes next, as thinking that the client can send back.
  void seal(std::string_view signature, llm::EventSink& sink);
  void end_words(llm::EventSink& sink);
  void block(std::string_view reason, llm::EventSink& sink);
  void complete(llm::EventSink& sink);
  void fail(std::string_view kind, std::string_view message, llm::EventSink& sink);

  Ledger& ledger_;
  const ReplyContext& context_;
  std::string id_;
  UsageSum usage_;
  std::size_t parts_ = 0, words_part_ = 0, calls_ = 0;
  llm::PartKind words_kind_ = llm::PartKind::text;
  bool words_open_ = false, started_ = false, closed_ = false;
  llm::Finish finish_ = llm::Finish::none;
};

/// Calls are sent whole: what comes of one is kept until it ends.
class StreamWriter final : public detail::StreamWriter {
 public:
  StreamWriter(std::string& out, const ReplyContext& context) : out_(out), context_(context) {}
  void on_event(const llm::Event& event) override;

 private:
  struct Open {
    std::size_t part;
    llm::PartKind kind;
    std::string id, name, text, signature;
  };
  /// A chunk with that part (JSON), and how it ends if it is the last one.
  void send(std::string_view part, std::string_view finish_reason);
  void send_json(std::string_view json);
  void send_text(std::string_view text, bool thought);
  void send_call(const Open& call);
  void part_begin(const llm::Event& event);
  void part_delta(const llm::Event& event);
  void part_end(const llm::Event& event);
  void finish();
  void error(const llm::Event& event);
  /// The signature for the part that is written now: Gemini's own, or sealed thoughts.
  void sign(detail::JsonWriter& w, std::string_view own);
  Open* find(std::size_t part);

  std::string& out_;
  const ReplyContext& context_;
  std::string id_, model_;
  std::vector<Open> open_;                // calls and thoughts
  std::vector<llm::Reasoning> thoughts_;  // of other makers, for the next part
  llm::Usage usage_;
  llm::Finish finish_ = llm::Finish::none;
  bool any_ = false;  // a chunk has been written
};

}  // namespace flotte::dialect::gemini
