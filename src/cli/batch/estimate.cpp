// Adding up what a batch will take.
#include "cli/batch/estimate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/money.hpp"
#include "cli/batch/progress.hpp"

namespace flotte::cli {
namespace {

constexpr std::int64_t unknown_context = 4096;  // what the fleet assumes too
constexpr std::int64_t frame_tokens = 64;       // what a chat puts around a question
constexpr std::int64_t smallest_room = 256;
constexpr std::int64_t million = 1'000'000;

struct Sum {
  std::int64_t calls = 0, input = 0, output = 0, cost = 0;
};

void add_calls(Sum& sum, const KnownModel& model, std::int64_t calls, std::int64_t input, std::int64_t output) {
  sum.calls += calls;
  sum.input += calls * input;
  sum.output += calls * output;
  if (model.local || !model.price) return;
  const KnownModel::Rates& by = model.long_over > 0 && input > model.long_over ? model.long_rates : *model.price;
  sum.cost = add_usd(sum.cost, calls * (input * by.input + output * by.output));
}

void add_input(Sum& sum, const KnownModel& model, const Sized& one) {
  const std::int64_t context = model.context_tokens > 0 ? model.context_tokens : unknown_context;
  const std::int64_t kept = std::clamp<std::int64_t>(context / 4, 64, 2048);
  const std::int64_t answer = std::min(Estimate::answer_tokens, kept);
  const std::int64_t around = one.prompt_tokens + frame_tokens;
  const std::int64_t room = std::max(context - kept - around, smallest_room);
  if (one.text_tokens <= room) return add_calls(sum, model, 1, around + one.text_tokens, answer);
  const std::int64_t parts = (one.text_tokens + room - 1) / room;
  add_calls(sum, model, parts, around + one.text_tokens / parts, answer);
  // The parts' answers are put together, in several calls where they do not fit one.
  const std::int64_t together = std::max<std::int64_t>((parts * answer + room - 1) / room, 1);
  add_calls(sum, model, together, around + parts * answer / together, answer);
}

/// Two digits that count: an estimate has no more.
std::string about(std::int64_t n) {
  std::int64_t step = 1;
  while (n / step >= 100) step *= 10;
  return format_count((n + step / 2) / step * step);
}

std::string money_line(const Estimate& e) {
  if (e.local) return "nothing to pay: engines of this fleet answer";
  if (e.cost_pico_usd) return fmt::format("about ${}", round_usd(*e.cost_pico_usd));
  return fmt::format("cost unknown: there is no price of {}", fmt::join(e.unpriced, ", "));
}

KnownModel::Rates rates_of(const json::object& price, const std::string& prefix) {
  const auto rate = [&](const char* name) { return parse_usd(json::string_or(price, prefix + name, "")).value_or(0) / million; };
  return {rate("input"), rate("output")};
}

}  // namespace

KnownModel KnownModel::from_json(const json::object& o) {
  KnownModel model;
  if (const auto targets = json::strings(o, "targets"); !targets.empty()) model.target = targets.front();
  model.context_tokens = json::int_or(o, "context_tokens", 0);
  model.local = json::get_bool(o, "local").value_or(false);
  const json::object* price = json::get_object(o, "price");
  if (!price) return model;
  model.price = rates_of(*price, "");
  model.long_over = json::int_or(*price, "long_over", 0);
  if (model.long_over > 0) model.long_rates = rates_of(*price, "long_");
  return model;
}

Estimate make_estimate(const std::vector<Sized>& inputs, const std::map<std::string, KnownModel>& models) {
  static const KnownModel unknown;
  Estimate out;
  out.tasks = inputs.size();
  Sum sum;
  const auto remember = [](std::vector<std::string>& list, const std::string& name) {
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
  };
  for (const Sized& one : inputs) {
    const auto known = models.find(one.model);
    const KnownModel& model = known == models.end() ? unknown : known->second;
    const std::string name = model.target.empty() ? one.model : model.target;
    remember(out.targets, name);
    if (!model.priced()) remember(out.unpriced, name.empty() ? "the worker's model" : name);
    out.local = out.local && model.local;
    add_input(sum, model, one);
  }
  out.local = out.local && !inputs.empty();
  out.calls = sum.calls;
  out.input_tokens = sum.input;
  out.output_tokens = sum.output;
  if (out.unpriced.empty()) out.cost_pico_usd = sum.cost;
  return out;
}

json::object Estimate::to_json() const {
  json::object o;
  o["estimate"] = true;
  o["tasks"] = tasks;
  o["sampled"] = sampled;
  o["calls"] = calls;
  o["input_tokens"] = input_tokens;
  o["output_tokens"] = output_tokens;
  o["assumed_answer_tokens"] = answer_tokens;
  o["cost_usd"] = cost_pico_usd ? json::value(format_usd(*cost_pico_usd)) : json::value(nullptr);
  o["local"] = local;
  o["targets"] = json::array(targets.begin(), targets.end());
  o["unpriced"] = json::array(unpriced.begin(), unpriced.end());
  o["notes"] = json::array(notes.begin(), notes.end());
  return o;
}

std::string render_estimate(const Estimate& e) {
  std::string who;
  if (!e.targets.empty() && !e.targets.front().empty()) who = fmt::format(", by {}", fmt::join(e.targets, ", "));
  std::string out =
      fmt::format("estimate: {} task{}, about {} tokens in and {} out{}; {}\n", format_count(static_cast<std::int64_t>(e.tasks)),
                  e.tasks == 1 ? "" : "s", about(e.input_tokens), about(e.output_tokens), who, money_line(e));
  out += fmt::format("  guessed from {} of the inputs, {} tokens assumed for each answer: it may well be half or twice as much\n",
                     e.sampled, Estimate::answer_tokens);
  if (!e.unpriced.empty()) out += "  a price can be written into models.toml beside the hub's flotte.toml\n";
  for (const std::string& note : e.notes) out += "  " + note + "\n";
  return out;
}

}  // namespace flotte::cli
