// What an executor sees of the run that it performs, and how it tells what becomes of it. One loop's thread.
#pragma once
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>

#include "base/async/wait.hpp"
#include "base/clock.hpp"
#include "wire/fleet.hpp"
#include "wire/link.hpp"
#include "work/runner_core.hpp"

namespace flotte::work {

/// Asks a run to stop. Cooperative: an executor waits on `event`, or hangs a hook on it, and ends in its own time.
class StopSignal {
 public:
  explicit StopSignal(Executor executor) : event(executor) {}
  void request(StopCause cause);
  bool requested() const noexcept { return event.is_set(); }
  StopCause cause() const noexcept { return cause_; }

  /// Called once when the stop is requested, at once where it has been; not after the guard is gone.
  class Hook {
   public:
    Hook(StopSignal& signal, std::function<void()> call);
    ~Hook();
    Hook(const Hook&) = delete;
    Hook& operator=(const Hook&) = delete;

   private:
    friend class StopSignal;
    StopSignal& signal_;
    std::function<void()> call_;
    std::list<Hook*>::iterator place_;
  };
  Event event;

 private:
  StopCause cause_ = StopCause::cancelled;
  std::list<Hook*> hooks_;
};

/// Where a run's events go; Runner implements it.
class RunEvents {
 public:
  virtual ~RunEvents() = default;
  virtual void on_output(const wire::RunId& run, std::string_view stream, std::string_view text) = 0;
  /// The same of a stream that lies in a file: with this text its first `to` bytes are told.
  virtual void on_output_to(const wire::RunId& run, std::string_view stream, std::string_view text, std::int64_t) {
    on_output(run, stream, text);
  }
  /// Whether there is room for more output now; who reads it from a file waits.
  virtual bool room() const { return true; }
  virtual void on_progress(const wire::RunId& run, std::string_view step, double fraction) = 0;
  virtual void on_activity(const wire::RunId& run, const wire::Activity& activity) = 0;
};

class RunContext {
 public:
  static constexpr std::size_t chunk_bytes = 4096;  // of output go into one record, or
  static constexpr milliseconds chunk_time{1000};   // what came in that time
  static constexpr std::size_t tail_bytes = 240;
  static constexpr std::size_t record_bytes = 16 * 1024;  // a longer text becomes several records: hubs cut what is longer

  /// `worker` is the one that the offer names. Everything referred to outlives the run.
  RunContext(Executor executor, wire::Offer offer, wire::WorkerInfo worker, RunEvents& events, const Clock& clock);

  const wire::Offer& offer() const noexcept { return offer_; }
  const wire::WorkerInfo& worker() const noexcept { return worker_; }
  /// The model that is asked: the task's, else the worker's.
  const std::string& model() const noexcept { return offer_.spec.model.empty() ? worker_.model : offer_.spec.model; }
  Executor executor() const noexcept { return executor_; }
  StopSignal& stop() noexcept { return stop_; }

  /// Valid UTF-8 for the task's log, gathered into chunks. Also moves the live tail.
  void output(std::string_view stream, std::string_view text);
  /// The same of a stream that lies in a file, of which `to` bytes are told when this text is; `text` has at most `record_bytes` less
  /// `chunk_bytes`.
  void output_to(std::string_view stream, std::string_view text, std::int64_t to);
  /// How much of a file's stream is told: by this process, or by an earlier one as its spool remembers.
  std::int64_t told(std::string_view stream) const;
  void set_told(std::string_view stream, std::int64_t to);
  /// Called each time when more is told; empty: nobody.
  void on_told(std::function<void()> call) { on_told_ = std::move(call); }
  bool room() const { return events_.room(); }
  /// Only the live tail: text that does not belong into the log.
  void live(std::string_view text);
  /// What it is on, for people: "reading", "part 3 of 7". `fraction` 0..1, or -1 where it cannot be told. Kept in the task's story.
  void step(std::string_view what, double fraction = -1);
  void target(std::string_view target);
  void tokens(std::int64_t output_tokens);
  /// Hands over what is gathered; `flush_due` only what has waited long enough.
  void flush();
  void flush_due();

 private:
  struct Gathered {
    std::string text;
    SteadyTime since{};
    std::int64_t to = -1;
  };
  void gather(std::string_view stream, std::string_view text, std::int64_t to);
  void tell(std::string_view stream, Gathered& g);
  void say();

  Executor executor_;
  wire::Offer offer_;
  wire::WorkerInfo worker_;
  RunEvents& events_;
  const Clock& clock_;
  StopSignal stop_;
  wire::Activity activity_;
  std::map<std::string, Gathered, std::less<>> gathered_;
  std::map<std::string, std::int64_t, std::less<>> told_;
  std::function<void()> on_told_;
};

}  // namespace flotte::work
