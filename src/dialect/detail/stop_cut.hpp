// Stop sequences for providers that have none (Responses): the answer is cut where the client would have had it stopped. Internal to
// dialect.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "llm/answer.hpp"

namespace flotte::dialect::detail {

/// The place of the first stop sequence in a text.
struct FoundStop {
  std::size_t at = std::string_view::npos;
  std::string_view stop;
  bool found() const noexcept { return at != std::string_view::npos; }
};
FoundStop find_stop(std::string_view text, const std::vector<std::string>& stops) noexcept;

/// A whole answer: what stands behind the first stop in its texts is taken away, and why it ended is said so.
void cut_at_stop(llm::Answer& answer, const std::vector<std::string>& stops);

/// Between a reader and a writer. Holds back what may be the beginning of a stop. Behind one only usage and the end go on: the provider is
/// read to its end, because only there it tells what is to be paid.
class StopCut final : public llm::EventSink {
 public:
  /// Both must outlive it. Without stops everything passes.
  StopCut(const std::vector<std::string>& stops, llm::EventSink& next) : stops_(stops), next_(next) {}
  void on_event(const llm::Event& event) override;

 private:
  void grow(const llm::Event& event);
  void release(std::size_t part, std::string_view text);
  void end_cut();

  const std::vector<std::string>& stops_;
  llm::EventSink& next_;
  std::string held_, stop_;  // the first: the end of the text that is open
  std::size_t held_part_ = 0;
  bool cut_ = false, ended_ = false;
};

}  // namespace flotte::dialect::detail
