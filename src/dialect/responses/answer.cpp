// Whole answers of OpenAI Responses.
#include "dialect/detail/codec.hpp"
#include "dialect/finish_words.hpp"
#include "dialect/responses/output.hpp"
#include "dialect/responses/read_items.hpp"
#include "dialect/responses/request.hpp"
#include "dialect/responses/stream.hpp"
#include "dialect/usage_words.hpp"

namespace flotte::dialect::responses {
namespace {

using detail::JsonWriter;
using detail::member;
using detail::Value;

/// One that failed is an error: it has no status of an answer, and `error` tells why.
bool is_answer(const Value& body) {
  const std::string status = member(body, "status").text();
  return member(body, "output").is_array() && status != "failed" && status != "cancelled" && status != "queued" && status != "in_progress";
}

void read_answer(const Value& body, llm::Answer& answer, Ledger& ledger) {
  answer.id = member(body, "id").text();
  answer.model = member(body, "model").text();
  UsageReader usage;
  usage.take(Format::responses, member(body, "usage"));
  answer.usage = usage.usage();
  answer.finish = finish_of(body);
  const Place output("output");
  for (detail::Elements e(member(body, "output")); e.next();) {
    const Place here(output, e.index());
    if (!read_output_item(e, here, answer.parts, ledger)) ledger.meet(Feature::unknown_field, here);
  }
}

void write_part(JsonWriter& w, const llm::Part& part, const Place& place, ResponseText& response, Ledger& ledger) {
  using Kind = llm::PartKind;
  if (const auto* text = part.as<llm::Text>())
    write_words(w, response.next_id("msg_"), Kind::text, text->text, Status::completed);
  else if (const auto* refusal = part.as<llm::Refusal>())
    write_words(w, response.next_id("msg_"), Kind::refusal, refusal->text, Status::completed);
  else if (const auto* thought = part.as<llm::Reasoning>())
    write_thought(w, response.next_id("rs_"), *thought);
  else if (const auto* call = part.as<llm::ToolCall>()) {
    const NamedCall named = response.name_call(call->id, call->name);
    const std::string& arguments = call->broken.empty() ? call->arguments.text : call->broken;
    write_call(w, response.next_id(named.prefix()), named, named.free_text ? unwrap_input(arguments) : arguments, Status::completed);
    if (!part.signature.empty()) write_call_signature(w, response.next_id("rs_"), call->id, part.signature);
  } else {
    ledger.meet(Feature::output_media, place);
  }
}

std::string write_answer(const llm::Answer& answer, const ReplyContext& context, Ledger& ledger) {
  ResponseText response(context);
  response.begin(answer.id, answer.model);
  std::string items, out;
  JsonWriter list(items);
  const Place content("content");
  for (std::size_t i = 0; i < answer.parts.size(); ++i) write_part(list, answer.parts[i], Place(content, i), response, ledger);
  JsonWriter w(out);
  response.write(w, {.status = status_of(answer.finish), .finish = answer.finish, .usage = answer.usage, .output = items});
  return out;
}

std::unique_ptr<detail::StreamReader> make_reader(Ledger& ledger, const ReplyContext& context) {
  return std::make_unique<StreamReader>(ledger, context);
}
std::unique_ptr<detail::StreamWriter> make_writer(std::string& out, const ReplyContext& context) {
  return std::make_unique<StreamWriter>(out, context);
}

}  // namespace

llm::Finish finish_of(const Value& response) {
  if (member(response, "status").text() != "incomplete") return llm::Finish::end_turn;
  const std::string reason = member(member(response, "incomplete_details"), "reason").text();
  const llm::Finish finish = parse_finish(Format::responses, reason);
  const bool known = finish == llm::Finish::max_tokens || finish == llm::Finish::filtered;
  return known ? finish : llm::Finish::max_tokens;  // whatever it was, it is not whole
}

constinit const detail::Codec codec{
    .format = Format::responses,
    .stops = false,
    .parse_request = parse_request,
    .write_answer = write_answer,
    .make_writer = make_writer,
    .write_request = write_request,
    .is_answer = is_answer,
    .read_answer = read_answer,
    .make_reader = make_reader,
};

}  // namespace flotte::dialect::responses
