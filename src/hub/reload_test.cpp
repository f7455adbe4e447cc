#include "hub/reload.hpp"

#include <gtest/gtest.h>

namespace flotte::hub {
namespace {

TEST(Reload, NamesWhatCountsFromTheNextStartOn) {
  HubConfig running, fresh;
  EXPECT_TRUE(changes_for_restart(running, fresh).empty());
  running.port = 4711;
  fresh.port = 0;  // "any" became that one
  EXPECT_TRUE(changes_for_restart(running, fresh).empty());
  fresh.port = 7701;
  fresh.name = "attic";
  fresh.tls_cert = "cert.pem";
  fresh.node_lease = std::chrono::seconds(60);
  running.engines = {{.name = "llama"}};
  EXPECT_EQ(changes_for_restart(running, fresh).size(), 5u);
}

TEST(Reload, NamesCommandWorkersThatAreNewOrHaveOtherLimits) {
  HubConfig running, fresh;
  running.command_limits = {{"same", {.cpus = 1}}, {"other", {.processes = 20}}, {"gone", {}}};
  fresh.command_limits = {{"same", {.cpus = 1}}, {"other", {.processes = 30}}, {"new", {}}};
  EXPECT_EQ(changes_for_restart(running, fresh),
            (std::vector<std::string>{"[[worker]] new: a command worker that is new or has other limits",
                                      "[[worker]] other: a command worker that is new or has other limits"}))
      << "one that is gone gets no more work from now on";
}

TEST(Reload, StartsEnginesThatAreNewOrWrittenOtherwise) {
  HubConfig running, fresh;
  running.engines = {{.name = "same", .model = "a.gguf"}, {.name = "other", .model = "a.gguf"}, {.name = "gone"}};
  fresh.engines = {{.name = "same", .model = "a.gguf"}, {.name = "other", .model = "b.gguf"}, {.name = "new"}};
  const auto changed = changed_engines(running, fresh);
  ASSERT_EQ(changed.size(), 2u);
  EXPECT_EQ(changed[0].name, "other");
  EXPECT_EQ(changed[1].name, "new");
}

}  // namespace
}  // namespace flotte::hub
