// Prometheus text.
#include "base/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace flotte {

struct Metrics::Series {
  std::string labels;  // `a="1",b="2"`
  Counter counter;
  Gauge gauge;
  std::unique_ptr<Histogram> histogram;
  std::function<double()> measured;
};
struct Metrics::Family {
  std::string name, help, type;
  std::list<Series> series;
};

namespace {

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

std::string with_braces(std::string_view labels, std::string_view more = {}) {
  if (labels.empty() && more.empty()) return "";
  return fmt::format("{{{}{}{}}}", labels, !labels.empty() && !more.empty() ? "," : "", more);
}

}  // namespace

Histogram::Histogram(std::vector<double> upper_bounds) : bounds_(std::move(upper_bounds)), counts_(bounds_.size() + 1) {}

void Histogram::observe(double seconds) noexcept {
  const auto bucket = static_cast<std::size_t>(std::lower_bound(bounds_.begin(), bounds_.end(), seconds) - bounds_.begin());
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_us_.fetch_add(static_cast<std::uint64_t>(std::max(0.0, seconds) * 1e6), std::memory_order_relaxed);
}

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

Metrics::Series& Metrics::series(std::string_view name, std::string_view help, std::string_view type, Labels labels) {
  std::string text;
  for (const auto& [key, value] : labels) text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", key, escape(value));
  auto family = std::find_if(families_.begin(), families_.end(), [&](const Family& f) { return f.name == name; });
  if (family == families_.end()) family = families_.insert(family, Family{std::string(name), std::string(help), std::string(type), {}});
  for (Series& s : family->series)
    if (s.labels == text) return s;
  family->series.emplace_back().labels = std::move(text);
  return family->series.back();
}

Counter& Metrics::counter(std::string_view name, std::string_view help, Labels labels) {
  std::lock_guard lock(mutex_);
  return series(name, help, "counter", labels).counter;
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, Labels labels) {
  std::lock_guard lock(mutex_);
  return series(name, help, "gauge", labels).gauge;
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, std::vector<double> upper_bounds, Labels labels) {
  std::lock_guard lock(mutex_);
  Series& s = series(name, help, "histogram", labels);
  if (!s.histogram) s.histogram = std::make_unique<Histogram>(std::move(upper_bounds));
  return *s.histogram;
}

void Metrics::measured(std::string_view name, std::string_view help, std::function<double()> value) {
  std::lock_guard lock(mutex_);
  series(name, help, "gauge", {}).measured = std::move(value);
}

std::string Metrics::text() const {
  std::lock_guard lock(mutex_);
  std::string out;
  for (const Family& f : families_) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", f.name, f.help, f.name, f.type);
    for (const Series& s : f.series) {
      if (s.histogram) {
        const Histogram& h = *s.histogram;
        std::uint64_t total = 0;
        for (std::size_t i = 0; i < h.counts_.size(); ++i) {
          total += h.counts_[i].load(std::memory_order_relaxed);
          const std::string bound = i < h.bounds_.size() ? fmt::format("{}", h.bounds_[i]) : "+Inf";
          out += fmt::format("{}_bucket{} {}\n", f.name, with_braces(s.labels, fmt::format("le=\"{}\"", bound)), total);
        }
        out += fmt::format("{}_sum{} {}\n", f.name, with_braces(s.labels), static_cast<double>(h.sum_us_.load()) / 1e6);
        out += fmt::format("{}_count{} {}\n", f.name, with_braces(s.labels), total);
      } else if (s.measured) {
        out += fmt::format("{}{} {}\n", f.name, with_braces(s.labels), s.measured());
      } else if (f.type == "counter") {
        out += fmt::format("{}{} {}\n", f.name, with_braces(s.labels), s.counter.value());
      } else {
        out += fmt::format("{}{} {}\n", f.name, with_braces(s.labels), s.gauge.value());
      }
    }
  }
  return out;
}

}  // namespace flotte
