// Notes and refusals.
#include "dialect/ledger.hpp"

#include <fmt/format.h>

namespace flotte::dialect {

std::string Note::text(Format to) const { return fmt::format("{}: {}: {}", field, to_string(fate), row_of(feature).to(to).how); }

std::string Place::text() const {
  if (indexed_) return fmt::format("{}[{}]", around_->text(), index_);
  std::string around = around_ ? around_->text() : std::string();
  if (!around.empty()) around += '.';
  return around.append(name_);
}

bool Ledger::meet(Feature feature, const Place& place) {
  const Cell& cell = row_of(feature).to(to_);
  switch (cell.fate) {
    case Fate::carried: return true;
    case Fate::refused:
      if (!refusal_)
        refusal_ = Error(Code::invalid_argument, fmt::format("{} cannot be sent to {}", place.text(), name_of(to_)), std::string(cell.how));
      return false;
    case Fate::approximated:
    case Fate::dropped: break;
  }
  if (notes_.size() < note_limit)
    notes_.push_back({feature, cell.fate, place.text()});
  else
    ++left_out_;
  return cell.fate == Fate::approximated;
}

void Ledger::wrong(const Place& place, std::string_view sentence) {
  if (!refusal_) refusal_ = Error(Code::invalid_argument, fmt::format("{}: {}", place.text(), sentence));
}

}  // namespace flotte::dialect
