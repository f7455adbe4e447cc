// Magic packets, as a card would see them.
#include "machine/wake.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/process/spawn.hpp"

namespace flotte::machine {
namespace {

TEST(Wake, APacketIsSixTimesAllOnesAndSixteenTimesTheAddress) {
  const auto packet = make_magic_packet("0a:bB:00:dd:ee:ff");
  ASSERT_TRUE(packet);
  ASSERT_EQ(packet->size(), 102U);
  EXPECT_EQ(packet->substr(0, 6), std::string(6, '\xff'));
  const std::string address("\x0a\xbb\x00\xdd\xee\xff", 6);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(packet->substr(6 + 6 * i, 6), address);
  EXPECT_EQ(*make_magic_packet("0A-BB-00-DD-EE-FF"), *packet);
}

TEST(Wake, RefusesWhatIsNoAddress) {
  for (const char* wrong :
       {"", "aa:bb:cc:dd:ee", "aa:bb:cc:dd:ee:fg", "aa:bb:cc:dd:ee:ff:00", "00:00:00:00:00:00", "aabbccddeeff", "aa:bb:cc:dd.ee:ff"})
    EXPECT_FALSE(make_magic_packet(wrong)) << wrong;
}

TEST(Wake, KnowsWhereASubnetListens) {
  EXPECT_EQ(broadcast_of("192.168.1.0/24"), "192.168.1.255");
  EXPECT_EQ(broadcast_of("10.20.0.0/22"), "10.20.3.255");
  EXPECT_EQ(broadcast_of("127.0.0.1/32"), "127.0.0.1");
  EXPECT_EQ(broadcast_of("0.0.0.0/0"), "255.255.255.255");
  for (const char* wrong : {"", "192.168.1.0", "192.168.1.0/", "192.168.1.0/33", "192.168.1/24", "x/24"})
    EXPECT_EQ(broadcast_of(wrong), std::nullopt) << wrong;
}

TEST(Wake, APacketArrives) {
  const Descriptor listener(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&here), size), 0);
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&here), &size), 0);
  const timeval patience{5, 0};
  ::setsockopt(listener.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);

  const wire::NetworkCard card{"enp3s0", "aa:bb:cc:dd:ee:ff", "127.0.0.1/32", true}, unknown{"enp4s0", "aa:bb:cc:dd:ee:00", "", true};
  const auto sent = send_magic_packets({unknown, card}, ntohs(here.sin_port));
  ASSERT_TRUE(sent) << sent.error().text();
  EXPECT_EQ(*sent, 1);
  char buffer[256];
  const ssize_t n = ::recv(listener.get(), buffer, sizeof buffer, 0);
  EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(std::max<ssize_t>(n, 0))), *make_magic_packet(card.mac));
}

TEST(Wake, SaysWhyNoPacketWasSent) {
  const auto sent = send_magic_packets({{"enp4s0", "aa:bb:cc:dd:ee:00", "", true}});
  ASSERT_FALSE(sent);
  EXPECT_THAT(sent.error().message, ::testing::HasSubstr("enp4s0"));
}

}  // namespace
}  // namespace flotte::machine
