// A request body on its way out. The permitted edits are made in place, so that a body exists once; everything else stays as it came.
#pragma once
#include <string>
#include <string_view>

#include "dialect/scan.hpp"

namespace flotte::dialect {

class OutgoingBody {
 public:
  /// `request` is the scan of `body`.
  OutgoingBody(std::string body, const ChatRequest& request);
  /// The model's name from now on; may be called again for the next target. Nothing changes where it already is that name.
  void set_model(std::string_view name);
  /// Asks the provider for its usage, once. True where the body asks for it because of us.
  bool ask_for_usage();
  const std::string& text() const noexcept { return body_; }

 private:
  void replace(Range range, std::string_view text);
  std::string body_, model_;
  Range model_value_;
  std::optional<Replacement> usage_edit_;
  bool asked_ = false;
};

/// A JSON string with its quotes.
std::string quote(std::string_view text);

}  // namespace flotte::dialect
