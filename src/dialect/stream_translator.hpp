// A streamed answer in the words of another format, while it comes: bytes in any pieces to events to bytes. Nothing is held back but what
// the client's format forbids to send yet. Pure.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "dialect/detail/event_reader.hpp"
#include "dialect/detail/stop_cut.hpp"
#include "dialect/detail/stream_parts.hpp"
#include "dialect/translate.hpp"

namespace flotte::dialect {

/// Feed the provider's bytes (status 200, its events), then `finish`. Asserts that `can_translate`. A stream that ends before its last
/// event, or that holds what is no event of its format, ends in an error in the client's words; what comes behind an end or an error is
/// ignored.
class StreamTranslator : private llm::EventSink {
 public:
  StreamTranslator(Format provider, Format client, ReplyContext context);
  StreamTranslator(const StreamTranslator&) = delete;
  StreamTranslator& operator=(const StreamTranslator&) = delete;
  ~StreamTranslator();

  /// Bytes for the client, always whole events; may be empty. The view holds until the next call.
  std::string_view feed(std::string_view bytes);
  /// The provider has closed: the rest of the answer, or an error where it was not complete.
  std::string_view finish();

  /// A part of the answer itself has gone out: before that another provider may still be tried, if what was returned has been kept back.
  bool started() const noexcept { return started_; }
  /// The answer is whole.
  bool complete() const noexcept { return complete_; }
  /// It ended in an error, of the provider or of its bytes; `error` says which. Without `started` nothing of an answer has gone out.
  bool failed() const noexcept { return !error_.empty(); }
  const std::string& error() const noexcept { return error_; }
  /// What has been told so far; also of an answer that broke off.
  const llm::Usage& usage() const noexcept { return usage_; }
  /// The provider's name for its model; empty before the beginning.
  const std::string& model() const noexcept { return model_; }
  std::vector<Note>& notes() noexcept { return ledger_.notes(); }

 private:
  void on_event(const llm::Event& event) override;

  const ReplyContext context_;
  detail::StopCut cut_{context_.stop, *this};
  Ledger ledger_;
  std::string out_;
  detail::EventReader events_;
  std::unique_ptr<detail::StreamReader> reader_;
  std::unique_ptr<detail::StreamWriter> writer_;
  llm::Usage usage_;
  std::string error_, model_;
  bool started_ = false, complete_ = false, overflowed_ = false;
};

}  // namespace flotte::dialect
