// One model call, from its request to the end of its answer. Internal to route; lives in the handler's coroutine.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/async/wait.hpp"
#include "dialect/answer_stream.hpp"
#include "dialect/edit.hpp"
#include "dialect/error_shape.hpp"
#include "route/detail/gateway_state.hpp"
#include "route/detail/sighting.hpp"
#include "route/detail/translated.hpp"
#include "route/plan.hpp"

namespace flotte::dialect {
class StreamTranslator;
}

namespace flotte::route::detail {

inline const PathFacts nothing_in_path;

class Exchange final : public Watched {
 public:
  Exchange(GatewayState& state, http::ServerCall& call, const Caller& caller, dialect::Api api, const PathFacts& path);
  /// Answers in every case, then reports the usage.
  Awaitable<void> run();

 private:
  /// What is told to the client where no target answers: an answer that a target gave, or an error of ours.
  struct Refusal {
    std::optional<http::ResponseHead> head;  // with `body`: passed on as it came
    std::string body;
    Error error;
    dialect::ErrorDetail detail;
    std::optional<milliseconds> retry_after;
  };
  enum class Step { answered, next_target };

  // ---- exchange.cpp: the request, and one target after the other
  Awaitable<bool> read_request();
  Result<void> find_route();
  Result<void> leave_out_others();
  Awaitable<void> ask_targets();
  Awaitable<Step> ask(const Target& target);
  Refusal nobody_to_ask() const;
  void take_waiting(const Waiting& later, Refusal& refusal) const;
  http::Deadlines deadlines(const Target& target) const;
  std::optional<std::int64_t> cost() const noexcept;
  bool refused() const noexcept;
  void report_usage();
  void see_end();

  // ---- admitting.cpp: what key and providers allow
  Refusal not_admitted(Admission::Refused refused) const;
  Refusal nobody_left() const;
  Admission::Outcome outcome() const;

  // ---- steering.cpp: what the content of a call says about where it goes
  void steer(std::string_view body);
  Result<void> keep_to_bounds();
  void learn();

  // ---- refusal.cpp: answers that are none
  Awaitable<Step> take_refusal(http::ClientCall& upstream, const Target& target);
  Step take_failure(const Target& target, Error error, const Later& later = {});
  Awaitable<void> refuse(Refusal refusal);
  Awaitable<void> refuse(Error error, dialect::ErrorDetail detail = {});
  http::ResponseHead own_head(int status, std::string_view content_type) const;
  http::ResponseHead answer_head(const http::ResponseHead& from, const Target& target) const;

  // ---- answer.cpp: the answer on its way through
  Awaitable<Step> pass_whole(http::ClientCall& upstream, const Target& target);
  Awaitable<Step> pass_large(http::ClientCall& upstream, const Target& target, std::string begun);
  bool others_left() const noexcept;
  Awaitable<Step> pass_stream(http::ClientCall& upstream, const Target& target);
  Awaitable<bool> pass_output(dialect::AnswerStream& filter, dialect::AnswerStream::Output output);
  Awaitable<Step> end_stream(const Target& target, const dialect::AnswerStream& filter, std::optional<Error> broken);
  Awaitable<void> break_off(const Target& target, const dialect::AnswerStream& filter);
  void begin_answer(const Target& target);
  Awaitable<bool> send(std::string_view bytes);

  // ---- journalled_call.cpp: calls of tasks
  Result<void> begin_journalled(std::string_view body);
  Awaitable<bool> replay();
  Awaitable<bool> give_again(http::ResponseHead head, std::string_view body);
  Awaitable<bool> intend(const Target& target);
  void tee(std::string_view bytes);
  Awaitable<void> record(std::string_view body);
  Awaitable<void> record_teed();
  void count_purchase() noexcept;
  Awaitable<void> settle();
  void abandon() noexcept;
  void on_left();
  bool after_sending(bool sent);
  void stop_reading_on();
  /// Nobody wants the answer any more.
  bool unwanted() const noexcept { return call_.gone() && !(journalled_ && journalled_->reads_on); }

  // ---- translated_call.cpp: a call in another API than the client's
  bool put_into_words(const Target& target);
  bool renamed_inside(const Target& target) const;
  Result<void> translate_generation(const Target& target, Translated& out) const;
  Result<void> translate_embedding(const Target& target, Translated& out) const;
  http::ResponseHead translated_head(std::string_view content_type, const Target& target) const;
  Awaitable<Step> bring_back(http::ClientCall& upstream, const Target& target);
  enum class Shape { whole, whole_for_stream, stream_for_whole };  // what came for what
  Result<dialect::TranslatedAnswer> translate_whole(std::string_view body, Shape shape) const;
  Awaitable<Step> bring_whole(http::ClientCall& upstream, const Target& target, Shape shape);
  Awaitable<Step> bring_stream(http::ClientCall& upstream, const Target& target);
  Awaitable<Step> end_translated(const Target& target, const dialect::StreamTranslator& translator, std::optional<Error> broken);
  Awaitable<void> answer_estimate();
  Awaitable<bool> answer_load();

  // ---- silence.cpp: deadlines and comments of a stream
  void on_tick(SteadyTime now) override;
  Awaitable<void> send_comment();
  std::string comment() const;
  Awaitable<void> comment_sent();

  GatewayState& state_;
  const std::string request_id_;
  Sighting sight_;
  http::ServerCall& call_;  // as it is seen
  const Caller& caller_;
  const dialect::ApiFacts& api_;
  const PathFacts& path_;
  const SteadyTime started_at_;

  std::optional<dialect::OutgoingBody> body_;
  std::string whole_body_;  // as the client sent it, where thoughts of another maker may not pass through; else empty
  std::string model_;       // as asked
  bool stream_ = false, usage_added_ = false;
  bool watched_ = false;                          // on_tick is called
  bool usage_edited_ = false;                     // the body asks for usage because of us, whoever is asked now
  bool comments_ = false;                         // the client's stream has room for them
  bool estimate_ = false;                         // a count that no target can be asked for
  const dialect::ApiFacts* asked_api_ = nullptr;  // of the target that is asked now
  std::unique_ptr<Translated> translated_;        // where that is not the client's
  std::shared_ptr<const Route> route_;

  /// What a call of a task has besides.
  struct Journalled {
    enum class Phase { fresh, opened, intended, recorded, settled };
    CallId id;
    OpenedCall call;
    Phase phase = Phase::fresh;
    std::string teed;                  // the answer as the client gets it
    bool over = false;                 // it is too long to be recorded
    bool told = false;                 // the client has got all of it
    bool reads_on = false;             // the client has not, and is gone; the answer is still wanted
    std::shared_ptr<Exchange*> owner;  // dies with the exchange
  };
  std::unique_ptr<Journalled> journalled_;  // null: nobody's task

  struct Steering {
    Ask ask;
    std::string note;                  // which rule chose the route, for x-flotte-route
    std::optional<Prefixes> prefixes;  // of strategy affinity
    bool known = false;                // ask.preferred has served one of them
  };
  Steering steering_;
  Admission admission_;
  Tried tried_ = 0;                 // or left out: it does not speak this API
  const Target* target_ = nullptr;  // asked last
  std::optional<http::CancelHandle> cancel_;
  std::optional<Refusal> refusal_;  // the last target's

  std::string content_type_;
  llm::Usage usage_;
  SteadyTime first_byte_at_{};
  int status_ = 0;  // as the client gets it; 0: no answer yet
  std::int64_t sent_bytes_ = 0;

  // Of a stream, for on_tick.
  enum class Phase { none, waiting, flowing };
  Phase phase_ = Phase::none;
  bool sending_ = false, commenting_ = false, at_boundary_ = true;
  bool started_ = false;    // content has been passed on: no other target can be asked any more
  bool timed_out_ = false;  // the target was given up by on_tick
  SteadyTime asked_at_{}, heard_at_{}, sent_at_{};
  std::optional<Event> comment_done_;
};

}  // namespace flotte::route::detail
