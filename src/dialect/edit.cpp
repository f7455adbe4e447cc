// Edits in place, with the other place moved by as much as the text grew.
#include "dialect/edit.hpp"

#include "base/json.hpp"

namespace flotte::dialect {

OutgoingBody::OutgoingBody(std::string body, const ChatRequest& request)
    : body_(std::move(body)), model_(request.model), model_value_(request.model_value), usage_edit_(request.usage_edit) {}

void OutgoingBody::replace(Range range, std::string_view text) {
  const std::size_t removed = range.end - range.begin;
  body_.replace(range.begin, removed, text);
  // Unsigned arithmetic wraps both ways, so one expression moves forwards and backwards.
  const std::size_t shift = text.size() - removed;
  if (model_value_.begin >= range.end && model_value_.begin != range.begin) {
    model_value_.begin += shift;
    model_value_.end += shift;
  }
  if (usage_edit_ && usage_edit_->range.begin >= range.end) {
    usage_edit_->range.begin += shift;
    usage_edit_->range.end += shift;
  }
}

void OutgoingBody::set_model(std::string_view name) {
  if (name == model_) return;
  const std::string quoted = quote(name);
  const Range old = model_value_;
  replace(old, quoted);
  model_value_ = {old.begin, old.begin + quoted.size()};
  model_ = name;
}

bool OutgoingBody::ask_for_usage() {
  if (!usage_edit_) return asked_;
  const Replacement edit = *usage_edit_;
  usage_edit_.reset();
  replace(edit.range, edit.text);
  asked_ = true;
  return true;
}

std::string quote(std::string_view text) { return json::dump(json::value(boost::json::string_view(text.data(), text.size()))); }

}  // namespace flotte::dialect
