// What is measured, on machines that are only files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/temporary_directory.hpp"
#include "machine/detail/parts.hpp"
#include "machine/meter.hpp"

namespace flotte::machine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const WallTime now = from_ms(1'795'249'800'000);

/// A machine made of files below a directory of its own.
class FakeMachine : public ::testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = directory.path + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  void program(const std::string& path) {
    write(path, "#!/bin/sh\n");
    ::chmod((directory.path + path).c_str(), 0755);
  }
  Surroundings where() {
    Surroundings out;
    out.root = directory.path;
    out.data = directory.path;
    out.home = directory.path + "/home/me";
    out.path = directory.path + "/usr/bin";
    out.environment = [this](const std::string& name) { return variables.contains(name) ? variables.at(name) : std::string(); };
    out.ask = [this](const std::vector<std::string>& argv) -> std::optional<std::string> {
      ++asked;
      const std::string name = std::filesystem::path(argv.front()).filename().string();
      return answers.contains(name) ? std::optional(answers.at(name)) : std::nullopt;
    };
    return out;
  }
  void describe_desktop() {
    write("/sys/devices/system/cpu/online", "0-7,10\n");
    write("/proc/meminfo", "MemTotal:       32768000 kB\nMemFree:         1000 kB\nMemAvailable:   16384000 kB\n");
  }
  TemporaryDirectory directory;
  std::map<std::string, std::string> variables, answers;
  int asked = 0;
};

TEST_F(FakeMachine, ADesktopHasCoresMemoryDiskAndMains) {
  describe_desktop();
  const wire::Capacity has = Meter(where()).measure(now);
  EXPECT_EQ(has.measured_at_ms, to_ms(now));
  EXPECT_EQ(has.cores, 9);
  EXPECT_EQ(has.memory_mb, 32'000);
  EXPECT_EQ(has.memory_available_mb, 16'000);
  EXPECT_GT(has.disk_mb, 0);
  EXPECT_GT(has.disk_free_mb, 0);
  EXPECT_LE(has.disk_free_mb, has.disk_mb);
  EXPECT_EQ(has.power, "mains");
  EXPECT_EQ(has.battery_percent, -1);
  EXPECT_EQ(has.metered, std::nullopt);
  EXPECT_THAT(has.gpus, IsEmpty());
  EXPECT_THAT(has.labels(), ElementsAre("mains"));
}

TEST_F(FakeMachine, AnEmptyOneIsMeasuredWithoutComplaint) {
  const wire::Capacity has = Meter(where()).measure(now);
  EXPECT_EQ(has.cores, 0);
  EXPECT_EQ(has.memory_mb, 0);
  EXPECT_THAT(has.networks, IsEmpty());
  EXPECT_EQ(asked, 0);
}

TEST_F(FakeMachine, AContainersLimitsCount) {
  describe_desktop();
  write("/sys/fs/cgroup/cpu.max", "250000 100000\n");
  write("/sys/fs/cgroup/memory.max", "4294967296\n");
  write("/sys/fs/cgroup/memory.current", "1073741824\n");
  const wire::Capacity has = Meter(where()).measure(now);
  EXPECT_EQ(has.cores, 3);
  EXPECT_EQ(has.memory_mb, 4096);
  EXPECT_EQ(has.memory_available_mb, 3072);
  write("/sys/fs/cgroup/cpu.max", "max 100000\n");
  write("/sys/fs/cgroup/memory.max", "max\n");
  EXPECT_EQ(Meter(where()).measure(now).cores, 9);
  EXPECT_EQ(Meter(where()).measure(now).memory_mb, 32'000);
}

TEST_F(FakeMachine, ALaptopRunsOnItsBatteryUntilItIsPluggedIn) {
  const std::string supply = "/sys/class/power_supply";
  write(supply + "/BAT0/type", "Battery\n");
  write(supply + "/BAT0/status", "Discharging\n");
  write(supply + "/BAT0/capacity", "71\n");
  write(supply + "/AC/type", "Mains\n");
  write(supply + "/AC/online", "0\n");
  write(supply + "/hidpp_battery_0/type", "Battery\n");
  write(supply + "/hidpp_battery_0/scope", "Device\n");
  write(supply + "/hidpp_battery_0/capacity", "5\n");
  wire::Capacity has = Meter(where()).measure(now);
  EXPECT_EQ(has.power, "battery");
  EXPECT_EQ(has.battery_percent, 71);
  EXPECT_THAT(has.labels(), ElementsAre("battery"));
  write(supply + "/AC/online", "1\n");
  has = Meter(where()).measure(now);
  EXPECT_EQ(has.power, "mains");
  EXPECT_EQ(has.battery_percent, 71);
}

TEST_F(FakeMachine, SeesGpusOfBothMakers) {
  program("/usr/bin/nvidia-smi");
  answers["nvidia-smi"] = "NVIDIA GeForce RTX 3060, 12288, 11000\nNVIDIA GB10, [N/A], [N/A]\n";
  const std::string card = "/sys/class/drm/card1/device";
  write(card + "/mem_info_vram_total", "8573157376\n");
  write(card + "/mem_info_vram_used", "1073741824\n");
  write(card + "/product_name", "Radeon RX 6600\n");
  write("/sys/class/drm/card1-HDMI-A-1/status", "connected\n");
  write("/sys/class/drm/card0/device/vendor", "0x8086\n");
  const wire::Capacity has = Meter(where()).measure(now);
  ASSERT_THAT(has.gpus, SizeIs(3));
  EXPECT_EQ(has.gpus[0], (wire::Gpu{"NVIDIA GeForce RTX 3060", "nvidia", 12'288, 11'000}));
  EXPECT_EQ(has.gpus[1], (wire::Gpu{"NVIDIA GB10", "nvidia", 0, 0}));
  EXPECT_EQ(has.gpus[2], (wire::Gpu{"Radeon RX 6600", "amd", 8176, 7152}));
  EXPECT_EQ(has.vram_mb(), 12'288);
  EXPECT_THAT(has.labels(), ElementsAre("gpu", "mains"));
}

TEST_F(FakeMachine, KnowsItsWiredCardAndItsSubnet) {
  write("/sys/class/net/enp3s0/address", "aa:bb:cc:dd:ee:ff\n");
  write("/sys/class/net/enp3s0/type", "1\n");
  write("/sys/class/net/enp3s0/device/vendor", "0x10ec\n");
  write("/sys/class/net/wlp2s0/address", "aa:bb:cc:dd:ee:01\n");
  write("/sys/class/net/wlp2s0/type", "1\n");
  write("/sys/class/net/wlp2s0/device/vendor", "0x8086\n");
  write("/sys/class/net/wlp2s0/wireless/x", "");
  write("/sys/class/net/docker0/address", "02:42:00:00:00:01\n");
  write("/sys/class/net/docker0/type", "1\n");
  write("/sys/class/net/lo/type", "772\n");
  write("/proc/net/route",
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "wlp2s0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
        "enp3s0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
        "enp3s0\t0000FEA9\t00000000\t0001\t0\t0\t1000\t0000FFFF\t0\t0\t0\n"
        "enp3s0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
        "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n");
  program("/usr/bin/nmcli");
  answers["nmcli"] = "GENERAL.DEVICE:wlp2s0\nGENERAL.METERED:no (guessed)\n\nGENERAL.DEVICE:enp3s0\nGENERAL.METERED:yes\n\n";
  const wire::Capacity has = Meter(where()).measure(now);
  EXPECT_THAT(has.networks, ElementsAre(wire::NetworkCard{"enp3s0", "aa:bb:cc:dd:ee:ff", "192.168.1.0/24", true},
                                        wire::NetworkCard{"wlp2s0", "aa:bb:cc:dd:ee:01", "", false}));
  EXPECT_EQ(has.metered, true);  // the card with the better way out
}

TEST_F(FakeMachine, FindsAgentsAndLogins) {
  program("/usr/bin/codex");
  program("/home/me/.local/bin/claude");
  program("/usr/bin/gemini");
  write("/home/me/.claude/.credentials.json", "not to be read");
  answers["claude"] = "2.1.0 (Claude Code)\n";
  answers["codex"] = "codex-cli 0.98.0\n";
  variables["CODEX_HOME"] = directory.path + "/elsewhere";
  variables["GEMINI_API_KEY"] = "k";
  const wire::Capacity has = Meter(where()).measure(now);
  ASSERT_THAT(has.agents, SizeIs(3));
  EXPECT_EQ(has.agents[0], (wire::FoundAgent{"claude", "Claude Code", directory.path + "/home/me/.local/bin/claude", "2.1.0", true}));
  EXPECT_EQ(has.agents[1].version, "0.98.0");
  EXPECT_EQ(has.agents[1].logged_in, false);
  EXPECT_EQ(has.agents[2].logged_in, true);
  EXPECT_EQ(has.agents[2].version, "");
  EXPECT_THAT(has.labels(), ElementsAre("mains", "agent:claude", "agent:gemini"));
  const auto seen = describe_agents(has.agents);
  ASSERT_THAT(seen, SizeIs(3));
  EXPECT_EQ(seen[0].kind, "agent");
  EXPECT_THAT(seen[1].why, HasSubstr("nobody logged in"));
  EXPECT_THAT(seen[0].hint, HasSubstr("flotte launch claude"));
}

TEST_F(FakeMachine, ProgramsAreAskedAgainOnlyAfterAWhile) {
  program("/usr/bin/nvidia-smi");
  program("/usr/bin/codex");
  answers["codex"] = "1.0";
  Meter meter(where());
  meter.measure(now);
  EXPECT_EQ(asked, 2);
  meter.measure(now + seconds(30));
  EXPECT_EQ(asked, 2);
  meter.measure(now + seconds(121));
  EXPECT_EQ(asked, 3);  // the card; the agent's file is the same
  write("/usr/bin/codex", "#!/bin/sh\n# another one\n");
  answers["codex"] = "1.1";
  EXPECT_EQ(meter.measure(now + seconds(130)).agents.at(0).version, "1.1");
}

TEST(Capacity, DiffersByWhatMattersAndByMuchOfTheRest) {
  wire::Capacity before;
  before.memory_mb = 16'000;
  before.memory_available_mb = 8'000;
  before.disk_mb = 500'000;
  before.disk_free_mb = 100'000;
  before.battery_percent = 80;
  before.power = "mains";
  before.gpus = {{"a", "nvidia", 12'000, 6'000}};
  wire::Capacity after = before;
  after.measured_at_ms = 5;
  after.memory_available_mb += 700;
  after.disk_free_mb -= 9'000;
  after.battery_percent -= 4;
  after.gpus[0].memory_free_mb += 500;
  EXPECT_FALSE(differs(before, after));
  const auto changed = [&](auto change) {
    wire::Capacity other = before;
    change(other);
    return differs(before, other);
  };
  EXPECT_TRUE(changed([](auto& c) { c.memory_available_mb += 900; }));
  EXPECT_TRUE(changed([](auto& c) { c.disk_free_mb -= 11'000; }));
  EXPECT_TRUE(changed([](auto& c) { c.battery_percent -= 5; }));
  EXPECT_TRUE(changed([](auto& c) { c.gpus[0].memory_free_mb = 0; }));
  EXPECT_TRUE(changed([](auto& c) { c.power = "battery"; }));
  EXPECT_TRUE(changed([](auto& c) { c.metered = false; }));
  EXPECT_TRUE(changed([](auto& c) { c.gpus.clear(); }));
  EXPECT_TRUE(changed([](auto& c) { c.agents.push_back({"claude"}); }));
}

TEST(Version, IsFoundInWhatProgramsSay) {
  EXPECT_EQ(detail::parse_version("2.1.0 (Claude Code)"), "2.1.0");
  EXPECT_EQ(detail::parse_version("codex-cli 0.98.0-alpha.3"), "0.98.0");
  EXPECT_EQ(detail::parse_version("v3 of 1.2.\n"), "1.2");
  EXPECT_EQ(detail::parse_version("usage: codex"), "");
  EXPECT_EQ(detail::parse_version("error\n1.2.3"), "");
}

TEST(AskProgram, GivesUpOnOneThatHangsAndOnOneThatFails) {
  EXPECT_EQ(ask_program({"/bin/sh", "-c", "echo 1.2"}), "1.2\n");
  EXPECT_EQ(ask_program({"/bin/sh", "-c", "echo 1.2; exit 3"}), std::nullopt);
  EXPECT_EQ(ask_program({"/nowhere/at-all"}), std::nullopt);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(ask_program({"/bin/sh", "-c", "sleep 60"}, milliseconds(50)), std::nullopt);
  EXPECT_EQ(ask_program({"/bin/sh", "-c", "exec >&-; sleep 60"}, milliseconds(50)), std::nullopt);
  const std::atomic<bool> stop{true};
  EXPECT_EQ(ask_program({"/bin/sh", "-c", "echo 1"}, seconds(60), &stop), std::nullopt);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(20));
}

TEST_F(FakeMachine, ModelsMayHaveItsMemoryUnlessACardOfUnknownSizeIsThere) {
  describe_desktop();
  EXPECT_EQ(memory_for_models(directory.path), 32'000);
  write("/sys/class/drm/card0/device/mem_info_vram_total", "8589934592\n");
  EXPECT_EQ(memory_for_models(directory.path), 32'000 + 8192);
  write("/proc/driver/nvidia/version", "550\n");
  EXPECT_EQ(memory_for_models(directory.path), 0);
}

}  // namespace
}  // namespace flotte::machine
