// A running node: its threads, its link, its engines and what does the tasks. Named by what it is for its hub.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async/loop.hpp"
#include "base/async/pool.hpp"
#include "engine/find/finder.hpp"
#include "http/client.hpp"
#include "machine/watch.hpp"
#include "node/config.hpp"
#include "node/link.hpp"
#include "node/membership.hpp"
#include "node/sleep_watch.hpp"
#include "node/streams.hpp"
#include "node/voice.hpp"
#include "work/blob_source.hpp"
#include "work/command/confined_commands.hpp"
#include "work/document/reader.hpp"
#include "work/model/client.hpp"
#include "work/runner.hpp"

namespace flotte::node {

class Agent {
 public:
  /// To a person, whole lines; from any of the node's threads. Absent: log lines say it.
  using Say = std::function<void(const std::string&)>;
  /// `on_end`: called once, from the work loop, when the hub has put an end to this node (revoked).
  Agent(NodeConfig config, Membership membership, SigningKey key, HubAddress hub, std::function<void(Error)> on_end, Say say = {});
  ~Agent();
  /// Starts threads, link and engines. Error: conflict (another process uses the data directory), io.
  Result<void> start();
  /// Gives runs back, says goodbye, stops engines; a bounded time. Where it `restarts`, commands go on without it for one lease, in which
  /// another process takes them over. Not from a thread of the node's own.
  void stop(work::Away how = work::Away::ends);
  /// Says that this machine goes to sleep, and stays away until it wakes, at most so long. Returns when that is said, within three seconds.
  /// Not from a thread of the node's own.
  void suspend(std::chrono::milliseconds at_most);
  /// It is awake.
  void resume();

 private:
  Result<void> start_work();
  void on_message(const wire::ToNode& message);
  void learn_name(const std::string& name);
  void announce();
  /// Own and defined workers, and what is known of the machine, put together anew.
  void describe();
  void wake_another(const wire::Wake& wake) const;
  void on_look(const engine::Found& found);
  std::function<void(const Error&)> away_teller() const;
  work::ExecutorTable make_executors();
  Awaitable<void> give_back(work::Away how);
  Awaitable<void> go_to_sleep(std::chrono::milliseconds at_most);
  Awaitable<void> wake_to_leave();
  Awaitable<void> wait_for_answers();
  Awaitable<void> stop_engines();
  template <class T>
  T on_work_loop(std::function<T()> work);
  void await_on_work_loop(Awaitable<void> work);

  NodeConfig config_;
  Membership membership_;
  HubAddress hub_;
  std::function<void(Error)> on_end_;
  Say say_;
  Voice voice_;  // work loop
  Loop work_{"work"};
  BlockingPool pool_{"pool", 2};
  http::Client client_;  // of engines' health and spare streams
  work::GatewayClient models_;
  work::HttpBlobSource blobs_;
  work::DocumentReader reader_;
  std::shared_ptr<work::ConfinedCommands> commands_;
  HubLink link_;
  work::Runner runner_;
  SpareStreams streams_;
  engine::Engines engines_;
  engine::Finder finder_;
  std::string told_;     // the model file of the last warning
  wire::HostInfo host_;  // work loop, as the five below
  engine::Found found_;
  std::vector<wire::WorkerInfo> defined_;  // at the hub
  std::vector<wire::WorkerInfo> workers_;  // own and defined
  machine::Watch watch_;
  bool started_ = false, runner_started_ = false, stopped_ = false;
  bool asleep_ = false, link_is_down_ = true, welcomed_ = false;  // work loop; welcomed since it slept
  std::unique_ptr<SleepWatch> sleep_watch_;
};

}  // namespace flotte::node
