// Prometheus text.
#include "base/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace flotte {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
}

void append_number(std::string& out, double value) {
  constexpr double exact = 9'007'199'254'740'992.0;
  if (std::isnan(value))
    out += "NaN";
  else if (std::isinf(value))
    out += value > 0 ? "+Inf" : "-Inf";
  else if (std::trunc(value) == value && std::abs(value) < exact)
    fmt::format_to(std::back_inserter(out), "{}", static_cast<std::int64_t>(value));
  else
    fmt::format_to(std::back_inserter(out), "{}", value);
}

}  // namespace

void Histogram::observe(double value) noexcept {
  ++counts_[static_cast<std::size_t>(std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin())];
  sum_ += value;
}

void Histogram::add(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < counts_.size() && i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  sum_ += other.sum_;
}

std::uint64_t Histogram::count() const noexcept { return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0}); }

void MetricsText::family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  heading_ = fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void MetricsText::line(std::string_view suffix, Labels labels, std::string_view bound, double value) {
  text_.append(std::exchange(heading_, {})).append(name_).append(suffix);
  char separator = '{';
  for (const auto& [key, text] : labels) {
    if (text.empty()) continue;
    text_ += separator;
    text_.append(key).append("=\"");
    append_escaped(text_, text);
    text_ += '"';
    separator = ',';
  }
  if (!bound.empty()) {
    text_ += separator;
    text_.append("le=\"").append(bound).append("\"");
    separator = ',';
  }
  if (separator == ',') text_ += '}';
  text_ += ' ';
  append_number(text_, value);
  text_ += '\n';
}

void MetricsText::sample(Labels labels, double value) { line({}, labels, {}, value); }

void MetricsText::sample(Labels labels, const Histogram& histogram) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < histogram.counts_.size(); ++i) {
    total += histogram.counts_[i];
    std::string bound = "+Inf";
    if (i < histogram.bounds_.size()) {
      bound.clear();
      append_number(bound, histogram.bounds_[i]);
    }
    line("_bucket", labels, bound, static_cast<double>(total));
  }
  line("_sum", labels, {}, histogram.sum_);
  line("_count", labels, {}, static_cast<double>(total));
}

void MetricsText::counter(std::string_view name, std::string_view help, double value) {
  family(name, "counter", help);
  sample(value);
}

void MetricsText::gauge(std::string_view name, std::string_view help, double value) {
  family(name, "gauge", help);
  sample(value);
}

}  // namespace flotte
