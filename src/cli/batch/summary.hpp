// What is said when a batch has ended, or when its person leaves. Pure.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "cli/batch/row.hpp"

namespace flotte::cli {

struct Summary {
  std::string batch, state, directory;  // state: done, cancelled; empty where nothing had to be handed in
  std::size_t total = 0, succeeded = 0, failed = 0, cancelled = 0, kept = 0;
  std::chrono::seconds elapsed{0};
  wire::Usage usage;                        // of this batch, every attempt
  std::optional<std::int64_t> spent_limit;  // trillionths of a dollar: the batch stopped there
  std::vector<ResultRow> troubles;          // rows that did not succeed, in order
};

std::string render_summary(const Summary& summary);
json::object to_json(const Summary& summary);

struct Farewell {
  std::string batch, directory;
  bool sealed = false;
  std::size_t handed_in = 0, to_hand_in = 0, ended = 0, total = 0;
};
/// One line for somebody who pressed Ctrl-C: what goes on, and how to see it again.
std::string render_farewell(const Farewell& farewell);

}  // namespace flotte::cli
