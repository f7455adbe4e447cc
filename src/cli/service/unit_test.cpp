// Units as text, and as systemd's own checker reads them.
#include "cli/service/unit.hpp"
#include "base/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/process/spawn.hpp"

namespace flotte::cli {
namespace {

UnitFacts facts(Part part, Manager manager) {
  UnitFacts f{.part = part, .manager = manager, .program = "/bin/true", .data = "/var/lib/flotte"};
  f.environment_file = "/etc/flotte/flotte.env";
  return f;
}

bool has_line(const std::string& text, const std::string& line) { return ("\n" + text).find("\n" + line + "\n") != std::string::npos; }

TEST(Unit, OfAHubIsHardened) {
  const std::string text = unit_text(facts(Part::hub, Manager::system));
  for (const char* line :
       {"ExecStart=\"/bin/true\" up --data \"/var/lib/flotte\"", "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes",
        "ReadWritePaths=\"/var/lib/flotte\"", "PrivateTmp=yes", "SystemCallFilter=@system-service", "KillMode=process", "Restart=always",
        "After=network-online.target", "RestrictNamespaces=yes", "WantedBy=multi-user.target"})
    EXPECT_TRUE(has_line(text, line)) << line << "\n" << text;
}

TEST(Unit, OfAServersHubDoesWhatItsFileSays) {
  UnitFacts f = facts(Part::hub, Manager::system);
  f.config = "/etc/flotte/flotte.toml";
  EXPECT_TRUE(has_line(unit_text(f), "ExecStart=\"/bin/true\" hub --data \"/var/lib/flotte\" --config \"/etc/flotte/flotte.toml\""));
}

TEST(Unit, OfANodeLeavesRoomForItsSandboxes) {
  const std::string text = unit_text(facts(Part::node, Manager::system));
  EXPECT_TRUE(has_line(text, "ExecStart=\"/bin/true\" node run --data \"/var/lib/flotte\"")) << text;
  EXPECT_TRUE(has_line(text, "Delegate=yes"));
  EXPECT_TRUE(has_line(text, "KillMode=process")) << "its commands outlive a restart";
  for (const char* absent : {"SystemCallFilter", "RestrictNamespaces", "ProtectControlGroups", "ProtectKernelTunables", "PrivateTmp"})
    EXPECT_EQ(text.find(absent), std::string::npos) << absent;
}

TEST(Unit, OfAHubWithCommandsLeavesThemTheRoomThatANodeHas) {
  UnitFacts hub = facts(Part::hub, Manager::system);
  hub.commands = true;
  const std::string text = unit_text(hub);
  for (const char* line : {"ExecStart=\"/bin/true\" up --data \"/var/lib/flotte\"", "Delegate=yes", "KillMode=process",
                           "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=read-only", "ReadWritePaths=\"/var/lib/flotte\""})
    EXPECT_TRUE(has_line(text, line)) << line << "\n" << text;
  for (const char* absent : {"SystemCallFilter", "RestrictNamespaces", "ProtectControlGroups", "ProtectKernelTunables", "PrivateTmp"})
    EXPECT_EQ(text.find(absent), std::string::npos) << absent;
  hub.manager = Manager::user;
  EXPECT_EQ(unit_text(hub).find("RestrictNamespaces"), std::string::npos) << "network = \"none\" needs one";
}

TEST(Unit, OfANodeThatIsToJoinDoesSoAtItsFirstStart) {
  UnitFacts f = facts(Part::node, Manager::user);
  f.join = "https://attic:7700#abc.d-e_f";
  EXPECT_TRUE(has_line(unit_text(f), "ExecStart=\"/bin/true\" node run --data \"/var/lib/flotte\" --join \"https://attic:7700#abc.d-e_f\""))
      << unit_text(f);
}

TEST(Unit, OfAPersonAsksForNothingThatTheirManagerCannotGive) {
  UnitFacts f = facts(Part::hub, Manager::user);
  f.lan = true;
  f.user = "nobody";
  const std::string text = unit_text(f);
  EXPECT_TRUE(has_line(text, "ExecStart=\"/bin/true\" up --data \"/var/lib/flotte\" --lan")) << text;
  EXPECT_TRUE(has_line(text, "WantedBy=default.target"));
  for (const char* absent : {"ProtectSystem", "PrivateTmp", "network-online", "User="})
    EXPECT_EQ(text.find(absent), std::string::npos) << absent;
}

TEST(Unit, SeesAHomeDirectoryWhereItsDataLiesThere) {
  UnitFacts f = facts(Part::hub, Manager::system);
  f.data = "/home/mia/.local/share/flotte";
  f.user = "mia";
  EXPECT_TRUE(has_line(unit_text(f), "ProtectHome=read-only"));
  EXPECT_TRUE(has_line(unit_text(f), "User=mia"));
}

TEST(Unit, TakesPathsAsTheyAre) {
  EXPECT_EQ(unit_word("/a b/50%/$HOME/\"q\"\\"), "\"/a b/50%%/$$HOME/\\\"q\\\"\\\\\"");
  UnitFacts f = facts(Part::node, Manager::system);
  f.writable = {"/srv/my work"};
  EXPECT_TRUE(has_line(unit_text(f), "ReadWritePaths=\"/var/lib/flotte\" \"/srv/my work\""));
}

/// What `systemd-analyze verify` says about the unit; empty: nothing.
std::string verify(const UnitFacts& f) {
  const TemporaryDirectory directory;
  const std::string file = directory.path + "/" + unit_name(f.part);
  std::ofstream(file) << unit_text(f);
  const std::string scope = f.manager == Manager::user ? "--user " : "";
  std::FILE* pipe = ::popen(fmt::format("systemd-analyze {}verify {} 2>&1", scope, file).c_str(), "r");
  std::string said;
  std::array<char, 4096> buffer;
  while (std::fgets(buffer.data(), buffer.size(), pipe)) {
    const std::string line = buffer.data();
    if (line.find(unit_name(f.part)) != std::string::npos) said += line;  // it also complains about the machine's own units
  }
  ::pclose(pipe);
  return said;
}

TEST(Unit, IsRightForSystemdsOwnChecker) {
  if (!find_program("systemd-analyze")) GTEST_SKIP() << "systemd is not installed here";
  UnitFacts wrong = facts(Part::hub, Manager::system);
  wrong.program = "/nonexistent/flotte";
  EXPECT_NE(verify(wrong), "") << "the checker finds what is wrong";
  for (const auto& [part, commands] : {std::pair(Part::hub, false), {Part::hub, true}, {Part::node, false}})
    for (const Manager manager : {Manager::system, Manager::user}) {
      UnitFacts f = facts(part, manager);
      f.commands = commands;
      f.config = "/etc/flotte/my flotte 100%.toml";
      f.path = "/usr/local/bin:/usr/bin:/bin";
      f.writable = {"/srv/my work"};
      EXPECT_EQ(verify(f), "") << unit_text(f);
    }
}

}  // namespace
}  // namespace flotte::cli
