// Numbers for Prometheus: a histogram that belongs to one thread, and the text format (version 0.0.4).
#pragma once
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flotte {

/// Counts in buckets. Not for several threads at once: it is copied to be read elsewhere.
class Histogram {
 public:
  /// `upper_bounds` ascend and outlive it and its copies.
  explicit Histogram(std::span<const double> upper_bounds) : bounds_(upper_bounds), counts_(upper_bounds.size() + 1) {}
  void observe(double value) noexcept;
  /// Adds what another one with the same bounds has counted.
  void add(const Histogram& other) noexcept;
  std::uint64_t count() const noexcept;

 private:
  friend class MetricsText;
  std::span<const double> bounds_;
  std::vector<std::uint64_t> counts_;  // one more than bounds: the rest
  double sum_ = 0;
};

/// Builds the text. A family first, then its samples; families with no samples are left out.
class MetricsText {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  /// Names as Prometheus wants them: "flotte_calls_total". `type`: counter, gauge or histogram.
  void family(std::string_view name, std::string_view type, std::string_view help);
  /// Labels with an empty value are left out.
  void sample(Labels labels, double value);
  void sample(double value) { sample({}, value); }
  void sample(Labels labels, const Histogram& histogram);
  /// A family with one sample.
  void counter(std::string_view name, std::string_view help, double value);
  void gauge(std::string_view name, std::string_view help, double value);
  const std::string& text() const noexcept { return text_; }

 private:
  void line(std::string_view suffix, Labels labels, std::string_view bound, double value);
  std::string text_, name_, heading_;
};

}  // namespace flotte
