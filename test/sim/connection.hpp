// One link between a node and the hub: ordered, delayed, cut at any moment. What was on the way when it was cut is lost, and each side
// learns of the cut in its own time, or only because it hears nothing.
#pragma once
#include <memory>
#include <string>

#include "fleet/ports.hpp"
#include "sim/schedule.hpp"
#include "wire/link.hpp"

namespace flotte::sim {

class World;
class Node;

class Connection final : public fleet::NodeConnection, public std::enable_shared_from_this<Connection> {
 public:
  Connection(World& world, Node& node);

  // ---- hub's side
  void send(wire::ToNode message) override;
  void close(std::string reason) override;
  // ---- node's side
  void send_to_hub(const wire::ToHub& message);
  void close_from_node();

  /// The network loses it. Each side learns within `most`.
  void cut(milliseconds most);
  /// The hub's process is gone: its kernel says so soon.
  void hub_died();
  int hub_generation() const noexcept { return hub_generation_; }

 private:
  milliseconds arrival(milliseconds& last);
  void hub_learns(milliseconds delay);
  void node_learns(milliseconds delay);

  World& world_;
  Node& node_;
  const int hub_generation_, node_generation_;
  bool cut_ = false, hub_open_ = true, node_open_ = true;
  bool hub_told_ = false, node_told_ = false;
  milliseconds last_down_{0}, last_up_{0};  // arrival of the last message in that direction
};

}  // namespace flotte::sim
