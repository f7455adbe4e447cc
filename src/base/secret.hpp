// A string that does not print itself. `reveal()` is the only way to its text, and easy to find in a review.
#pragma once
#include <fmt/format.h>

#include <string>
#include <string_view>

namespace flotte {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const std::string& reveal() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

 private:
  std::string text_;
};

}  // namespace flotte

template <>
struct fmt::formatter<flotte::Secret> : fmt::formatter<std::string_view> {
  auto format(const flotte::Secret&, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format("[secret]", context);
  }
};
