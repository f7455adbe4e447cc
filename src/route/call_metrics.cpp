// Counting calls, and their families for Prometheus.
#include "route/call_metrics.hpp"

#include <array>
#include <map>

#include "base/money.hpp"

namespace flotte::route {
namespace {

// The bounds that OpenTelemetry advises.
constexpr std::array<double, 14> duration_bounds{0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92};
constexpr std::array<double, 16> first_token_bounds{0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10};
constexpr std::array<double, 13> token_gap_bounds{0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5};
constexpr std::array<double, 14> token_bounds{1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};

constexpr double pico = 1e12;

double in_seconds(milliseconds time) { return std::chrono::duration<double>(time).count(); }

std::string_view operation_of(dialect::Api api) noexcept {
  const std::string_view name = dialect::facts_of(api).name;
  if (name == "embeddings" || name == "completions") return name == "completions" ? "text_completion" : "embeddings";
  return name == "count_tokens" ? "count_tokens" : "chat";
}

/// OpenTelemetry's `error.type`: the status where the call failed.
std::string_view error_of(int status, std::array<char, 4>& text) noexcept {
  if (status >= 200 && status < 400) return {};
  if (status < 100 || status > 999) return "_OTHER";
  text = {static_cast<char>('0' + status / 100), static_cast<char>('0' + status / 10 % 10), static_cast<char>('0' + status % 10), '\0'};
  return {text.data(), 3};
}

}  // namespace

CallMetrics::Series::Series(Labels l)
    : labels(std::move(l)),
      duration(duration_bounds),
      first_token(first_token_bounds),
      token_gap(token_gap_bounds),
      input(token_bounds),
      output(token_bounds) {}

CallMetrics::Series& CallMetrics::series_of(std::string_view model, std::string_view provider, std::string_view operation,
                                            std::string_view error) {
  key_.assign(model).append(1, '\0').append(provider).append(1, '\0').append(operation).append(1, '\0').append(error);
  if (const auto known = series_.find(std::string_view(key_)); known != series_.end()) return known->second;
  if (series_.size() >= series_limit && model != "other") return series_of("other", "other", operation, error.empty() ? "" : "_OTHER");
  Labels labels{std::string(model), std::string(provider), std::string(operation), std::string(error)};
  return series_.emplace(key_, Series(std::move(labels))).first->second;
}

void CallMetrics::on_end(const CallEnd& end) {
  std::array<char, 4> status{};
  // A name that stands for nothing may be anything at all: it makes no series.
  Series& series = series_of(end.route ? end.model : std::string_view("unknown"), end.target ? std::string_view(end.target->place) : "none",
                             operation_of(end.api), error_of(end.status, status));
  series.duration.observe(in_seconds(end.ended - end.began));
  if (end.first_byte != SteadyTime{}) {
    if (end.stream) series.first_token.observe(in_seconds(end.first_byte - end.began));
    if (end.stream && end.usage.output_tokens > 1)
      series.token_gap.observe(in_seconds(end.ended - end.first_byte) / static_cast<double>(end.usage.output_tokens - 1));
  }
  if (end.usage.input_tokens >= 0) series.input.observe(static_cast<double>(end.usage.input_tokens));
  if (end.usage.output_tokens >= 0) series.output.observe(static_cast<double>(end.usage.output_tokens));
  if (end.usage.cached_tokens > 0) series.cached_tokens += static_cast<std::uint64_t>(end.usage.cached_tokens);
  if (end.usage.reasoning_tokens > 0) series.reasoning_tokens += static_cast<std::uint64_t>(end.usage.reasoning_tokens);
  if (!end.target) return;
  if (end.cost_pico_usd)
    series.cost_pico_usd = add_usd(series.cost_pico_usd, *end.cost_pico_usd);
  else
    ++series.unpriced;
}

void CallMetrics::add(const CallMetrics& other) {
  for (const auto& [key, theirs] : other.series_) {
    const Labels& l = theirs.labels;
    Series& ours = series_of(l.model, l.provider, l.operation, l.error);
    ours.duration.add(theirs.duration);
    ours.first_token.add(theirs.first_token);
    ours.token_gap.add(theirs.token_gap);
    ours.input.add(theirs.input);
    ours.output.add(theirs.output);
    ours.cached_tokens += theirs.cached_tokens;
    ours.reasoning_tokens += theirs.reasoning_tokens;
    ours.unpriced += theirs.unpriced;
    ours.cost_pico_usd = add_usd(ours.cost_pico_usd, theirs.cost_pico_usd);
  }
}

void CallMetrics::write(MetricsText& text) const {
  // Sorted, so that two answers can be compared by eye.
  std::map<std::string_view, const Series*> sorted;
  for (const auto& [key, series] : series_) sorted.emplace(key, &series);
  const auto each = [&](std::string_view name, std::string_view help, const Histogram Series::* histogram) {
    text.family(name, "histogram", help);
    for (const auto& [key, s] : sorted) {
      if ((s->*histogram).count() == 0) continue;
      text.sample({{"gen_ai_operation_name", s->labels.operation},
                   {"gen_ai_provider_name", s->labels.provider},
                   {"gen_ai_request_model", s->labels.model},
                   {"error_type", s->labels.error}},
                  s->*histogram);
    }
  };
  each("gen_ai_server_request_duration_seconds", "From a model call's request to the end of its answer.", &Series::duration);
  each("gen_ai_server_time_to_first_token_seconds", "From a streamed call's request to the first content of its answer.",
       &Series::first_token);
  each("gen_ai_server_time_per_output_token_seconds", "Of a streamed answer, between one token and the next.", &Series::token_gap);
  text.family("gen_ai_client_token_usage", "histogram", "Tokens of one call.");
  for (const auto& [key, s] : sorted) {
    const auto of_type = [&](std::string_view type, const Histogram& histogram) {
      if (histogram.count() == 0) return;
      text.sample({{"gen_ai_operation_name", s->labels.operation},
                   {"gen_ai_provider_name", s->labels.provider},
                   {"gen_ai_request_model", s->labels.model},
                   {"gen_ai_token_type", type},
                   {"error_type", s->labels.error}},
                  histogram);
    };
    of_type("input", s->input);
    of_type("output", s->output);
  }
  struct Money {
    std::int64_t cost = 0;
    std::uint64_t unpriced = 0, cached = 0, reasoning = 0;
  };
  std::map<std::string_view, Money> by_provider;
  for (const auto& [key, s] : sorted) {
    Money& money = by_provider[s->labels.provider];
    money.cost = add_usd(money.cost, s->cost_pico_usd);
    money.unpriced += s->unpriced;
    money.cached += s->cached_tokens;
    money.reasoning += s->reasoning_tokens;
  }
  by_provider.erase("none");
  const auto sums = [&](std::string_view name, std::string_view help, auto value) {
    text.family(name, "counter", help);
    for (const auto& [provider, money] : by_provider) text.sample({{"gen_ai_provider_name", provider}}, value(money));
  };
  sums("flotte_cost_usd_total", "What calls have cost, as far as their price is known.",
       [](const Money& m) { return static_cast<double>(m.cost) / pico; });
  sums("flotte_unpriced_calls_total", "Calls whose cost is unknown.", [](const Money& m) { return static_cast<double>(m.unpriced); });
  sums("flotte_cached_tokens_total", "Input tokens that came from a provider's or an engine's cache.",
       [](const Money& m) { return static_cast<double>(m.cached); });
  sums("flotte_reasoning_tokens_total", "Output tokens that were spent on reasoning.",
       [](const Money& m) { return static_cast<double>(m.reasoning); });
}

}  // namespace flotte::route
