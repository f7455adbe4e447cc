// A whole answer as the events of a stream, and back: for providers that gave the other thing than they were asked for. Internal to
// dialect.
#pragma once
#include <string>
#include <vector>

#include "llm/answer.hpp"

namespace flotte::dialect::detail {

/// False where the answer holds what no stream can carry (pictures, sound): then nothing was said.
bool tell_answer(const llm::Answer& answer, llm::EventSink& sink);

/// What a stream said, once it is over.
class AnswerGatherer : public llm::EventSink {
 public:
  void on_event(const llm::Event& event) override;
  bool complete() const noexcept { return complete_; }
  const std::string& error() const noexcept { return error_; }
  llm::Answer& answer() noexcept { return answer_; }

 private:
  llm::Part* find(std::size_t part);
  void begin(const llm::Event& event);
  void grow(llm::Part& part, std::string_view text);
  llm::Answer answer_;
  std::vector<std::size_t> numbers_;  // of the answer's parts
  std::string error_;
  bool complete_ = false;
};

}  // namespace flotte::dialect::detail
