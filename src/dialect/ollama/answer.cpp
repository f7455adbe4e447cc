// Whole answers of Ollama's chat and generate, and the two rows of the table of formats.
#include "dialect/detail/codec.hpp"
#include "dialect/finish_words.hpp"
#include "dialect/ollama/lines.hpp"
#include "dialect/ollama/read_message.hpp"
#include "dialect/ollama/request.hpp"
#include "dialect/ollama/stream.hpp"
#include "dialect/ollama/write_messages.hpp"

namespace flotte::dialect {
namespace ollama {
namespace {

using detail::JsonWriter;
using detail::member;
using detail::Value;

bool is_answer(const Value& body) { return member(body, "message").is_object() && member(body, "done").is_true(); }

void read_answer(const Value& body, llm::Answer& answer, Ledger& ledger) {
  answer.model = member(body, "model").text();
  answer.usage = read_usage(body);
  answer.parts = read_message(member(body, "message"), Place("message"), ledger, "assistant").parts;
  answer.finish = parse_finish(Format::ollama, member(body, "done_reason").text());
  std::erase_if(answer.parts, [](const llm::Part& part) {
    const auto* text = part.as<llm::Text>();
    return text && text->text.empty();
  });
}

std::string write_line(const llm::Answer& answer, const ReplyContext& context, Line line, Ledger& ledger) {
  std::string content, thinking, calls;
  std::size_t count = 0;
  const Place parts("content");
  for (std::size_t i = 0; i < answer.parts.size(); ++i) {
    const llm::Part& part = answer.parts[i];
    const Place here(parts, i);
    if (const auto* text = part.as<llm::Text>()) content += text->text;
    if (const auto* refusal = part.as<llm::Refusal>()) content += refusal->text;
    if (const auto* thought = part.as<llm::Reasoning>()) {
      thinking += thought->text;
      if (!thought->encrypted.empty()) ledger.meet(Feature::reasoning_encrypted, here);
    }
    const auto* call = part.as<llm::ToolCall>();
    if (call && line == Line::chat) write_call(calls, *call, {.index = count++, .signature = part.signature}, here, ledger);
  }
  std::string out;
  JsonWriter w(out);
  begin_line(w, line, answer.model, {.content = content, .thinking = thinking, .calls = calls}, context);
  end_line(w, answer.finish, answer.usage, {}, context);
  return out;
}

std::string write_chat_answer(const llm::Answer& answer, const ReplyContext& context, Ledger& ledger) {
  return write_line(answer, context, Line::chat, ledger);
}
std::string write_generate_answer(const llm::Answer& answer, const ReplyContext& context, Ledger& ledger) {
  return write_line(answer, context, Line::generate, ledger);
}

std::unique_ptr<detail::StreamReader> make_reader(Ledger& ledger, const ReplyContext& context) {
  return std::make_unique<StreamReader>(ledger, context);
}
std::unique_ptr<detail::StreamWriter> make_chat_writer(std::string& out, const ReplyContext& context) {
  return std::make_unique<StreamWriter>(out, context, Line::chat);
}
std::unique_ptr<detail::StreamWriter> make_generate_writer(std::string& out, const ReplyContext& context) {
  return std::make_unique<StreamWriter>(out, context, Line::generate);
}

}  // namespace

constinit const detail::Codec codec{
    .format = Format::ollama,
    .framing = detail::Framing::lines,
    .parse_request = parse_chat,
    .write_answer = write_chat_answer,
    .make_writer = make_chat_writer,
    .write_request = write_request,
    .is_answer = is_answer,
    .read_answer = read_answer,
    .make_reader = make_reader,
};

}  // namespace ollama

namespace ollama_generate {

constinit const detail::Codec codec{
    .format = Format::ollama_generate,
    .framing = detail::Framing::lines,
    .parse_request = ollama::parse_generate,
    .write_answer = ollama::write_generate_answer,
    .make_writer = ollama::make_generate_writer,
};

}  // namespace ollama_generate
}  // namespace flotte::dialect
