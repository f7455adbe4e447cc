#include "cli/command/requests.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace flotte::cli {
namespace {

json::object parsed(std::string_view text) { return json::parse_object(text).value(); }

constexpr std::string_view line =
    R"({"id":"req_1","at":"2026-11-21T08:30:00.125Z","state":"ended","status":200,"key_name":"ann","model":"smart",
  "target":"two/m2","attempts":2,"first_ms":41.5,"total_ms":1240.25,"usage":{"input_tokens":2100,"cached_tokens":8,"output_tokens":4,"cost_usd":"0.00005725"}})";

TEST(Requests, AreListedWithTheirTimesAndMoney) {
  ::setenv("TZ", "UTC0", 1);  // people see the time of their own clock
  ::tzset();
  const std::string text = render_requests({parsed(line)}, 0);
  for (const std::string_view part : {"req_1", "08:30:00.125", "200", "ann", "smart", "two/m2", "42 ms", "1.24 s", "$0.000057"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  json::object again = parsed(line);
  again["replay_of"] = "req_0";
  EXPECT_NE(render_requests({again}, 0).find("two/m2 (replay of req_0)"), std::string::npos);
  EXPECT_NE(render_requests({}, 0).find("[hub] record"), std::string::npos);
}

TEST(Requests, ShowBothSidesAndWhyOthersWereLeft) {
  json::object one = parsed(line);
  one["read_ms"] = 0.25;
  one["route"] = "smart";
  one["strategy"] = "fallback";
  one["request"] = parsed(R"({"line":"POST /v1/messages","headers":[["Host","hub"]],"body":{"bytes":5,"text":"hello","cut":false}})");
  one["answer"] = parsed(R"({"line":"200","headers":[],"body":{"bytes":900,"text":"begin\u001b[31m","cut":true}})");
  json::object asked = parsed(R"({"target":"one/m1","status":null,"error":"cannot connect","asked_ms":0.5,"answered_ms":null,"ended_ms":1.5,
    "request":null,"answer":null,"left":[{"target":"two/m2","why":"quota","opens_in_ms":7000}]})");
  one["asked"] = json::array{asked};
  const std::string text = render_request(one, 80);
  for (const std::string_view part :
       {"client sent  POST /v1/messages", "    Host: hub", "hello", "one/m1", "no answer", "failed: cannot connect",
        "not two/m2: has said to come later, for another 7.00 s", "the beginning of 900 bytes", "smart (fallback)"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << "what came over the network does not steer the terminal";
}

TEST(Requests, SayThatABodyWasNotKept) {
  json::object one = parsed(line);
  one["request"] = parsed(R"({"line":"POST /v1/messages","headers":[],"body":{"bytes":5,"text":null,"cut":false}})");
  EXPECT_NE(render_request(one, 0).find("5 bytes, not kept"), std::string::npos);
}

}  // namespace
}  // namespace flotte::cli
