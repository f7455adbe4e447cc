// Gemini's embedContent and batchEmbedContents. Source: Gemini API reference, "Embeddings". Members may be written in snake case, as in
// all of Google's APIs.
#include "dialect/detail/json_writer.hpp"
#include "dialect/embeddings/embedding.hpp"

namespace flotte::dialect::embeddings {
namespace {

using detail::Elements;
using detail::Fields;
using detail::JsonWriter;
using detail::member;
using detail::Value;

/// The texts of the parts, joined.
std::string read_content(const Value& content, const Place& place, Ledger& ledger) {
  const Place parts(place, "parts");
  std::string text;
  if (content.is_string()) return content.text();
  for (Elements e(member(content, "parts")); e.next();) {
    const Value words = member(e, "text");
    if (!words.is_string()) {
      ledger.meet(Feature::embedding_media, Place(parts, e.index()));
      continue;
    }
    if (!text.empty()) text += '\n';
    text += words.text();
  }
  return text;
}

void read_one(const Value& body, const Place& place, Request& request, Ledger& ledger) {
  Input input;
  bool content = false;
  for (Fields f(body); f.next();) {
    const Place here(place, f.key());
    if (f.is_null() || f.is("model")) continue;
    if (f.is("content")) {
      input.text = read_content(f, here, ledger);
      content = true;
    } else if (f.is("taskType") || f.is("task_type")) {
      input.task = f.text();
    } else if (f.is("title")) {
      input.title = f.text();
    } else if (f.is("outputDimensionality") || f.is("output_dimensionality")) {
      if (request.dimensions && request.dimensions != f.whole())
        ledger.wrong(here, "differs from that of another request in this batch");
      else
        request.dimensions = f.whole();
    } else {
      ledger.meet(Feature::unknown_field, here);
    }
  }
  if (!content) ledger.wrong(Place(place, "content"), "is missing");
  request.inputs.push_back(std::move(input));
}

void parse_request(const Value& body, Request& request, Ledger& ledger) { read_one(body, Place(""), request, ledger); }

void parse_batch(const Value& body, Request& request, Ledger& ledger) {
  const Place requests("requests");
  for (Elements e(member(body, "requests")); e.next();) read_one(e, Place(requests, e.index()), request, ledger);
  if (request.inputs.empty()) ledger.wrong(requests, "is missing or empty");
}

std::string write_batch(const Request& request, Ledger& ledger) {
  constexpr std::size_t most = 100;
  if (request.inputs.size() > most)
    ledger.wrong(Place("input"), "has more than 100 texts, which is the most that Gemini takes in one call");
  const std::string name = request.model.find('/') == std::string::npos ? "models/" + request.model : request.model;
  std::string out;
  JsonWriter w(out);
  w.open('{').key("requests").open('[');
  for (const Input& input : request.inputs) {
    w.open('{').pair("model", name).key("content").open('{').key("parts").open('[').open('{').pair("text", input.text);
    w.close('}').close(']').close('}');
    if (!input.task.empty()) w.pair("taskType", input.task);
    if (!input.title.empty()) w.pair("title", input.title);
    if (request.dimensions) w.key("outputDimensionality").whole(*request.dimensions);
    w.close('}');
  }
  w.close(']').close('}');
  if (!request.user.empty()) ledger.meet(Feature::user, Place("user"));
  return out;
}

bool read_batch(const Value& body, Answer& answer) {
  const Value list = member(body, "embeddings");
  if (!list.is_array()) return false;
  for (Elements e(list); e.next();) {
    const Value values = member(e, "values");
    if (!is_vector(values)) return false;
    answer.vectors.emplace_back(values.raw);
  }
  answer.usage.input_tokens = member(member(body, "usageMetadata"), "promptTokenCount").whole().value_or(-1);
  return true;
}

void write_usage(JsonWriter& w, const Answer& answer) {
  w.key("usageMetadata").open('{').key("promptTokenCount").whole(answer.usage.input_tokens).close('}');
}

std::string write_answer(const Answer& answer, bool) {
  std::string out;
  JsonWriter w(out);
  w.open('{').key("embedding").open('{').key("values").raw(answer.vectors.front()).close('}');
  write_usage(w, answer);
  w.close('}');
  return out;
}

std::string write_batch_answer(const Answer& answer, bool) {
  std::string out;
  JsonWriter w(out);
  w.open('{').key("embeddings").open('[');
  for (const std::string& vector : answer.vectors) w.open('{').key("values").raw(vector).close('}');
  w.close(']');
  write_usage(w, answer);
  w.close('}');
  return out;
}

}  // namespace

constinit const Codec gemini{parse_request, write_answer, nullptr, nullptr};
constinit const Codec gemini_batch{parse_batch, write_batch_answer, write_batch, read_batch};

}  // namespace flotte::dialect::embeddings
