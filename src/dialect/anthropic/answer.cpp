// Whole answers of Anthropic Messages.
#include "dialect/anthropic/read_parts.hpp"
#include "dialect/anthropic/request.hpp"
#include "dialect/anthropic/stream.hpp"
#include "dialect/anthropic/write_parts.hpp"
#include "dialect/detail/codec.hpp"
#include "dialect/detail/json_writer.hpp"
#include "dialect/finish_words.hpp"
#include "dialect/usage_words.hpp"

namespace flotte::dialect::anthropic {
namespace {

using detail::JsonWriter;
using detail::member;
using detail::Value;

bool is_answer(const Value& body) { return member(body, "content").is_array(); }

void read_answer(const Value& body, llm::Answer& answer, Ledger& ledger) {
  answer.id = member(body, "id").text();
  answer.model = member(body, "model").text();
  UsageReader usage;
  usage.take(Format::anthropic, member(body, "usage"));
  answer.usage = usage.usage();
  answer.parts = read_content(member(body, "content"), Place("content"), ledger);
  answer.finish = parse_finish(Format::anthropic, member(body, "stop_reason").text());
  answer.stop_sequence = member(body, "stop_sequence").text();
}

std::string write_answer(const llm::Answer& answer, const ReplyContext& context, Ledger& ledger) {
  std::string out;
  JsonWriter w(out);
  w.open('{').pair("id", answer.id.empty() ? "msg_" + context.request_id : answer.id).pair("type", "message").pair("role", "assistant");
  w.pair("model", answer.model).key("content").open('[');
  const Place content("content");
  for (std::size_t i = 0; i < answer.parts.size(); ++i) {
    // Of an answer, unlike of a request, thinking without a signature may be shown.
    const auto* thought = answer.parts[i].as<llm::Reasoning>();
    if (thought && thought->encrypted.empty() && thought->signature.empty())
      w.open('{').pair("type", "thinking").pair("thinking", thought->text).pair("signature", "").close('}');
    else
      write_part(w, answer.parts[i], Place(content, i), ledger);
  }
  w.close(']').pair("stop_reason", finish_word(Format::anthropic, answer.finish)).key("stop_sequence");
  answer.stop_sequence.empty() || answer.finish != llm::Finish::stop_sequence ? w.null() : w.text(answer.stop_sequence);
  write_usage(w, Format::anthropic, answer.usage);
  w.close('}');
  return out;
}

std::unique_ptr<detail::StreamReader> make_reader(Ledger& ledger, const ReplyContext&) { return std::make_unique<StreamReader>(ledger); }
std::unique_ptr<detail::StreamWriter> make_writer(std::string& out, const ReplyContext& context) {
  return std::make_unique<StreamWriter>(out, context);
}

}  // namespace

constinit const detail::Codec codec{
    .format = Format::anthropic,
    .parse_request = parse_request,
    .write_answer = write_answer,
    .make_writer = make_writer,
    .write_request = write_request,
    .is_answer = is_answer,
    .read_answer = read_answer,
    .make_reader = make_reader,
};

}  // namespace flotte::dialect::anthropic
