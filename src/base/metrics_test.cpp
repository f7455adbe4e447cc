#include "base/metrics.hpp"

#include <gtest/gtest.h>

#include <array>

namespace flotte {
namespace {

constexpr std::array<double, 2> bounds{0.5, 2};

TEST(Metrics, WritesOneHeadingForAllSamplesOfAFamily) {
  MetricsText text;
  text.family("flotte_calls_total", "counter", "Model calls.");
  text.sample({{"model", "a"}}, 3);
  text.sample({{"model", "b"}, {"error", ""}}, 0.25);
  EXPECT_EQ(text.text(),
            "# HELP flotte_calls_total Model calls.\n# TYPE flotte_calls_total counter\n"
            "flotte_calls_total{model=\"a\"} 3\nflotte_calls_total{model=\"b\"} 0.25\n");
}

TEST(Metrics, LeavesOutFamiliesWithoutSamples) {
  MetricsText text;
  text.family("empty", "gauge", "Nothing.");
  text.gauge("full", "Something.", -1);
  EXPECT_EQ(text.text(), "# HELP full Something.\n# TYPE full gauge\nfull -1\n");
}

TEST(Metrics, EscapesLabelValues) {
  MetricsText text;
  text.family("x", "gauge", "X.");
  text.sample({{"name", "a\"b\\c\nd"}}, 1);
  EXPECT_NE(text.text().find("x{name=\"a\\\"b\\\\c\\nd\"} 1\n"), std::string::npos) << text.text();
}

TEST(Metrics, HistogramsAreCumulativeAndCanBeAdded) {
  Histogram one(bounds), other(bounds);
  one.observe(0.5);
  one.observe(1);
  other.observe(7);
  one.add(other);
  EXPECT_EQ(one.count(), 3u);
  MetricsText text;
  text.family("t", "histogram", "T.");
  text.sample({{"m", "a"}}, one);
  EXPECT_EQ(text.text(),
            "# HELP t T.\n# TYPE t histogram\nt_bucket{m=\"a\",le=\"0.5\"} 1\nt_bucket{m=\"a\",le=\"2\"} 2\n"
            "t_bucket{m=\"a\",le=\"+Inf\"} 3\nt_sum{m=\"a\"} 8.5\nt_count{m=\"a\"} 3\n");
}

}  // namespace
}  // namespace flotte
