// What the two ends of a link say, and what is submitted.
#include "base/fuzz_target.hpp"
#include "wire/link.hpp"
#include "wire/task.hpp"

namespace flotte::wire {
namespace {

using fuzz::require;

void to_node(std::string_view bytes) {
  const auto message = parse_to_node(bytes);
  if (!message) return;
  const std::string text = format(*message);
  const auto again = parse_to_node(text);
  require(again.has_value(), "what was read can be written and read again");
  require(format(*again) == text, "and says the same");
}

void to_hub(std::string_view bytes) {
  const auto message = parse_to_hub(bytes);
  if (!message) return;
  const std::string text = format(*message);
  const auto again = parse_to_hub(text);
  require(again.has_value(), "what was read can be written and read again");
  // Boost.JSON 1.81 reads a fraction with the last bit wrong now and then.
  require(text.find_first_of(".E") != std::string::npos || format(*again) == text, "and says the same");
}

void task_spec(std::string_view bytes) {
  const auto object = json::parse_object(bytes);
  if (!object) return;
  const auto spec = TaskSpec::from_json(*object);
  if (!spec) return;
  const auto again = TaskSpec::from_json(spec->to_json());
  require(again.has_value(), "an accepted task can be stored and read again");
  require(json::dump(again->to_json()) == json::dump(spec->to_json()), "and is the same");
}

const fuzz::Register targets[] = {{"link_to_node", to_node}, {"link_to_hub", to_hub}, {"task_spec", task_spec}};

}  // namespace
}  // namespace flotte::wire
