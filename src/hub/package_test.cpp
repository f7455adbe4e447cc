// What a joining machine fetches, unpacked with the real tar; and the route, over a real socket.
#include "hub/package.hpp"
#include "base/temporary_directory.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "base/crypto.hpp"
#include "hub/testing.hpp"

namespace flotte::hub {
namespace {

namespace fs = std::filesystem;

class PackagesTest : public ::testing::Test {
 protected:
  PackagesTest() {
    packages_ = std::make_unique<Packages>(root_ + "/packages", program());
    write_program("first");
  }
  std::string program() const { return root_ + "/program"; }
  /// Not a whole number of tar's blocks.
  void write_program(const std::string& mark) const { std::ofstream(program()) << std::string(300'001, 'x') << mark; }
  std::string unpack(const std::string& tarball) const {
    fs::remove_all(root_ + "/out");
    fs::create_directories(root_ + "/out");
    EXPECT_EQ(std::system(fmt::format("tar -xzf {} -C {}/out", tarball, root_).c_str()), 0);
    return root_ + "/out/flotte-" FLOTTE_VERSION "/bin/flotte";
  }
  TemporaryDirectory directory_;
  const std::string& root_ = directory_.path;
  std::unique_ptr<Packages> packages_;
};

TEST_F(PackagesTest, HoldTheProgramItself) {
  const auto package = packages_->find("Linux", "");
  ASSERT_TRUE(package) << package.error().text();
  const auto tarball = read_file(package->path);
  ASSERT_TRUE(tarball);
  EXPECT_EQ(package->bytes, static_cast<std::int64_t>(tarball->size()));
  EXPECT_EQ(package->sha256, sha256_hex(*tarball));
  const std::string unpacked = unpack(package->path);
  EXPECT_EQ(read_file(unpacked).value_or("none"), read_file(program()).value_or("?"));
  EXPECT_EQ(fs::status(unpacked).permissions() & fs::perms::mask, fs::perms{0755});
}

TEST_F(PackagesTest, ArePackedOnceAndAgainForAnotherProgram) {
  const auto first = packages_->find("linux", "");
  ASSERT_TRUE(first);
  const auto written = fs::last_write_time(first->path);
  // The next start of the hub finds it.
  const auto again = Packages(root_ + "/packages", program()).find("linux", "");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->path, first->path);
  EXPECT_EQ(fs::last_write_time(again->path), written);
  write_program("second");
  const auto other = Packages(root_ + "/packages", program()).find("linux", "");
  ASSERT_TRUE(other);
  EXPECT_NE(other->sha256, first->sha256);
  EXPECT_FALSE(fs::exists(first->path)) << "the old one is not kept";
  EXPECT_TRUE(read_file(unpack(other->path)).value_or("").ends_with("second"));
}

TEST_F(PackagesTest, ForAnotherMachineAreWhatAPersonPutThere) {
  const auto none = packages_->find("linux", "riscv64");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::not_found);
  EXPECT_NE(none.error().text().find("packages/flotte-linux-riscv64.tar.gz"), std::string::npos) << none.error().text();
  fs::create_directories(root_ + "/packages");
  std::ofstream(root_ + "/packages/flotte-linux-riscv64.tar.gz") << "by hand";
  const auto found = packages_->find("Linux", "RISCV64");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sha256, sha256_hex("by hand"));
  EXPECT_TRUE(packages_->find("linux", ""));
  EXPECT_TRUE(packages_->find("linux", "riscv64")) << "packing our own leaves it alone";
}

TEST_F(PackagesTest, AreNotLookedForElsewhereOnTheDisk) {
  std::ofstream(root_ + "/secret.tar.gz") << "secret";
  for (const std::string name : {"../../secret", "x86_64/../../secret", "a b", std::string(200, 'a').c_str()})
    EXPECT_EQ(packages_->find("linux", name).error().code, Code::not_found) << name;
  EXPECT_NE(packages_->find("Darwin", "arm64").error().text().find("nodes run on Linux"), std::string::npos);
}

TEST_F(PackagesTest, AnUnreadableProgramIsAnError) {
  const auto gone = Packages(root_ + "/packages", root_ + "/gone").find("linux", "");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::io);
}

TEST(PackageRoute, GivesTheRunningProgramToWhoeverAsks) {
  testing::RunningHub hub;
  const auto head = hub.ask("HEAD", "/join/flotte.tar.gz?os=linux", "", "");
  ASSERT_EQ(head.status, 200) << head.body;
  EXPECT_EQ(head.header("content-type"), "application/gzip");
  const std::string hash = head.header("x-flotte-sha256");
  EXPECT_EQ(head.header("etag"), "\"" + hash + "\"");
  const auto unchanged = hub.ask("GET", "/join/flotte.tar.gz", "", "", {{"if-none-match", "\"" + hash + "\""}});
  EXPECT_EQ(unchanged.status, 304);
  const auto whole = hub.ask("GET", "/join/flotte.tar.gz", "", "");
  ASSERT_EQ(whole.status, 200);
  EXPECT_EQ(sha256_hex(whole.body), hash);
  const auto other = hub.ask("GET", "/join/flotte.tar.gz?os=linux&arch=mips", "", "");
  EXPECT_EQ(other.status, 404);
  EXPECT_NE(other.body.find("has no program for mips"), std::string::npos) << other.body;
}

}  // namespace
}  // namespace flotte::hub
