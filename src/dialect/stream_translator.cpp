// Events from bytes, through a reader and a writer.
#include "dialect/stream_translator.hpp"

#include <utility>

#include "base/assert.hpp"
#include "dialect/detail/codec.hpp"

namespace flotte::dialect {

StreamTranslator::StreamTranslator(Format provider, Format client, ReplyContext context) : context_(std::move(context)), ledger_(client) {
  const detail::Codec& from = detail::codec_of(provider);
  const detail::Codec& to = detail::codec_of(client);
  FLOTTE_ASSERT(can_translate(client, provider));
  events_.use_lines(from.framing == detail::Framing::lines);
  reader_ = from.make_reader(ledger_, context_);
  writer_ = to.make_writer(out_, context_);
}

StreamTranslator::~StreamTranslator() = default;

std::string_view StreamTranslator::feed(std::string_view bytes) {
  out_.clear();
  while (events_.next(bytes)) reader_->on_data(events_.name(), events_.data(), cut_);
  if (events_.overflow() && !std::exchange(overflowed_, true) && !complete_ && !failed())
    on_event({.kind = llm::Event::Kind::error, .text = "the provider sent an event that is too large", .name = "api_error"});
  return out_;
}

std::string_view StreamTranslator::finish() {
  out_.clear();
  if (overflowed_) return out_;
  if (events_.finish()) reader_->on_data(events_.name(), events_.data(), cut_);
  reader_->on_close(cut_);
  return out_;
}

void StreamTranslator::on_event(const llm::Event& event) {
  using Step = llm::Event::Kind;
  switch (event.kind) {
    case Step::start:
      usage_ = event.usage;
      model_ = event.name;
      break;
    case Step::usage: usage_ = event.usage; break;
    case Step::error: error_ = event.text; break;
    case Step::end: complete_ = true; break;
    case Step::part_begin:
    case Step::part_delta: started_ = true; break;
    default: break;
  }
  writer_->on_event(event);
}

}  // namespace flotte::dialect
