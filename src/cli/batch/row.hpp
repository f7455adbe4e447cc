// A line of results.jsonl. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "wire/task.hpp"

namespace flotte::cli {

/// As in a task: the code is one of the error words, or `attempts_exhausted`.
struct RowError {
  std::string code, message, hint;
};

struct ResultRow {
  std::string input, id;              // `id` only where a prompt brought one
  std::string state;                  // succeeded | failed | cancelled
  std::optional<std::string> output;  // the result file relative to DIR, or a prompt's text; nothing unless it succeeded
  std::string node, worker, model, target;
  int attempt = 0;
  wire::Usage usage;
  std::string reason;  // `budget` where it was cancelled for that, else empty
  std::optional<RowError> error;

  bool succeeded() const { return state == "succeeded"; }
  json::object to_json() const;
  static Result<ResultRow> from_json(const json::object& o);
};

/// The row of a task that has ended; the caller adds `output`.
ResultRow make_row(std::string input, std::string id, const wire::TaskView& task);
/// The row of an input that did not come before its batch's limit of cost was spent.
ResultRow make_budget_row(std::string input, std::string id);
/// The row of an input that never became a task.
ResultRow make_refused_row(std::string input, std::string id, const Error& why);

/// Lines that are no rows are left out: what they stood for is then simply done again.
std::vector<ResultRow> parse_rows(std::string_view text);

}  // namespace flotte::cli
