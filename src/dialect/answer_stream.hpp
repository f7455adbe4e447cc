// A streamed answer on its way through: complete events are passed on at once, byte for byte; of a chat the usage-only chunk that only we
// asked for is taken out. Chat completions end with [DONE], responses with response.completed (or its like), messages with message_stop,
// Ollama's with `done`; Gemini's with nothing of its own: a reason to finish makes one whole. Accepts bytes in any pieces and every line
// ending of SSE; objects may also come one after the other (newline-delimited JSON) or as the elements of one array. Pure.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "dialect/api.hpp"
#include "dialect/openai_reply.hpp"
#include "llm/usage.hpp"

namespace flotte::dialect {

class AnswerStream {
 public:
  enum class UsageChunk { keep, remove };
  /// A part of an event longer than that is passed on before the event is complete.
  static constexpr std::size_t held_limit = std::size_t{256} * 1024;
  /// The same of a response or message: the events that end or begin one repeat the whole answer or request and tell the usage.
  static constexpr std::size_t large_held_limit = std::size_t{4} * 1024 * 1024;

  /// What an event is: lines up to a blank one, or a JSON object.
  enum class Pieces { events, objects };
  /// Whether response.created, message_start and their like begin the answer. Providers say them before they have looked whether they are
  /// too busy: while another one can be asked, they wait for what comes next.
  enum class Greeting { begins, waits };
  /// Longer ones begin it anyway: whoever holds them back has bounds.
  static constexpr std::size_t greeting_limit = held_limit - std::size_t{8} * 1024;

  explicit AnswerStream(UsageChunk usage_chunk, StreamForm form = StreamForm::chat, Pieces pieces = Pieces::events,
                        Greeting greeting = Greeting::begins)
      : form_(form),
        pieces_(pieces),
        greeting_(greeting),
        held_limit_(form == StreamForm::chat ? held_limit : large_held_limit),
        remove_usage_(usage_chunk == UsageChunk::remove) {}

  /// What may be passed on now. `last` begins with the event that ends it; it is empty before that. Views hold until the next call and may
  /// point into `bytes`.
  struct Output {
    std::string_view text, last;
  };
  Output feed(std::string_view bytes);
  /// The stream has ended: what is still held (an event without its blank line).
  Output finish();

  /// Nothing of an unfinished event has been passed on: a comment may be inserted here.
  bool at_boundary() const noexcept { return !passing_; }
  /// An event that is no error, nor a greeting that waits, has been passed on.
  bool started() const noexcept { return started_; }
  /// An error came before that. Nothing is passed on any more; `error` is its data as the provider wrote it.
  bool failed() const noexcept { return failed_; }
  const std::string& error() const noexcept { return error_; }
  /// An error came after that (it was passed on).
  bool broken() const noexcept { return broken_; }
  bool done() const noexcept { return done_; }
  /// Its end came, or of a chat a reason to finish: that answer is whole even where the provider leaves [DONE] out.
  bool complete() const noexcept { return !broken_ && !failed_ && (done_ || finish_reason_) && !array_open_; }
  /// An array has begun and not ended.
  bool in_array() const noexcept { return array_open_; }
  const llm::Usage& usage() const noexcept { return usage_; }

 private:
  enum class Fate { pass, drop };
  struct Line {
    std::size_t end, after;  // where its text ends, where the next one begins
  };
  /// Everything before `from` has been looked at by an earlier call.
  Output scan(std::string_view text, std::size_t from);
  Output scan_objects(std::string_view text, std::size_t from);
  /// True where an object ends with that byte.
  bool step(char c) noexcept;
  bool next_line(std::string_view text, std::size_t from, Line& line);
  Fate judge(std::string_view event);
  Fate judge_data(std::string_view data, bool marked_error);
  /// Of a response or message. `name` is the event's field, or empty.
  Fate judge_named(std::string_view name, std::string_view data);
  void judge_large(std::string_view begun);
  /// A chunk of Gemini's or Ollama's.
  Fate judge_object(std::string_view data);
  Fate take_error(std::string_view data);

  const StreamForm form_;
  const Pieces pieces_;
  const Greeting greeting_;
  const std::size_t held_limit_;
  const bool remove_usage_;
  bool passing_ = false;     // the beginning of this event has already been passed on
  bool line_begun_ = false;  // the line that is being read has bytes
  bool after_cr_ = false;    // a LF at the next place belongs to the CR before it
  bool drop_lf_ = false;     // and that CR was dropped
  bool started_ = false, failed_ = false, broken_ = false, done_ = false, finish_reason_ = false;
  int depth_ = 0;  // of objects
  bool in_string_ = false, escaped_ = false, array_open_ = false;
  std::size_t greeted_ = 0;   // bytes
  std::size_t consumed_ = 0;  // of the text that was scanned last: settled, passed on or dropped
  std::string held_;          // the unfinished event
  std::string out_;           // what is passed on, where it does not lie together
  std::string joined_;        // the data of an event that has several lines of it
  std::string error_;
  UsageWords words_;  // of a message: told in two events
  llm::Usage usage_;
};

}  // namespace flotte::dialect
