// Steps: pieces of a task that were finished, with what they put out, so that a later attempt goes on behind them. The first output of a
// name stays. A step is kept only under the fence of the run that has the task now, in the transaction that looks at the lease.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "store/transaction.hpp"

namespace flotte::fleet {

inline constexpr std::int64_t steps_of_a_task = 10'000;
inline constexpr std::size_t step_row_bytes = 32 * 1024;  // a longer output is a blob

struct Step {
  std::int64_t number = 0;  // in the order in which they were kept, from 1
  std::string name;
  std::int64_t fence = 0;
  int attempt = 0;  // that did it
  WallTime at{};
  std::string content_type;
  std::int64_t bytes = 0;
  std::string output;            // where it is short
  std::string blob;              // else where it is
  json::object to_json() const;  // without the output
};

/// Error: invalid_argument. 1 to 200 bytes of UTF-8 without control characters.
Result<void> check_step_name(std::string_view name);

struct KeptStep {
  Step step;
  bool repeated = false;  // it was there before and stays as it was
};
/// `step`: name, fence, content_type, bytes and output or blob. Errors: not_found (no such task), conflict (that run does not have the task
/// now), exhausted (too many steps).
Result<KeptStep> keep_step(store::Transaction& rows, std::int64_t task, const Step& step);
std::optional<Step> find_step(store::Transaction& rows, std::int64_t task, std::string_view name);
/// Those behind number `after`, in their order, without their outputs.
std::vector<Step> list_steps(store::Transaction& rows, std::int64_t task, std::int64_t after, std::size_t limit);

}  // namespace flotte::fleet
