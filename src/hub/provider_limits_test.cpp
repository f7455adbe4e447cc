// The fleet's hand-outs and a provider's limiter together, on a clock that is turned by hand: a provider with 60 requests a minute and more
// tasks than it can answer is never asked more often, is never idle by more than a tenth, and people get through at once.
#include <algorithm>
#include <deque>

#include "fleet/testing.hpp"
#include "route/limits.hpp"

namespace flotte::fleet {
namespace {

class ProviderLimits : public FleetTest, public Capacity {
 protected:
  std::optional<milliseconds> wait(const std::string&) override { return std::nullopt; }
  std::optional<int> room(const std::string&) override { return static_cast<int>(std::max<std::int64_t>(0, limiter_.room(now()))); }
  SteadyTime now() const { return clock_.steady() + std::chrono::hours(1); }

  /// A call that stands in the gateway's line or is being answered.
  struct Call {
    std::optional<wire::RunId> run;  // none: a person's
    std::int64_t since = 0, ends = 0;
    route::Limiter::Place place;
  };
  bool try_enter(Call& call, route::Urgency urgency) {
    if (limiter_.enter(urgency, {}, now(), call.place)) return false;
    requests_.push_back(passed());
    call.ends = passed() + 1'500;
    return true;
  }
  std::int64_t passed() const { return clock_.passed_.count(); }

  route::Limiter limiter_{{.rpm = 60}};
  std::vector<std::int64_t> requests_;  // when the provider was asked
};

TEST_F(ProviderLimits, AreKeptAndUsedAndPeopleGetThroughAtOnce) {
  fleet_->set_capacity(this);
  auto node = connect("box", {model_worker("reader", 64)});
  wire::TaskSpec spec = prompt();
  spec.model = "tiny";
  for (int i = 0; i < 400; ++i) submit(spec, i % 2 == 0 ? "anna" : "bert");
  std::deque<Call> line, people, running;
  std::vector<std::int64_t> waits;
  std::size_t longest_line = 0;
  constexpr std::int64_t time = 300'000, step = 50;
  for (std::int64_t t = 0; t < time; t += step) {
    clock_.passed_ += milliseconds(step);
    if (fleet_->next_tick() && *fleet_->next_tick() <= store_->now()) pass(milliseconds(0));
    if (t % 1'000 == 0) {
      pass(milliseconds(0));
      say(*node, wire::Beat{});
    }
    if (t % 3'000 == 0) people.push_back({{}, passed(), 0, {}});
    for (const wire::RunId& run : accept_all(*node)) {
      line.push_back({run, passed(), 0, {}});
      limiter_.begin_waiting(route::Urgency::task);
    }
    for (; !people.empty() && try_enter(people.front(), route::Urgency::interactive); people.pop_front()) {
      waits.push_back(passed() - people.front().since);
      running.push_back(people.front());
    }
    for (; people.empty() && !line.empty() && try_enter(line.front(), route::Urgency::task); line.pop_front()) {
      limiter_.end_waiting(route::Urgency::task);
      running.push_back(line.front());
    }
    longest_line = std::max(longest_line, line.size());
    for (; !running.empty() && running.front().ends <= passed(); running.pop_front()) {
      limiter_.leave(running.front().place, -1, -1, now());
      if (running.front().run) finish(*node, *running.front().run);
    }
  }
  std::size_t most = 0, fewest = SIZE_MAX;
  for (std::int64_t from = 1'000; from + 60'000 <= time; from += 100) {
    const auto first = std::lower_bound(requests_.begin(), requests_.end(), from);
    const auto count = static_cast<std::size_t>(std::lower_bound(first, requests_.end(), from + 60'000) - first);
    most = std::max(most, count);
    fewest = std::min(fewest, count);
  }
  EXPECT_LE(most, 60U);
  EXPECT_GE(fewest, 54U);
  EXPECT_EQ(waits.size(), 100U);
  EXPECT_LE(*std::max_element(waits.begin(), waits.end()), 1'100);
  EXPECT_GE(std::count(waits.begin(), waits.end(), 0), 90);
  EXPECT_LE(longest_line, 4U);  // the others wait in the fleet
  EXPECT_EQ(show(400).state, wire::TaskState::waiting);
  EXPECT_EQ(show(400).reason, wire::Reason::quota);
  EXPECT_EQ(show(1).state, wire::TaskState::succeeded);
  fleet_->set_capacity(nullptr);
}

}  // namespace
}  // namespace flotte::fleet
