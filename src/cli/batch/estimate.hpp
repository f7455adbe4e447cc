// What a batch will take: tasks, tokens and money, from the sizes of its inputs and the hub's prices. An estimate, and it says so. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace flotte::cli {

/// What the hub says of a model's name.
struct KnownModel {
  struct Rates {
    std::int64_t input = 0, output = 0;  // trillionths of a dollar per token
  };
  std::string target;               // who answers first, "openai/gpt-6-luna"; empty: unknown
  std::int64_t context_tokens = 0;  // 0: unknown
  std::optional<Rates> price;
  std::int64_t long_over = 0;  // a call with more input tokens is charged by `long_rates`; 0: never
  Rates long_rates;
  bool local = false;  // engines of one's own: costs nothing
  bool priced() const noexcept { return local || price.has_value(); }
  static KnownModel from_json(const json::object& o);
};

/// One input, counted or guessed.
struct Sized {
  std::string model;                                // as asked for
  std::int64_t prompt_tokens = 0, text_tokens = 0;  // around the document, of the document (0: a prompt alone)
};

struct Estimate {
  /// So many tokens an answer is assumed to have.
  static constexpr std::int64_t answer_tokens = 500;
  std::size_t tasks = 0, sampled = 0;  // `sampled`: so many inputs were read for it
  std::int64_t calls = 0, input_tokens = 0, output_tokens = 0;
  std::optional<std::int64_t> cost_pico_usd;   // nothing: the price of a model is unknown
  bool local = true;                           // all of them by engines of one's own
  std::vector<std::string> targets, unpriced;  // who answers; names without a price
  std::vector<std::string> notes;              // what else was assumed
  json::object to_json() const;
};

/// Documents longer than a model's context are asked in parts, as the fleet does it.
Estimate make_estimate(const std::vector<Sized>& inputs, const std::map<std::string, KnownModel>& models);

/// Two or three lines for a person, with their line feeds.
std::string render_estimate(const Estimate& estimate);

}  // namespace flotte::cli
