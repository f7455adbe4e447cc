// Streams of OpenAI Responses. Source: OpenAI API reference, "Streaming events", and what its compatible servers send. Internal to dialect:
// use StreamTranslator.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "dialect/detail/fields.hpp"
#include "dialect/detail/stream_parts.hpp"
#include "dialect/responses/free_text.hpp"
#include "dialect/responses/output.hpp"
#include "dialect/translate.hpp"

namespace flotte::dialect::responses {

/// Why the response object of an answer ended; `end_turn` for one that is whole.
llm::Finish finish_of(const detail::Value& response);

/// Reads by output_index, and by item_id where there is none. Events that a server leaves out are made up from those that sum them up.
class StreamReader final : public detail::StreamReader {
 public:
  StreamReader(Ledger& ledger, const ReplyContext& context) : ledger_(ledger), context_(context) {}
  void on_data(std::string_view event_name, std::string_view data, llm::EventSink& sink) override;
  void on_close(llm::EventSink& sink) override;

 private:
  struct Item {
    std::string key, call_id, name, held;  // arguments that came before the name
    std::size_t part = 0;
    llm::PartKind kind = llm::PartKind::text;
    std::int64_t place = 0;  // content_index or summary_index of what is open
    bool open = false, begun = false, grown = false, ended = false, summary = false;
  };
  struct EventType;
  void on_response(const detail::Value& event, llm::EventSink& sink);
  void on_item_added(const detail::Value& event, llm::EventSink& sink);
  void on_item_done(const detail::Value& event, llm::EventSink& sink);
  void on_text_delta(const detail::Value& event, llm::EventSink& sink);
  void on_text_done(const detail::Value& event, llm::EventSink& sink);
  void on_refusal_delta(const detail::Value& event, llm::EventSink& sink);
  void on_summary_delta(const detail::Value& event, llm::EventSink& sink);
  void on_thought_delta(const detail::Value& event, llm::EventSink& sink);
  void on_arguments_delta(const detail::Value& event, llm::EventSink& sink);
  void on_arguments_done(const detail::Value& event, llm::EventSink& sink);
  void on_annotation(const detail::Value& event, llm::EventSink& sink);
  void on_completed(const detail::Value& event, llm::EventSink& sink);
  void on_failed(const detail::Value& event, llm::EventSink& sink);
  void nothing(const detail::Value& event, llm::EventSink& sink);

  void begin(const detail::Value& response, llm::EventSink& sink);
  Item& item_of(const detail::Value& event, llm::EventSink& sink);
  void grow_words(Item& item, llm::PartKind kind, std::int64_t place, std::string_view text, llm::EventSink& sink);
  void grow_call(Item& item, std::string_view text, llm::EventSink& sink);
  void begin_part(Item& item, llm::PartKind kind, llm::EventSink& sink);
  void end_part(Item& item, llm::EventSink& sink);
  void finish_item(Item& item, const detail::Value& value, llm::EventSink& sink);
  void finish_thought(Item& item, const detail::Value& value, llm::EventSink& sink);
  void finish_call(Item& item, const detail::Value& value, llm::EventSink& sink);
  void fail(std::string_view kind, std::string_view message, llm::EventSink& sink);

  Ledger& ledger_;
  const ReplyContext& context_;
  std::string id_;
  std::vector<Item> items_;
  std::size_t parts_ = 0;
  bool started_ = false, closed_ = false, called_ = false;
};

/// One item for each part.
class StreamWriter final : public detail::StreamWriter {
 public:
  StreamWriter(std::string& out, const ReplyContext& context) : out_(out), context_(context), response_(context) {}
  void on_event(const llm::Event& event) override;

 private:
  struct Item {
    std::size_t part = 0, index = 0;
    llm::PartKind kind = llm::PartKind::text;
    std::string id, text, signature;
    NamedCall call;
    FreeText free;  // of a tool of free text: its input within `text`
    std::string input;
    bool ended = false, summary = false;
  };
  /// Up to and with the sequence number; `send` closes it.
  detail::JsonWriter event(std::string_view type);
  /// The same for an event of an item.
  detail::JsonWriter event(std::string_view type, const Item& item);
  void send();
  void start(const llm::Event& event);
  void begin_item(const llm::Event& event);
  void grow_item(Item& item, std::string_view text);
  void end_item(Item& item);
  void grow_input(Item& item, std::string_view text);
  void end_words(Item& item);
  void end_thought(Item& item);
  void end_call(Item& item);
  void add_done(const Item& item, std::string json);
  /// An item that is whole from its beginning.
  void add_whole(std::string json);
  void write_response(std::string_view type, const ResponseText::Outcome& outcome);
  void fail(const llm::Event& event);
  void finish();
  Item* find(std::size_t part);
  std::string output() const;

  std::string& out_;
  const ReplyContext& context_;
  ResponseText response_;
  std::vector<Item> items_;
  std::vector<std::string> done_;  // by output_index; empty: not yet
  llm::Usage usage_;
  llm::Finish finish_ = llm::Finish::none;
  std::int64_t sequence_ = 0;
  bool started_ = false;
};

}  // namespace flotte::dialect::responses
