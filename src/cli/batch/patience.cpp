// Words for a hub that is away.
#include "cli/batch/patience.hpp"

namespace flotte::cli {

void Patience::tell(const Error& error) {
  std::string text = error.code == Code::exhausted ? "the hub is busy; trying again" : "the hub is away; trying again, nothing is lost";
  if (error.code == Code::internal) text = "the hub has trouble: " + error.message;
  if (text == trouble_) return;
  trouble_ = std::move(text);
  on_trouble_(trouble_);
}

void Patience::clear() {
  if (trouble_.empty()) return;
  trouble_.clear();
  on_trouble_(trouble_);
}

}  // namespace flotte::cli
