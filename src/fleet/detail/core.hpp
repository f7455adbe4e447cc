// Fleet's inside: links, timers and the way of what was decided to where it belongs. Shared with the closures that are under way.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "fleet/definitions.hpp"
#include "fleet/detail/live_view.hpp"
#include "fleet/dispatcher.hpp"
#include "fleet/fleet.hpp"
#include "fleet/link_core.hpp"
#include "fleet/schedules.hpp"
#include "fleet/waking.hpp"

namespace flotte::fleet::detail {

class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(store::Store& store, Credentials& credentials, Post post, FleetOptions options);

  using Body = std::function<std::optional<Error>(Ledger&)>;
  using Answered = std::function<void(std::optional<Error>)>;
  /// Any thread. `answered` on the writer's thread.
  void act(Body body, Answered answered);
  /// The same with an answer on the fleet loop.
  template <class T>
  void act_here(std::function<Result<T>(Ledger&)> body, std::function<void(Result<T>)> done) {
    auto result = std::make_shared<std::optional<Result<T>>>();
    auto self = shared_from_this();
    act(
        [result, body = std::move(body)](Ledger& ledger) -> std::optional<Error> {
          result->emplace(body(ledger));
          if (result->value()) return std::nullopt;
          return result->value().error();
        },
        [result, done = std::move(done), self](std::optional<Error> failure) {
          if (failure) result->emplace(Failure(std::move(*failure)));
          self->post_([result, done, self] { done(std::move(result->value())); });
        });
  }

  // ---- fleet loop ------------------------------------------------------------------------------------------------
  void start() { tick(); }
  void stop() {
    stopped_ = true;
    watcher_ = nullptr;
  }
  void use(Capacity* capacity) {
    dispatcher_.use(capacity);
    view_.use(capacity);
  }
  void use(Shares shares);
  Shares shares() const;
  void pause_worker(const std::string& node, const std::string& worker, Paused paused, std::function<void(Result<void>)> done);
  void tick();
  void attach(NodeConnection& connection, bool trusted);
  void on_message(NodeConnection& connection, const wire::ToHub& message);
  void on_closed(NodeConnection& connection);
  void set_spares(const std::string& node, int keep, int now);
  void suspend(const std::string& name, milliseconds at_most, std::function<void(Result<void>)> done);
  void set_draining(const std::string& name, bool draining, std::function<void(Result<void>)> done);
  void define(DefinitionAction action, const std::string& node, const wire::WorkerInfo& worker, std::function<void(Result<void>)> done);
  void wake(const std::string& name, std::function<void(Result<void>)> done);
  void change_node(const std::string& name, NodeChange change, AlsoInRows also, std::function<void(Result<void>)> done);
  void revoke(const std::string& name, std::function<void(Result<void>)> done);

  LiveView view_;
  Watcher* watcher_ = nullptr;
  std::optional<WallTime> next_due_;
  std::function<void()> wake_ticks_;  // set while run_ticks waits
  RunTable runs_;
  WaitTimes waits_;

 private:
  /// What one transaction leaves to be told, after its commit.
  struct Parcel {
    Changes changes;
    std::vector<HandOut> hand_outs;
    std::optional<WallTime> wakes_at;
  };
  struct Link {
    NodeConnection* connection = nullptr;  // null once it has closed
    LinkCore core;
    wire::Hello hello;
    bool trusted = false;
    std::optional<milliseconds> sleeps_at_most = {};  // it was told to go to sleep for so long
  };
  /// What a tick found.
  struct Ticked {
    std::vector<std::int64_t> rescued;
    std::optional<std::vector<Need>> unmet;  // where it was looked for
    std::optional<WallTime> due;
    bool more = false;
  };
  void take_up();
  Ticked tend(Ledger& ledger);
  /// Whether it is time to look for work that only a machine can do that is asleep.
  bool looks_for_sleepers();
  void call_sleepers(const std::vector<Need>& unmet);
  void send_call(const fleet::Waking::Call& call, const std::vector<Sleeper>& nodes);
  void deliver(Parcel& parcel);
  void hand(HandOut& hand_out);
  void perform(std::uint64_t link, LinkActions actions);
  void perform_one(std::uint64_t link, LinkAction& action);
  void store_acceptances();
  void register_node(std::uint64_t link, const wire::Hello& hello);
  void on_registered(std::uint64_t link, const Result<Registered>& answer);
  void unlink(const Session& session);
  void refuse(const RefuseRun& refused);
  void store_announcement(const StoreAnnouncement& announcement);
  std::optional<std::uint64_t> link_of(const NodeConnection& connection) const;
  /// The linked link of a node.
  std::optional<std::uint64_t> link_of(std::int64_t node) const;
  void due_at(WallTime time);
  void say(std::string_view kind, const std::string& id) {
    if (watcher_) watcher_->changed(kind, id);
  }
  void say_node(std::int64_t node);

  store::Store& store_;
  Credentials& credentials_;
  Post post_;
  FleetOptions options_;
  bool stopped_ = false;
  mutable std::mutex shares_mutex_;
  Shares shares_;
  std::map<std::uint64_t, Link> links_;
  std::uint64_t next_link_ = 1;
  bool ticking_ = false, taken_up_ = false;
  fleet::Waking waking_;
  WallTime looked_for_sleepers_{};
  std::vector<std::pair<std::uint64_t, AcceptRun>> accepting_;

  // ---- writer's thread -------------------------------------------------------------------------------------------
  Random random_;
  Dispatcher dispatcher_{runs_, waits_, options_.policy};
  WallTime keys_forgotten_{}, flows_forgotten_{};
  std::int64_t idle_flow_ = 0;  // up to which idle flows were looked for
  Zones zones_;
};

}  // namespace flotte::fleet::detail
