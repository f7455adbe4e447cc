#include "hub/access_log.hpp"

#include <gtest/gtest.h>

#include "base/async/blocking.hpp"
#include "base/async/loop.hpp"
#include "base/json.hpp"
#include "hub/inner_call.hpp"

namespace flotte::hub {
namespace {

struct AccessLogTest : ::testing::Test {
  AccessLogTest() { loop.start(); }
  ~AccessLogTest() override {
    loop.stop();
    loop.join();
  }
  static http::RequestHead head(std::string target) {
    http::RequestHead head{.method = "POST", .target = std::move(target)};
    head.headers.add("Authorization", "Bearer fk_0123456789012345678901");
    return head;
  }
  static Awaitable<void> answer(http::ServerCall& call) {
    http::ResponseHead head{.status = 200};
    head.headers.set("x-flotte-request-id", "req_7");
    const auto started = co_await call.start(std::move(head));
    EXPECT_TRUE(started);
    const auto written = co_await call.write("12345");
    EXPECT_TRUE(written);
    const auto finished = co_await call.finish();
    EXPECT_TRUE(finished);
  }
  json::object line(CountedCall& counted) {
    route::LastCall last{.request_id = "req_7", .model = "smart", .target = "p/m", .usage = {.input_tokens = 21}};
    return json::parse_object(access_line(counted, last, std::chrono::steady_clock::now(), from_ms(0))).value_or(json::object{});
  }
  Loop loop{"test"};
};

TEST_F(AccessLogTest, SaysWhatACallHasComeTo) {
  InnerCall inner(loop.executor(), head("/v1/chat/completions?key=secret&x=1"), "body");
  CountedCall counted(inner);
  counted.key_id = "k1";
  EXPECT_TRUE(run_blocking(loop.executor(), answer(counted), std::chrono::seconds(10)));
  const json::object o = line(counted);
  EXPECT_EQ(json::string_or(o, "path", ""), "/v1/chat/completions?key=[redacted]&x=1");
  EXPECT_EQ(json::int_or(o, "status", 0), 200);
  EXPECT_EQ(json::int_or(o, "bytes_in", 0), 4);
  EXPECT_EQ(json::int_or(o, "bytes_out", 0), 5);
  EXPECT_EQ(json::string_or(o, "key", ""), "k1");
  EXPECT_EQ(json::string_or(o, "model", ""), "smart");
  EXPECT_EQ(json::int_or(o, "input_tokens", 0), 21);
  EXPECT_TRUE(o.at("output_tokens").is_null());
  EXPECT_EQ(json::dump(o).find("fk_"), std::string::npos);
}

TEST_F(AccessLogTest, DoesNotTakeAnotherCallsModel) {
  InnerCall inner(loop.executor(), head("/healthz"), "");
  CountedCall counted(inner);
  counted.request_id = "req_8";
  EXPECT_TRUE(line(counted).at("model").is_null());
  EXPECT_EQ(json::int_or(line(counted), "status", 0), 499) << "there was no answer";
}

TEST_F(AccessLogTest, IsAsciiWhateverIsAskedFor) {
  InnerCall inner(loop.executor(), head("/\xff\"\x01" + std::string(5'000, 'x')), "");
  CountedCall counted(inner);
  const std::string path = json::string_or(line(counted), "path", "");
  EXPECT_TRUE(path.starts_with("/?\"?xxx")) << path.substr(0, 20);
  EXPECT_LE(path.size(), 2'048u);
}

}  // namespace
}  // namespace flotte::hub
