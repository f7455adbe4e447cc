// Drawing options.
#include "sim/options.hpp"

#include <fmt/format.h>

namespace flotte::sim {

Options draw(std::uint64_t seed) {
  Random random(seed);
  Options o;
  o.seed = seed;
  o.nodes = 1 + static_cast<int>(random.below(4));
  o.home = random.one_in(2);
  // Many small worlds see more than a few large ones.
  const bool large = random.one_in(20);
  o.faults_until = large ? seconds(60) : milliseconds(8'000 + random.below(12'000));
  o.tasks = large ? 30 + static_cast<int>(random.below(50)) : 6 + static_cast<int>(random.below(15));
  o.client_gap = o.faults_until * 2 / o.tasks;
  o.batch_items = random.one_in(2) ? 0 : static_cast<int>(random.below(10));
  o.lease = milliseconds(1500 + random.below(4000));
  o.delay = milliseconds(random.one_in(4) ? 200 + random.below(1500) : 1 + random.below(60));
  o.lease = std::max(o.lease, o.delay * 4);  // a slower network than that is no link at all
  o.run_time = milliseconds(100 + random.below(3000));
  o.sync_time = milliseconds(random.one_in(5) ? 800 : 5);
  o.answer_time = milliseconds(random.one_in(5) ? random.below(1000) : 0);
  const auto rate = [&](int lowest) { return random.one_in(3) ? 0 : lowest + static_cast<int>(random.below(large ? 10'000 : 6'000)); };
  o.cut = rate(700);
  o.kill_node = rate(3000);
  o.power_cut = random.one_in(3) ? rate(8000) : 0;
  o.pause_node = rate(5000);
  o.kill_hub = rate(5000);
  o.lose_spool = random.one_in(3) ? rate(10'000) : 0;
  o.leave_node = random.one_in(3) ? rate(10'000) : 0;
  o.fail_write = random.one_in(2) ? rate(500) : 0;
  o.fill_disk = random.one_in(4) ? rate(3000) : 0;
  o.suspend_node = random.one_in(2) ? rate(4000) : 0;
  return o;
}

std::string Options::text() const {
  return fmt::format(
      "seed={} nodes={} home={} tasks={} batch_items={} lease={} delay={} run_time={} sync_time={} answer_time={} cut={} kill_node={} "
      "power_cut={} pause_node={} kill_hub={} lose_spool={} leave_node={} suspend_node={} fail_write={} fill_disk={} fail_one_in={} "
      "cancel_one_in={} "
      "faults_until={}",
      seed, nodes, home, tasks, batch_items, lease.count(), delay.count(), run_time.count(), sync_time.count(), answer_time.count(), cut,
      kill_node, power_cut, pause_node, kill_hub, lose_spool, leave_node, suspend_node, fail_write, fill_disk, fail_one_in, cancel_one_in,
      faults_until.count());
}

}  // namespace flotte::sim
