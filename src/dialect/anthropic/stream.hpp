// Streams of Anthropic Messages. Source: Anthropic's documents, "Streaming messages". Internal to dialect: use StreamTranslator.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "dialect/detail/stream_parts.hpp"
#include "dialect/translate.hpp"
#include "dialect/usage_words.hpp"

namespace flotte::dialect::anthropic {

class StreamReader final : public detail::StreamReader {
 public:
  explicit StreamReader(Ledger& ledger) : ledger_(ledger) {}
  void on_data(std::string_view event_name, std::string_view data, llm::EventSink& sink) override;
  void on_close(llm::EventSink& sink) override;

 private:
  struct Block {
    std::int64_t index;
    std::size_t part;
    bool open;
  };
  void on_start(const detail::Value& message, llm::EventSink& sink);
  void on_block_start(const detail::Value& event, llm::EventSink& sink);
  void on_block_delta(const detail::Value& event, llm::EventSink& sink);
  void on_block_stop(const detail::Value& event, llm::EventSink& sink);
  void on_message_delta(const detail::Value& event, llm::EventSink& sink);
  void fail(std::string_view kind, std::string_view message, llm::EventSink& sink);
  Block* find(const detail::Value& event);

  Ledger& ledger_;
  std::vector<Block> blocks_;  // in the order in which they began; the last ones
                               // are looked at first
  UsageReader usage_;
  std::size_t parts_ = 0;
  bool started_ = false, finished_ = false, closed_ = false;
};

/// One block at a time: what belongs to another part is kept until the open one has ended.
class StreamWriter final : public detail::StreamWriter {
 public:
  StreamWriter(std::string& out, const ReplyContext& context) : out_(out), context_(context) {}
  void on_event(const llm::Event& event) override;

 private:
  struct Waiting {
    std::size_t part;
    llm::PartKind kind;
    std::string id, name, text, signature, data;
    bool ended = false;
  };
  void start(const llm::Event& event);
  void begin_block(llm::PartKind kind, std::string_view id, std::string_view name, std::string_view data);
  void grow_block(llm::PartKind kind, std::string_view text);
  void sign_block(std::string_view signature);
  void end_block();
  void open_waiting();
  Waiting* waiting(std::size_t part);
  void finish();
  void send(std::string_view name, std::string_view json);

  std::string& out_;
  const ReplyContext& context_;
  std::string json_;
  std::vector<Waiting> waiting_;
  std::size_t block_ = 0, open_part_ = 0;
  llm::PartKind open_kind_ = llm::PartKind::text;
  bool open_ = false;
  llm::Usage usage_;
  llm::Finish finish_ = llm::Finish::none;
  std::string stop_sequence_;
};

}  // namespace flotte::dialect::anthropic
