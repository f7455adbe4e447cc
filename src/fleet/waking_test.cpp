// Who is called, by whom, how often.
#include "fleet/waking.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flotte::fleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const WallTime start = from_ms(1'795'249'800'000);
const wire::NetworkCard wired{"enp3s0", "aa:bb:cc:dd:ee:ff", "192.168.1.0/24", true};
const wire::NetworkCard wireless{"wlp2s0", "aa:bb:cc:dd:ee:01", "192.168.1.0/24", false};
const wire::NetworkCard elsewhere{"enp1s0", "aa:bb:cc:dd:ee:02", "10.0.0.0/8", true};

Sleeper node(std::int64_t id, std::string name, std::vector<wire::NetworkCard> cards, std::vector<std::string> models = {}) {
  Sleeper out{id, std::move(name), false, true, std::move(cards), {}};
  for (const std::string& model : models) out.places.push_back({out.name, model, "model", model, {}});
  return out;
}
Sleeper awake(Sleeper of) {
  of.linked = true;
  return of;
}
Need need(std::string model) {
  Need out;
  out.model = std::move(model);
  return out;
}

class WakingTest : public ::testing::Test {
 protected:
  Waking waking{{.between = seconds(20), .eager = 3, .later = seconds(600)}};
  std::vector<Sleeper> nodes{awake(node(1, "home", {wireless})), node(2, "box", {wired}, {"big"}), awake(node(3, "far", {elsewhere}))};
};

TEST_F(WakingTest, CallsTheOneThatCanThroughANodeInItsNetwork) {
  const auto calls = waking.plan({need("big")}, nodes, start);
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0].node, 2);
  EXPECT_THAT(calls[0].helpers, ElementsAre(1));
  const auto told = waking.state(2);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->packets, 1);
  EXPECT_EQ(told->by, "home");
  EXPECT_EQ(told->why, "");
}

TEST_F(WakingTest, LeavesThoseAloneThatNobodyNeedsOrThatMustNotBeWoken) {
  EXPECT_THAT(waking.plan({}, nodes, start), IsEmpty());
  EXPECT_THAT(waking.plan({need("other")}, nodes, start), IsEmpty());
  nodes[1].wakeable = false;
  EXPECT_THAT(waking.plan({need("big")}, nodes, start), IsEmpty());
  nodes[1].wakeable = true;
  nodes[1].linked = true;
  EXPECT_THAT(waking.plan({need("big")}, nodes, start), IsEmpty());
}

TEST_F(WakingTest, RepeatsAFewTimesAndThenRarely) {
  std::vector<std::int64_t> sent;
  for (WallTime now = start; now < start + seconds(1300); now += seconds(1))
    if (!waking.plan({need("big")}, nodes, now).empty()) sent.push_back((now - start).count() / 1000);
  EXPECT_THAT(sent, ElementsAre(0, 20, 40, 640, 1240));
  EXPECT_EQ(waking.next(), start + seconds(1840));
}

TEST_F(WakingTest, StopsWhenTheWorkIsGoneAndWhenItIsThere) {
  waking.plan({need("big")}, nodes, start);
  waking.plan({}, nodes, start + seconds(1));
  EXPECT_FALSE(waking.state(2));
  EXPECT_FALSE(waking.any());
  waking.plan({need("big")}, nodes, start + seconds(2));
  EXPECT_EQ(waking.state(2)->packets, 1);  // from the beginning
  waking.forget(2);
  EXPECT_FALSE(waking.state(2));
}

TEST_F(WakingTest, WakesOneOfSeveralThatCould) {
  nodes.push_back(node(4, "attic", {wired}, {"big"}));
  auto calls = waking.plan({need("big"), need("big")}, nodes, start);
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0].node, 4);
  nodes.push_back(node(5, "aardvark", {wired}, {"big"}));  // a later one with an earlier name changes nothing
  EXPECT_THAT(waking.plan({need("big")}, nodes, start + seconds(1)), IsEmpty());
  EXPECT_TRUE(waking.state(4));
  EXPECT_FALSE(waking.state(5));
}

TEST_F(WakingTest, SaysWhyNobodyCanSend) {
  nodes[0].cards = {elsewhere};
  auto calls = waking.plan({need("big")}, nodes, start);
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_THAT(calls[0].helpers, IsEmpty());
  EXPECT_EQ(waking.state(2)->packets, 0);
  EXPECT_THAT(waking.state(2)->why, HasSubstr("192.168.1.0/24"));
  nodes[1].cards = {wireless};
  waking.plan({need("big")}, nodes, start + seconds(20));
  EXPECT_THAT(waking.state(2)->why, HasSubstr("no wired network card"));
}

TEST_F(WakingTest, APersonsWishNeedsNoTaskAndNoPermissionOfTheFile) {
  nodes[1].wakeable = false;
  const auto call = waking.call(nodes[1], nodes, start);
  EXPECT_THAT(call.helpers, ElementsAre(1));
  waking.plan({}, nodes, start + seconds(10));
  EXPECT_TRUE(waking.state(2));
  waking.plan({}, nodes, start + seconds(60));
  EXPECT_FALSE(waking.state(2));
}

}  // namespace
}  // namespace flotte::fleet
