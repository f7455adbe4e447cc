// Answers of OpenAI's legacy completions: text, and nothing beside it.
#include "dialect/completions/request.hpp"
#include "dialect/detail/codec.hpp"
#include "dialect/detail/json_writer.hpp"
#include "dialect/error_words.hpp"
#include "dialect/finish_words.hpp"
#include "dialect/usage_words.hpp"

namespace flotte::dialect::completions {
namespace {

using detail::JsonWriter;
using llm::Event;
using llm::PartKind;
using Kind = Event::Kind;

std::string answer_id(std::string_view id, const ReplyContext& context) {
  return id.empty() ? "cmpl-" + context.request_id : std::string(id);
}

struct Head {
  std::string_view id, model;
};
void begin(JsonWriter& w, const Head& head, const ReplyContext& context) {
  w.open('{').pair("id", head.id).pair("object", "text_completion").key("created").whole(context.created_s).pair("model", head.model);
}

void choice(JsonWriter& w, std::string_view text, std::string_view finish_reason) {
  w.key("choices").open('[').open('{').pair("text", text).key("index").whole(0).key("logprobs").null().key("finish_reason");
  finish_reason.empty() ? w.null() : w.text(finish_reason);
  w.close('}').close(']');
}

/// There were no tools to call: a server that says so has ended its text.
std::string_view reason_of(llm::Finish finish) {
  return finish_word(Format::openai_chat, finish == llm::Finish::tool_use ? llm::Finish::end_turn : finish);
}

std::string write_answer(const llm::Answer& answer, const ReplyContext& context, Ledger&) {
  std::string text, out;
  for (const llm::Part& part : answer.parts) {
    if (const auto* words = part.as<llm::Text>()) text += words->text;
    if (const auto* refusal = part.as<llm::Refusal>()) text += refusal->text;
  }
  JsonWriter w(out);
  begin(w, {answer_id(answer.id, context), answer.model}, context);
  choice(w, text, reason_of(answer.finish));
  write_usage(w, Format::openai_chat, answer.usage);
  w.close('}');
  return out;
}

class StreamWriter final : public detail::StreamWriter {
 public:
  StreamWriter(std::string& out, const ReplyContext& context) : out_(out), context_(context) {}

  void on_event(const Event& event) override {
    switch (event.kind) {
      case Kind::start:
        id_ = answer_id(event.id, context_);
        model_ = context_.model.empty() ? std::string(event.name) : context_.model;
        usage_ = event.usage;
        return;
      case Kind::part_delta:
        if (event.part_kind == PartKind::text || event.part_kind == PartKind::refusal) chunk(event.text, {});
        return;
      case Kind::usage: usage_ = event.usage; return;
      case Kind::finish: return chunk({}, reason_of(event.finish));
      case Kind::ping: out_ += ": ping\n\n"; return;
      case Kind::error:
        out_.append("data: ");
        out_.append(write_error(Format::completions, {std::string(event.name), {}, std::string(event.text), 0}, {})).append("\n\n");
        return;
      case Kind::end: return finish();
      case Kind::part_begin:
      case Kind::part_end:
      case Kind::signature: return;
    }
  }

 private:
  void chunk(std::string_view text, std::string_view finish_reason) {
    out_ += "data: ";
    JsonWriter w(out_);
    begin(w, {id_, model_}, context_);
    choice(w, text, finish_reason);
    w.close('}');
    out_ += "\n\n";
  }
  void finish() {
    if (context_.include_usage) {
      out_ += "data: ";
      JsonWriter w(out_);
      begin(w, {id_, model_}, context_);
      w.key("choices").raw("[]");
      write_usage(w, Format::openai_chat, usage_);
      w.close('}');
      out_ += "\n\n";
    }
    out_ += "data: [DONE]\n\n";
  }

  std::string& out_;
  const ReplyContext& context_;
  std::string id_, model_;
  llm::Usage usage_;
};

std::unique_ptr<detail::StreamWriter> make_writer(std::string& out, const ReplyContext& context) {
  return std::make_unique<StreamWriter>(out, context);
}

}  // namespace

constinit const detail::Codec codec{
    .format = Format::completions,
    .parse_request = parse_request,
    .write_answer = write_answer,
    .make_writer = make_writer,
};

}  // namespace flotte::dialect::completions
