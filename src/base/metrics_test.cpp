// Prometheus text.
#include "base/metrics.hpp"

#include <gtest/gtest.h>

namespace flotte {
namespace {

TEST(Metrics, WritesThePrometheusFormat) {
  Metrics metrics;
  metrics.counter("flotte_requests_total", "Requests.", {{"model", "a\"b"}}).add(3);
  metrics.counter("flotte_requests_total", "Requests.", {{"model", "c"}}).add();
  metrics.counter("flotte_requests_total", "Requests.", {{"model", "c"}}).add();
  metrics.gauge("flotte_open", "Open.").set(-2);
  metrics.measured("flotte_load", "Load.", [] { return 0.5; });
  Histogram& h = metrics.histogram("flotte_wait_seconds", "Wait.", {0.1, 1});
  h.observe(0.1);
  h.observe(0.5);
  h.observe(7);
  EXPECT_EQ(metrics.text(),
            "# HELP flotte_requests_total Requests.\n# TYPE flotte_requests_total counter\n"
            "flotte_requests_total{model=\"a\\\"b\"} 3\nflotte_requests_total{model=\"c\"} 2\n"
            "# HELP flotte_open Open.\n# TYPE flotte_open gauge\nflotte_open -2\n"
            "# HELP flotte_load Load.\n# TYPE flotte_load gauge\nflotte_load 0.5\n"
            "# HELP flotte_wait_seconds Wait.\n# TYPE flotte_wait_seconds histogram\n"
            "flotte_wait_seconds_bucket{le=\"0.1\"} 1\nflotte_wait_seconds_bucket{le=\"1\"} 2\n"
            "flotte_wait_seconds_bucket{le=\"+Inf\"} 3\nflotte_wait_seconds_sum 7.6\nflotte_wait_seconds_count 3\n");
}

}  // namespace
}  // namespace flotte
