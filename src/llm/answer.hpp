// A whole answer, and the events of one that is streamed, in no dialect's words.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "llm/part.hpp"
#include "llm/usage.hpp"

namespace flotte::llm {

enum class Finish {
  none,  // not told yet
  end_turn,
  max_tokens,
  tool_use,
  stop_sequence,
  filtered,  // refused by the model, or by a filter of the provider
  pause_turn,
  context_full,
};

struct Answer {
  std::string id, model;
  std::vector<Part> parts;
  Finish finish = Finish::none;
  std::string stop_sequence;  // which one stopped it, where that is known
  Usage usage;
};

/// What is streamed into a part.
enum class PartKind { text, tool_call, reasoning, encrypted_reasoning, refusal };

/// One step of a streamed answer. Views hold during the call only. Life cycle: start, then parts (each begins, grows, ends; two may be open
/// at once), then finish, then end; usage may come at any place and grows. `error` and `end` are last: nothing follows them.
struct Event {
  enum class Kind { start, part_begin, part_delta, part_end, signature, usage, finish, ping, error, end } kind;
  std::size_t part = 0;  // parts are numbered from 0 in the order in which they begin
  PartKind part_kind = PartKind::text;
  std::string_view text = {};           // a delta; the signature; the encrypted reasoning, or the signature of a tool call
                                        // (at its beginning); an error's message
  std::string_view id = {}, name = {};  // of the answer and its model (start), of a tool
                                        // call (part_begin), kind of an error (name)
  std::string_view stop_sequence = {};
  Finish finish = Finish::none;
  Usage usage = {};  // start and usage
};

class EventSink {
 public:
  virtual void on_event(const Event& event) = 0;

 protected:
  ~EventSink() = default;
};

}  // namespace flotte::llm
