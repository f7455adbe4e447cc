#include "route/call_metrics.hpp"

#include <gtest/gtest.h>

#include "route/prometheus_for_tests.hpp"

namespace flotte::route {
namespace {

struct CallMetricsTest : ::testing::Test {
  Route route{.name = "smart"};
  Target target{.kind = TargetKind::provider, .name = "openai/gpt", .place = "openai", .model = "gpt"};

  CallEnd end(std::string_view model, int status = 200) const {
    CallEnd e{.model = model, .route = &route, .target = &target, .api = dialect::Api::chat, .status = status};
    e.began = SteadyTime(milliseconds(1'000));
    e.ended = SteadyTime(milliseconds(1'300));
    return e;
  }
  static prometheus::Text read(const CallMetrics& metrics) {
    MetricsText text;
    metrics.write(text);
    return prometheus::parse(text.text());
  }
};

TEST_F(CallMetricsTest, CountsACallByModelProviderAndKind) {
  CallMetrics metrics;
  CallEnd call = end("smart");
  call.stream = true;
  call.first_byte = SteadyTime(milliseconds(1'100));
  call.usage = {.input_tokens = 21, .cached_tokens = 8, .output_tokens = 5};
  call.cost_pico_usd = 57'250'000;
  metrics.on_end(call);
  const auto text = read(metrics);
  EXPECT_EQ(text.problem, "");
  const std::string labels = R"({gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="smart")";
  EXPECT_EQ(text.value("gen_ai_server_request_duration_seconds_count" + labels + "}"), 1);
  EXPECT_NEAR(text.value("gen_ai_server_request_duration_seconds_sum" + labels + "}"), 0.3, 1e-9);
  EXPECT_NEAR(text.value("gen_ai_server_time_to_first_token_seconds_sum" + labels + "}"), 0.1, 1e-9);
  EXPECT_NEAR(text.value("gen_ai_server_time_per_output_token_seconds_sum" + labels + "}"), 0.05, 1e-9);
  EXPECT_EQ(text.value("gen_ai_client_token_usage_sum" + labels + R"(,gen_ai_token_type="input"})"), 21);
  EXPECT_EQ(text.value("gen_ai_client_token_usage_sum" + labels + R"(,gen_ai_token_type="output"})"), 5);
  EXPECT_NEAR(text.value(R"(flotte_cost_usd_total{gen_ai_provider_name="openai"})"), 0.00005725, 1e-15);
  EXPECT_EQ(text.value(R"(flotte_cached_tokens_total{gen_ai_provider_name="openai"})"), 8);
  EXPECT_EQ(text.value(R"(flotte_unpriced_calls_total{gen_ai_provider_name="openai"})"), 0);
}

TEST_F(CallMetricsTest, NamesTheErrorOfAFailedCall) {
  CallMetrics metrics;
  metrics.on_end(end("smart", 429));
  const auto text = read(metrics);
  EXPECT_EQ(text.value(R"(gen_ai_server_request_duration_seconds_count{gen_ai_operation_name="chat",gen_ai_provider_name="openai",)"
                       R"(gen_ai_request_model="smart",error_type="429"})"),
            1);
}

TEST_F(CallMetricsTest, NamesThatStandForNothingMakeNoSeries) {
  CallMetrics metrics;
  for (int i = 0; i < 100; ++i) {
    const std::string made_up = "made-up-" + std::to_string(i);
    CallEnd call = end(made_up, 404);
    call.route = nullptr;
    call.target = nullptr;
    metrics.on_end(call);
  }
  EXPECT_EQ(metrics.series(), 1u);
}

TEST_F(CallMetricsTest, TheNumberOfSeriesIsBounded) {
  CallMetrics metrics, sum;
  for (std::size_t i = 0; i < 2 * CallMetrics::series_limit; ++i) {
    const std::string name = "claude-" + std::to_string(i);
    metrics.on_end(end(name));
  }
  EXPECT_LE(metrics.series(), CallMetrics::series_limit + 8);
  const auto text = read(metrics);
  EXPECT_EQ(text.problem, "");
  EXPECT_EQ(text.value(R"(gen_ai_server_request_duration_seconds_count{gen_ai_operation_name="chat",gen_ai_provider_name="other",)"
                       R"(gen_ai_request_model="other"})"),
            static_cast<double>(CallMetrics::series_limit));
  sum.add(metrics);
  sum.add(metrics);
  EXPECT_LE(sum.series(), CallMetrics::series_limit + 8) << "also of several loops together";
}

TEST_F(CallMetricsTest, LoopsAreAddedUp) {
  CallMetrics one, other, sum;
  one.on_end(end("smart"));
  other.on_end(end("smart"));
  other.on_end(end("fast"));
  sum.add(one);
  sum.add(other);
  const auto text = read(sum);
  const std::string head = "gen_ai_server_request_duration_seconds_count{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\",";
  EXPECT_EQ(text.value(head + "gen_ai_request_model=\"smart\"}"), 2);
  EXPECT_EQ(text.value(head + "gen_ai_request_model=\"fast\"}"), 1);
}

}  // namespace
}  // namespace flotte::route
