// Two projects, two doors: what each of them sends comes from its own address, whatever fails.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "rig.hpp"

namespace flotte::rig {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// A proxy for plain HTTP that goes on from an address of its own. One thread per connection; keeps the heads that it was sent.
class Proxy {
 public:
  explicit Proxy(const char* from) : from_(from), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in here = address("127.0.0.1", 0);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&here), sizeof here);
    ::listen(listener_, 64);
    socklen_t size = sizeof here;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &size);
    port_ = ntohs(here.sin_port);
    threads_.emplace_back([this] { accept_all(); });
  }
  ~Proxy() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    threads_.front().join();
    std::vector<std::thread> rest;
    {
      const std::lock_guard lock(mutex_);
      rest.swap(threads_);
    }
    for (std::size_t i = 1; i < rest.size(); ++i) rest[i].join();
    ::close(listener_);
  }
  std::string url(const std::string& login = {}) const { return "proxy:http://" + login + "127.0.0.1:" + std::to_string(port_); }
  std::vector<std::string> heads() {
    const std::lock_guard lock(mutex_);
    return heads_;
  }

 private:
  static sockaddr_in address(const char* host, std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    ::inet_pton(AF_INET, host, &out.sin_addr);
    return out;
  }
  void accept_all() {
    for (;;) {
      const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) return;
      const std::lock_guard lock(mutex_);
      threads_.emplace_back([this, client] { serve(client); });
    }
  }
  /// The first request says where to; later ones on the connection go to the same place.
  void serve(int client) {
    std::string head;
    char bytes[16384];
    while (head.find("\r\n\r\n") == std::string::npos) {
      const ssize_t n = readable(client) ? ::recv(client, bytes, sizeof bytes, 0) : 0;
      if (n <= 0) return void(::close(client));
      head.append(bytes, static_cast<std::size_t>(n));
    }
    {
      const std::lock_guard lock(mutex_);
      heads_.push_back(head.substr(0, head.find("\r\n\r\n")));
    }
    const std::size_t begin = head.find("http://127.0.0.1:");
    const int origin = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in from = address(from_, 0);
    ::bind(origin, reinterpret_cast<sockaddr*>(&from), sizeof from);
    sockaddr_in to = address("127.0.0.1", static_cast<std::uint16_t>(std::atoi(head.c_str() + begin + 17)));
    if (begin != std::string::npos && ::connect(origin, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) {
      (void)!::send(origin, head.data(), head.size(), MSG_NOSIGNAL);
      while (pass(client, origin) && pass(origin, client)) {
      }
    }
    ::close(origin);
    ::close(client);
  }
  bool readable(int socket) const {
    while (!stopping_) {
      pollfd one{socket, POLLIN, 0};
      if (::poll(&one, 1, 20) > 0) return true;
    }
    return false;
  }
  /// What is there now, in one direction.
  bool pass(int from, int to) const {
    pollfd one{from, POLLIN, 0};
    if (stopping_) return false;
    if (::poll(&one, 1, 2) <= 0) return true;
    char bytes[16384];
    const ssize_t n = ::recv(from, bytes, sizeof bytes, 0);
    return n > 0 && ::send(to, bytes, static_cast<std::size_t>(n), MSG_NOSIGNAL) == n;
  }

  const char* from_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<std::string> heads_;
  std::vector<std::thread> threads_;
};

route::Door door(const std::string& text) { return route::Door::parse(text).value(); }

/// Every provider once for each project, behind that project's door; one model stands for all of them.
RigOptions two_doors(const std::string& first, const std::string& second) {
  RigOptions options;
  options.configure = [=](route::RouteConfig& config) {
    const auto a = config.providers[0], b = config.providers[1];
    config.models.clear();
    config.providers.clear();
    route::ModelSpec shared{.name = "shared"};
    for (const auto& [project, via] : {std::pair("one", first), std::pair("two", second)})
      for (auto [name, provider] : {std::pair("a", a), std::pair("b", b)}) {
        provider.name = std::string(project) + "-" + name;
        provider.via = door(via);
        config.providers.push_back(provider);
        shared.targets.push_back({.provider = provider.name, .model = "m"});
      }
    for (const auto strategy : {route::Strategy::fallback, route::Strategy::least_busy, route::Strategy::weighted}) {
      shared.strategy = strategy;
      shared.name = "shared-" + std::string(to_string(strategy));
      config.models.push_back(shared);
    }
  };
  return options;
}

route::Caller bound(const std::string& project) {
  route::Caller caller{.key_id = "k-" + project, .name = project};
  caller.providers = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{project + "-*"});
  return caller;
}

/// Both projects call, everything fails at some time; then the providers' logs say who came from where.
void expect_apart(Rig& rig, const std::string& one_from, const std::string& two_from) {
  const char* states[][2] = {{"normal", "normal"},      {"status:status=500", "normal"},      {"normal", "status:status=503"},
                             {"cut:after=0", "normal"}, {"rate_limited:seconds=1", "normal"}, {"status:status=500", "status:status=500"},
                             {"normal", "normal"}};
  int answered = 0;
  for (const auto& state : states) {
    rig.play('a', state[0]);
    rig.play('b', state[1]);
    for (const char* model : {"shared-fallback", "shared-least_busy", "shared-weighted"})
      for (const std::string project : {"one", "two"})
        for (const bool stream : {false, true}) {
          rig.call_as(bound(project));
          const Reply reply = rig.post(request(model, stream, "\"project\":\"" + project + "\","));
          if (reply.status != 200) continue;
          ++answered;
          EXPECT_THAT(reply.header("x-flotte-target"), StartsWith(project + "-"));
        }
  }
  EXPECT_GT(answered, 40);
  EXPECT_GT(rig.counts().failed_over, 5u);
  std::map<std::string, int> seen;
  for (const char provider : {'a', 'b'})
    for (const auto& logged : rig.log(provider)) {
      const bool one = logged.body.find("\"project\":\"one\"") != std::string::npos;
      EXPECT_THAT(logged.peer, StartsWith((one ? one_from : two_from) + ":")) << logged.body;
      ++seen[std::string(1, provider) + (one ? "1" : "2")];
    }
  EXPECT_EQ(seen.size(), 4u) << "both projects reached both providers";
}

TEST(Doors, TwoProjectsNeverShareAnAddressAlsoUnderFailover) {
  Rig rig(two_doors("interface:127.0.0.2", "interface:127.0.0.3"));
  expect_apart(rig, "127.0.0.2", "127.0.0.3");
}

TEST(Doors, TwoProjectsNeverShareAProxyAlsoUnderFailover) {
  Proxy first("127.0.0.4"), second("127.0.0.5");
  Rig rig(two_doors(first.url("one:secret@"), second.url()));
  expect_apart(rig, "127.0.0.4", "127.0.0.5");
  ASSERT_FALSE(first.heads().empty());
  for (const std::string& head : first.heads()) {
    EXPECT_THAT(head, StartsWith("POST http://127.0.0.1:"));
    EXPECT_THAT(head, HasSubstr("Proxy-Authorization: Basic b25lOnNlY3JldA=="));
    EXPECT_THAT(head, HasSubstr("Authorization: Bearer sk-"));
  }
  for (const std::string& head : second.heads()) EXPECT_THAT(head, testing::Not(HasSubstr("Proxy-Authorization")));
}

TEST(Doors, AProjectWithoutAProviderForTheModelIsRefused) {
  Rig rig(two_doors("direct", "direct"));
  rig.call_as(bound("three"));
  const Reply reply = rig.post(request("shared-fallback", false));
  EXPECT_EQ(reply.status, 403);
  EXPECT_THAT(reply.body, HasSubstr("three-*"));
  EXPECT_TRUE(rig.log('a').empty() && rig.log('b').empty());
  EXPECT_EQ(rig.post(request("one-a/m", false)).status, 403) << "also by its whole name";
}

TEST(Doors, ATaskIsWithinTheBoundsOfItsOwnerAndOfItsProject) {
  Rig rig(two_doors("direct", "direct"));
  const auto names = [](std::string name) {
    return std::make_shared<const std::vector<std::string>>(std::vector<std::string>{std::move(name)});
  };
  rig.call_as({.key_id = "run", .name = "run", .project_providers = names("two-*")});
  EXPECT_THAT(rig.post(request("shared-fallback", false)).header("x-flotte-target"), StartsWith("two-"));
  rig.call_as({.key_id = "run", .name = "run", .providers = names("*-b"), .project_providers = names("two-*")});
  EXPECT_THAT(rig.post(request("shared-fallback", false)).header("x-flotte-target"), StartsWith("two-b/"));
  rig.call_as({.key_id = "run", .name = "run", .providers = names("one-*"), .project_providers = names("two-*")});
  EXPECT_EQ(rig.post(request("shared-fallback", false)).status, 403);
}

TEST(Doors, AClosedDoorIsAnErrorAndNothingLeavesByAnother) {
  for (const char* via : {"interface:nosuch0", "interface:192.0.2.77", "proxy:http://127.0.0.1:1"}) {
    RigOptions options = two_doors(via, "direct");
    Rig rig(options);
    rig.call_as(bound("one"));
    const Reply reply = rig.post(request("shared-fallback", false));
    EXPECT_EQ(reply.status, 503) << via << reply.body;
    EXPECT_TRUE(rig.log('a').empty() && rig.log('b').empty()) << via;
  }
}

TEST(Doors, AnInterfaceByItsName) {
  Rig rig(two_doors("interface:lo", "direct"));
  rig.call_as(bound("one"));
  EXPECT_EQ(rig.post(request("shared-fallback", true)).status, 200);
}

}  // namespace
}  // namespace flotte::rig
