// Ollama's embed, and its older embeddings. Source: Ollama's document docs/api.md.
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
  const auto add = [&request](std::string text) {
    request.inputs.push_back({.text = std::move(text), .tokens = {}, .task = {}, .title = {}});
  };
  if (value.is_string()) return add(value.text());
  if (!value.is_array()) return ledger.wrong(place, "is neither text nor an array of texts");
  for (Elements e(value); e.next();) {
    if (!e.is_string()) return ledger.wrong(Place(place, e.index()), "is not text");
    add(e.text());
  }
}

/// What both requests have beside their text.
void read_common(const Fields& f, Request& request, Ledger& ledger) {
  if (f.is("model"))
    request.model = f.text();
  else if (f.is("keep_alive") || f.is("options"))
    ledger.meet(Feature::engine_options, Place(f.key()));
  else if (f.is("truncate"))
    ledger.meet(Feature::truncation, Place(f.key()));
  else
    ledger.meet(Feature::unknown_field, Place(f.key()));
}

void parse_request(const Value& body, Request& request, Ledger& ledger) {
  for (Fields f(body); f.next();) {
    if (f.is_null()) continue;
    if (f.is("input"))
      read_input(f, request, ledger);
    else if (f.is("dimensions"))
      request.dimensions = f.whole();
    else
      read_common(f, request, ledger);
  }
  if (request.inputs.empty()) ledger.wrong(Place("input"), "is missing or empty");
}

void parse_old(const Value& body, Request& request, Ledger& ledger) {
  for (Fields f(body); f.next();) {
    if (f.is_null()) continue;
    if (f.is("prompt"))
      request.inputs.assign(1, {.text = f.text(), .tokens = {}, .task = {}, .title = {}});
    else
      read_common(f, request, ledger);
  }
  if (request.inputs.empty()) ledger.wrong(Place("prompt"), "is missing");
}

std::string write_request(const Request& request, Ledger& ledger) {
  std::string out;
  JsonWriter w(out);
  w.open('{').pair("model", request.model).key("input").open('[');
  for (const Input& input : request.inputs) {
    if (!input.task.empty() || !input.title.empty()) ledger.meet(Feature::embedding_task, Place("taskType"));
    w.text(input.text);
  }
  w.close(']');
  if (request.dimensions) w.key("dimensions").whole(*request.dimensions);
  if (!request.user.empty()) ledger.meet(Feature::user, Place("user"));
  // Else what is too long is cut off without a word.
  w.key("truncate").boolean(false).close('}');
  return out;
}

bool read_answer(const Value& body, Answer& answer) {
  answer.model = member(body, "model").text();
  answer.usage.input_tokens = member(body, "prompt_eval_count").whole().value_or(-1);
  const Value list = member(body, "embeddings");
  if (!list.is_array()) return false;
  for (Elements e(list); e.next();) {
    if (!is_vector(e)) return false;
    answer.vectors.emplace_back(e.raw);
  }
  return true;
}

std::string write_answer(const Answer& answer, bool) {
  std::string out;
  JsonWriter w(out);
  w.open('{').pair("model", answer.model).key("embeddings").open('[');
  for (const std::string& vector : answer.vectors) w.raw(vector);
  w.close(']').key("total_duration").whole(0).key("load_duration").whole(0);
  w.key("prompt_eval_count").whole(answer.usage.input_tokens).close('}');
  return out;
}

std::string write_old_answer(const Answer& answer, bool) {
  std::string out;
  JsonWriter w(out);
  w.open('{').key("embedding").raw(answer.vectors.front()).close('}');
  return out;
}

}  // namespace

constinit const Codec ollama{parse_request, write_answer, write_request, read_answer};
constinit const Codec ollama_old{parse_old, write_old_answer, nullptr, nullptr};

}  // namespace flotte::dialect::embeddings
