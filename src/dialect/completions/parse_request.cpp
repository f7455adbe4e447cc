// A completions request, member by member.
#include "dialect/completions/request.hpp"

#include <array>

#include "dialect/detail/fields.hpp"

namespace flotte::dialect::completions {
namespace {

using detail::Elements;
using detail::Fields;
using detail::Value;
using llm::Request;

/// A text, or a list of one. Several are several answers, and tokens are known to one model only.
void read_prompt(const Value& value, Request& request, Ledger& ledger) {
  const Place prompt("prompt");
  std::optional<std::string> text;
  if (value.is_string()) text = value.text();
  for (Elements e(value); e.next();) {
    if (!e.is_string()) return ledger.wrong(prompt, "is a list of tokens, which only the model's own server can read; send text");
    if (text) return void(ledger.meet(Feature::several_answers, prompt));
    text = e.text();
  }
  if (!text) return ledger.wrong(prompt, "is neither a text nor a list of one");
  request.messages.push_back({llm::Role::user, {{llm::Text{std::move(*text)}, {}, {}}}, {}});
}

void read_stop(const Value& value, Request& request, Ledger&) {
  if (value.is_string()) request.stop.push_back(value.text());
  for (Elements e(value); e.next();) request.stop.push_back(e.text());
}

void read_options(const Value& value, Request& request, Ledger&) {
  request.include_usage = detail::member(value, "include_usage").is_true();
}

/// Of `n` and `best_of`.
void read_count(const Value& value, Ledger& ledger, std::string_view name) {
  if (value.whole() != 1) ledger.meet(Feature::several_answers, Place(name));
}

struct Member {
  std::string_view name;
  void (*read)(const Value&, Request&, Ledger&);
};
constexpr std::array members{
    Member{"model", [](const Value& v, Request& r, Ledger&) { r.model = v.text(); }},
    Member{"prompt", read_prompt},
    Member{"max_tokens", [](const Value& v, Request& r, Ledger&) { r.max_tokens = v.whole(); }},
    Member{"stream", [](const Value& v, Request& r, Ledger&) { r.stream = v.is_true(); }},
    Member{"stream_options", read_options},
    Member{"stop", read_stop},
    Member{"temperature", [](const Value& v, Request& r, Ledger&) { r.sampling.temperature = v.number(); }},
    Member{"top_p", [](const Value& v, Request& r, Ledger&) { r.sampling.top_p = v.number(); }},
    Member{"top_k", [](const Value& v, Request& r, Ledger&) { r.sampling.top_k = v.whole(); }},
    Member{"seed", [](const Value& v, Request& r, Ledger&) { r.sampling.seed = v.whole(); }},
    Member{"presence_penalty", [](const Value& v, Request& r, Ledger&) { r.sampling.presence_penalty = v.number(); }},
    Member{"frequency_penalty", [](const Value& v, Request& r, Ledger&) { r.sampling.frequency_penalty = v.number(); }},
    Member{"user", [](const Value& v, Request& r, Ledger&) { r.user = v.text(); }},
    Member{"n", [](const Value& v, Request&, Ledger& l) { read_count(v, l, "n"); }},
    Member{"best_of", [](const Value& v, Request&, Ledger& l) { read_count(v, l, "best_of"); }},
    Member{"logprobs", [](const Value&, Request&, Ledger& l) { l.meet(Feature::raw_prompt, Place("logprobs")); }},
    Member{"logit_bias", [](const Value&, Request&, Ledger& l) { l.meet(Feature::logit_bias, Place("logit_bias")); }},
    Member{"suffix",
           [](const Value& v, Request&, Ledger& l) {
             if (!v.text().empty()) l.meet(Feature::raw_prompt, Place("suffix"));
           }},
    Member{"echo",
           [](const Value& v, Request&, Ledger& l) {
             if (v.is_true()) l.meet(Feature::raw_prompt, Place("echo"));
           }},
};

void read_member(const Fields& f, Request& request, Ledger& ledger) {
  for (const Member& m : members)
    if (f.is(m.name)) return m.read(f, request, ledger);
  ledger.meet(Feature::unknown_field, Place(f.key()));
}

}  // namespace

Result<Request> parse_request(std::string_view body, Ledger& ledger) {
  Request request;
  Fields f(body);
  while (f.next())
    if (!f.is_null()) read_member(f, request, ledger);
  if (!f.ok()) return Failure(f.error());
  if (request.model.empty()) ledger.wrong(Place("model"), "is missing");
  if (request.messages.empty()) ledger.wrong(Place("prompt"), "is missing");
  return request;
}

}  // namespace flotte::dialect::completions
