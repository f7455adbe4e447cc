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
#include "node/config.hpp"
#include "node/confined_commands.hpp"
#include "node/link.hpp"
#include "node/membership.hpp"
#include "node/streams.hpp"
#include "node/voice.hpp"
#include "work/blob_source.hpp"
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
  /// Gives runs back, says goodbye, stops engines; a bounded time. Not from a thread of the node's own.
  void stop();

 private:
  Result<void> start_work();
  void on_message(const wire::ToNode& message);
  void learn_name(const std::string& name);
  void announce();
  void on_look(const engine::Found& found);
  std::function<void(const Error&)> away_teller() const;
  work::ExecutorTable make_executors();
  Awaitable<void> give_back();
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
  std::shared_ptr<ConfinedCommands> commands_;
  HubLink link_;
  work::Runner runner_;
  SpareStreams streams_;
  engine::Engines engines_;
  engine::Finder finder_;
  std::string told_;  // the model file of the last warning
  bool started_ = false, runner_started_ = false, stopped_ = false;
};

}  // namespace flotte::node
