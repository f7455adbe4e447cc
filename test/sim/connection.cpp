// The network.
#include "sim/connection.hpp"

#include <gtest/gtest.h>

#include "sim/node.hpp"
#include "sim/world.hpp"

namespace flotte::sim {

Connection::Connection(World& world, Node& node)
    : world_(world), node_(node), hub_generation_(world.hub_generation()), node_generation_(node.generation()) {}

milliseconds Connection::arrival(milliseconds& last) {
  const milliseconds delay(
      static_cast<std::int64_t>(world_.random().below(static_cast<std::uint64_t>(world_.options().delay.count()) + 1)));
  last = std::max(last, world_.time().now() + delay);
  return last - world_.time().now();
}

void Connection::send(wire::ToNode message) {
  if (!hub_open_) return;
  world_.sent_to_node(message);
  auto self = shared_from_this();
  // As text, so that every message of every seed also crosses the wire's format.
  world_.time().after(arrival(last_down_), [self, text = wire::format(message)] {
    if (self->cut_ || !self->node_open_) return;
    auto read = wire::parse_to_node(text);
    ASSERT_TRUE(read) << text;
    self->node_.receive(self, self->node_generation_, std::move(*read));
  });
}

void Connection::close(std::string) {
  if (!hub_open_) return;
  hub_open_ = false;
  hub_learns(milliseconds(0));
  if (!cut_) node_learns(arrival(last_down_));
}

void Connection::send_to_hub(const wire::ToHub& message) {
  if (!node_open_) return;
  auto self = shared_from_this();
  world_.time().after(arrival(last_up_), [self, text = wire::format(message)] {
    if (self->cut_ || !self->hub_open_) return;
    auto read = wire::parse_to_hub(text);
    ASSERT_TRUE(read) << text;
    self->world_.receive(*self, *read);
  });
}

void Connection::close_from_node() {
  if (!node_open_) return;
  node_open_ = false;
  node_told_ = true;
  if (cut_) return;
  // The end arrives behind what was sent before it.
  auto self = shared_from_this();
  world_.time().after(arrival(last_up_), [self] {
    if (self->cut_) return;
    self->hub_open_ = false;
    self->hub_learns(milliseconds(0));
  });
}

void Connection::cut(milliseconds most) {
  if (cut_) return;
  cut_ = true;
  const auto some = [&] {
    return milliseconds(static_cast<std::int64_t>(world_.random().below(static_cast<std::uint64_t>(most.count()) + 1)));
  };
  hub_learns(some());
  node_learns(some());
}

void Connection::hub_died() {
  hub_open_ = false;
  hub_told_ = true;
  node_learns(arrival(last_down_));
}

void Connection::hub_learns(milliseconds delay) {
  auto self = shared_from_this();
  world_.time().after(delay, [self] {
    if (self->hub_told_) return;
    self->hub_told_ = true;
    self->hub_open_ = false;
    self->world_.closed(*self);
  });
}

void Connection::node_learns(milliseconds delay) {
  auto self = shared_from_this();
  world_.time().after(delay, [self] {
    if (self->node_told_) return;
    self->node_told_ = true;
    self->node_open_ = false;
    self->node_.link_lost(self, self->node_generation_);
  });
}

}  // namespace flotte::sim
