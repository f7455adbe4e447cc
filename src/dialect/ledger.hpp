// What a translation had to do that its reader should know: notes by the matrix of features.hpp, and the first reason to refuse. Pure.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "dialect/features.hpp"

namespace flotte::dialect {

/// One thing that did not arrive as it was sent.
struct Note {
  Feature feature;
  Fate fate;          // approximated or dropped
  std::string field;  // "messages[3].content[0].image_url.detail"

  /// "FIELD: approximated: HOW".
  std::string text(Format to) const;
};

/// Where in a request: cheap to make, written out only when somebody asks. Links to the place around it, which must outlive it.
class Place {
 public:
  explicit Place(std::string_view name) : name_(name) {}
  Place(const Place& around, std::string_view name) : around_(&around), name_(name) {}
  Place(const Place& around, std::size_t index) : around_(&around), index_(index), indexed_(true) {}
  std::string text() const;

 private:
  const Place* around_ = nullptr;
  std::string_view name_;
  std::size_t index_ = 0;
  bool indexed_ = false;
};

class Ledger {
 public:
  /// More notes are counted but not kept.
  static constexpr std::size_t note_limit = 64;

  explicit Ledger(Format to) : to_(to) {}
  Format to() const noexcept { return to_; }

  /// The source says this at that place: notes or refuses it where the matrix says so. True where it can be said (or said nearly).
  bool meet(Feature feature, const Place& place);
  /// A field whose value is not what its API documents. Keeps the first.
  void wrong(const Place& place, std::string_view sentence);

  bool refused() const noexcept { return refusal_.has_value(); }
  const std::optional<Error>& refusal() const noexcept { return refusal_; }
  std::vector<Note>& notes() noexcept { return notes_; }
  std::size_t left_out() const noexcept { return left_out_; }

 private:
  Format to_;
  std::vector<Note> notes_;
  std::size_t left_out_ = 0;
  std::optional<Error> refusal_;
};

}  // namespace flotte::dialect
