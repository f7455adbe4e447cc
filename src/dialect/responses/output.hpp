// Items of an output and the response around them, as JSON. Internal to dialect.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "dialect/detail/fields.hpp"
#include "dialect/detail/json_writer.hpp"
#include "dialect/error_words.hpp"
#include "dialect/translate.hpp"
#include "llm/answer.hpp"

namespace flotte::dialect::responses {

enum class Status { in_progress, completed, incomplete, failed };
std::string_view to_string(Status status) noexcept;

/// A call in the client's words: its tool may be one of free text, or of a namespace.
struct NamedCall {
  std::string call_id, name, name_space;
  bool free_text = false;
  bool search = false;  // `tool_search`: told whole, as an object
  std::string_view prefix() const noexcept { return search ? "tsc_" : free_text ? "ctc_" : "fc_"; }
};

/// What all responses to one request have in common.
class ResponseText {
 public:
  explicit ResponseText(const ReplyContext& context) : context_(context) {}

  /// The response's own id and the model's name, once they are known.
  void begin(std::string_view provider_id, std::string_view model);
  /// "msg_..." with a number that no other item of this response has.
  std::string next_id(std::string_view prefix);
  NamedCall name_call(std::string_view call_id, std::string_view flat_name) const;

  struct Outcome {
    Status status = Status::completed;
    llm::Finish finish = llm::Finish::none;
    llm::Usage usage;
    std::string_view output;                   // the items, joined by commas
    std::string_view error_code, error_words;  // of a failed one
  };
  void write(detail::JsonWriter& w, const Outcome& outcome) const;

 private:
  const ReplyContext& context_;
  std::string id_, seed_, model_;
  std::size_t items_ = 0;
};

/// Why an answer ended tells whether it is whole.
Status status_of(llm::Finish finish) noexcept;
/// A code that the API's clients know, for the kind or the code of a provider's error.
std::string error_code(std::string_view kind, std::string_view message);
/// The members of an `error` event, in both of its forms: as documented and as it is sent.
void write_error_members(detail::JsonWriter& w, std::string_view code, std::string_view message);
/// The end of a stream whose events somebody else has written: `error`, which the official libraries raise, and `response.failed`, which
/// agents read.
std::string failed_stream(std::string_view request_id, std::string_view code, std::string_view message);
/// And back: the kind of a provider's error that may have a code only.
std::string error_kind(const ProviderError& error);

// Items. `id` is the item's own.
void write_words(detail::JsonWriter& w, std::string_view id, llm::PartKind kind, std::string_view text, Status status);
/// One part of a message's content.
void write_content(detail::JsonWriter& w, llm::PartKind kind, std::string_view text);
void write_call(detail::JsonWriter& w, std::string_view id, const NamedCall& call, std::string_view text, Status status);
/// The item of a thought: its own provider's where it is marked so, else sealed. `id` counts where the provider gave none.
void write_thought(detail::JsonWriter& w, std::string_view id, const llm::Reasoning& thought);
/// The signature of a call, in an item of its own.
void write_call_signature(detail::JsonWriter& w, std::string_view id, std::string_view call_id, std::string_view signature);

}  // namespace flotte::dialect::responses
