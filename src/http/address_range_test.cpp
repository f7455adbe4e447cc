#include "http/address_range.hpp"

#include <gtest/gtest.h>

#include "base/async/loop.hpp"
#include "http/door.hpp"

namespace flotte::http {
namespace {

TEST(AddressRange, TellsPrivateAddressesFromOpenOnes) {
  for (const char* address : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"})
    EXPECT_EQ(range_of(address), AddressRange::open) << address;
  for (const char* address : {"127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.20", "100.64.0.1", "0.0.0.0", "::1", "::",
                              "fc00::1", "fd12::1", "::ffff:192.168.1.1", "64:ff9b::a00:1", "2002:a00:1::", "ff02::1", "255.255.255.255"})
    EXPECT_EQ(range_of(address), AddressRange::private_network) << address;
  for (const char* address : {"169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "fd00:ec2::254"})
    EXPECT_EQ(range_of(address), AddressRange::link_local) << address;
  for (const char* name : {"localhost", "example.org", "0x7f.1", "127.1", ""}) EXPECT_FALSE(range_of(name)) << name;
}

TEST(AddressRange, KnowsNamesThatCanOnlyBeNear) {
  for (const char* name : {"localhost", "box", "box.local", "nas.lan", "a.b.internal", "x.home.arpa", "box."})
    EXPECT_TRUE(is_near_name(name)) << name;
  for (const char* name : {"api.openai.com", "local.example.org", "evil.localhost.example.org"}) EXPECT_FALSE(is_near_name(name)) << name;
}

Awaitable<void> connect(std::shared_ptr<Connector> to, Error& failed) {
  auto stream = co_await to->connect();
  if (!stream) failed = stream.error();
}

TEST(OpenNetworkConnector, DoesNotFollowANameIntoAPrivateNetwork) {
  // Names that every machine has; what they lead to is looked at when the connection is made, not when the name was given.
  for (const char* name : {"localhost", "127.0.0.1"}) {
    asio::io_context context;
    Error failed(Code::internal, "it connected");
    asio::co_spawn(context, connect(open_network_connector({name, 9, nullptr}), failed), [](std::exception_ptr) {});
    context.run();
    EXPECT_EQ(failed.code, Code::unavailable);
    EXPECT_NE(failed.message.find("an address of a private network"), std::string::npos) << failed.message;
  }
}

}  // namespace
}  // namespace flotte::http
