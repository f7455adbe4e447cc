// Real children without a network; what this machine cannot do is skipped with a message.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <filesystem>

#include <fmt/format.h>

#include "sandbox/confine_test.hpp"

namespace flotte::sandbox {
namespace {
using testing::HasSubstr;
using testing::StartsWith;

/// A server of this machine's own network.
struct LoopbackServer {
  LoopbackServer() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    ready = ::bind(socket.get(), raw, size) == 0 && ::listen(socket.get(), 8) == 0 && ::getsockname(socket.get(), raw, &size) == 0;
    port = ntohs(address.sin_port);
  }
  Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  bool ready = false;
  int port = 0;
};

std::vector<std::string> connect_to(int port) {
  return {"bash", "-c", fmt::format("exec 3<>/dev/tcp/127.0.0.1/{} && echo reached; readlink /proc/self/ns/net", port)};
}

void expect_loopback_of_its_own(uid_t user) {
  const LoopbackServer server;
  ASSERT_TRUE(server.ready);
  Confined open({}, user);
  open.start_args({"--network", "direct", "--name", open.name, "--", "bash", "-c", connect_to(server.port).back()});
  open.wait();
  EXPECT_THAT(open.out(), StartsWith("reached")) << "the server can be reached at all: " << open.err();
  Confined closed({.network = Network::none}, user);
  closed.start(connect_to(server.port)).wait();
  EXPECT_EQ(closed.out().find("reached"), std::string::npos);
  EXPECT_THAT(closed.err(), HasSubstr("refused")) << "with the loopback down, the network would be unreachable";
  EXPECT_THAT(closed.out(), StartsWith("net:["));
  EXPECT_EQ(open.out(), "reached\n" + std::filesystem::read_symlink("/proc/self/ns/net").string() + "\n");
  EXPECT_EQ(open.out().find(closed.out()), std::string::npos) << "a namespace of its own";
}

TEST(ConfinedNetwork, NoneIsALoopbackOfItsOwn) {
  if (!can_cut_network(::getuid())) GTEST_SKIP() << "this user may not make network namespaces here";
  expect_loopback_of_its_own(::getuid());
}

TEST(ConfinedNetwork, NoneWorksForAnOrdinaryUser) {
  if (second_thread) GTEST_SKIP() << "needs a process with one thread";
  if (::getuid() != 0) GTEST_SKIP() << "needs root, to become another user";
  if (!can_cut_network(nobody)) GTEST_SKIP() << "users may not make network namespaces here";
  expect_loopback_of_its_own(nobody);
}

TEST(ConfinedNetwork, AnOrdinaryUserStaysWhoHeIs) {
  if (second_thread) GTEST_SKIP() << "needs a process with one thread";
  if (::getuid() != 0) GTEST_SKIP() << "needs root, to become another user";
  if (!can_cut_network(nobody)) GTEST_SKIP() << "users may not make network namespaces here";
  Confined child({.network = Network::none}, nobody);
  child.shell("id -u; grep CapEff /proc/self/status").wait();
  EXPECT_EQ(child.out(), "65534\nCapEff:\t0000000000000000\n") << child.err();
}

TEST(ConfinedNetwork, RootCannotGoBack) {
  if (::getuid() != 0 || !can_cut_network(0) || !find_program("nsenter")) GTEST_SKIP() << "needs root, network namespaces and nsenter";
  Confined child({.network = Network::none});
  EXPECT_FALSE(child.start({"nsenter", fmt::format("--net=/proc/{}/ns/net", ::getpid()), "true"}).wait().success());
  EXPECT_THAT(child.err(), HasSubstr("not permitted"));
}

}  // namespace
}  // namespace flotte::sandbox
