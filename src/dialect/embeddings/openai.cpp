// OpenAI's embeddings. Source: OpenAI API reference, "Create embeddings"; Mistral's fields where they mean the same.
#include "dialect/detail/json_writer.hpp"
#include "dialect/embeddings/embedding.hpp"

namespace flotte::dialect::embeddings {
namespace {

using detail::Elements;
using detail::Fields;
using detail::JsonWriter;
using detail::member;
using detail::Value;

void read_input(const Value& value, Request& request, Ledger& ledger) {
  const Place place("input");
  if (value.is_string()) return void(request.inputs.push_back({.text = value.text(), .tokens = {}, .task = {}, .title = {}}));
  if (!value.is_array()) return ledger.wrong(place, "is neither text nor an array");
  if (!value.empty_array() && is_vector(value)) {
    request.inputs.push_back({.text = {}, .tokens = std::string(value.raw), .task = {}, .title = {}});
    return void(ledger.meet(Feature::embedding_tokens, place));
  }
  for (Elements e(value); e.next();) {
    const Place here(place, e.index());
    if (e.is_string())
      request.inputs.push_back({.text = e.text(), .tokens = {}, .task = {}, .title = {}});
    else if (!is_vector(e))
      return ledger.wrong(here, "is neither text nor an array of tokens");
    else if (ledger.meet(Feature::embedding_tokens, here))
      request.inputs.push_back({.text = {}, .tokens = std::string(e.raw), .task = {}, .title = {}});
  }
}

void parse_request(const Value& body, Request& request, Ledger& ledger) {
  for (Fields f(body); f.next();) {
    if (f.is_null()) continue;
    if (f.is("model"))
      request.model = f.text();
    else if (f.is("input"))
      read_input(f, request, ledger);
    else if (f.is("dimensions") || f.is("output_dimension"))  // the second: Mistral
      request.dimensions = f.whole();
    else if (f.is("encoding_format"))
      request.base64 = f.text() == "base64";
    else if (f.is("user"))
      request.user = f.text();
    else
      ledger.meet(Feature::unknown_field, Place(f.key()));
  }
  if (request.inputs.empty()) ledger.wrong(Place("input"), "is missing or empty");
}

std::string write_request(const Request& request, Ledger& ledger) {
  std::string out;
  JsonWriter w(out);
  w.open('{').pair("model", request.model).key("input").open('[');
  for (const Input& input : request.inputs) {
    if (!input.task.empty() || !input.title.empty()) ledger.meet(Feature::embedding_task, Place("taskType"));
    input.tokens.empty() ? w.text(input.text) : w.raw(input.tokens);
  }
  w.close(']');
  if (request.dimensions) w.key("dimensions").whole(*request.dimensions);
  w.pair("encoding_format", "float");
  if (!request.user.empty()) w.pair("user", request.user);
  w.close('}');
  return out;
}

bool read_answer(const Value& body, Answer& answer) {
  answer.model = member(body, "model").text();
  answer.usage.input_tokens = member(member(body, "usage"), "prompt_tokens").whole().value_or(-1);
  const Value data = member(body, "data");
  if (!data.is_array()) return false;
  for (Elements e(data); e.next();) {
    const auto index = member(e, "index").whole().value_or(static_cast<std::int64_t>(e.index()));
    const Value vector = member(e, "embedding");
    auto numbers = vector.is_string() ? unpack_vector(vector.text()) : std::optional(std::string(vector.raw));
    if (!numbers || (!vector.is_string() && !is_vector(vector)) || index < 0 || index > 100'000) return false;
    const auto at = static_cast<std::size_t>(index);
    if (at >= answer.vectors.size()) answer.vectors.resize(at + 1);
    answer.vectors[at] = std::move(*numbers);
  }
  return true;
}

std::string write_answer(const Answer& answer, bool base64) {
  std::string out;
  JsonWriter w(out);
  w.open('{').pair("id", answer.id).pair("object", "list").key("data").open('[');
  for (std::size_t i = 0; i < answer.vectors.size(); ++i) {
    w.open('{').pair("object", "embedding").key("index").whole(static_cast<std::int64_t>(i)).key("embedding");
    base64 ? w.text(pack_vector(answer.vectors[i]).value_or("")) : w.raw(answer.vectors[i]);
    w.close('}');
  }
  w.close(']').pair("model", answer.model).key("usage").open('{').key("prompt_tokens").whole(answer.usage.input_tokens);
  // The id and this one for Mistral's clients, which insist on them.
  w.key("completion_tokens").whole(0).key("total_tokens").whole(answer.usage.input_tokens).close('}').close('}');
  return out;
}

}  // namespace

constinit const Codec openai{parse_request, write_answer, write_request, read_answer};

}  // namespace flotte::dialect::embeddings
