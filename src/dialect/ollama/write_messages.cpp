// A message has one text and its pictures beside it; each result of a tool is a message that names its tool.
#include "dialect/ollama/write_messages.hpp"

#include <algorithm>
#include <utility>

#include "dialect/detail/json_writer.hpp"
#include "dialect/openai_chat/stream.hpp"

namespace flotte::dialect::ollama {
namespace {

using detail::JsonWriter;
using llm::Part;

void join(std::string& text, std::string_view more, std::string_view between) {
  if (!text.empty()) text.append(between);
  text.append(more);
}

class Writer {
 public:
  Writer(std::string_view instruction, Ledger& ledger) : instruction_(instruction), ledger_(ledger), w_(out_) {}

  void add(const llm::Message& message, const Place& place) {
    if (message.role == llm::Role::tool) return add_results(message, place);
    flush_media();
    if (!message.name.empty()) ledger_.meet(Feature::participant_name, Place(place, "name"));
    if (message.role == llm::Role::assistant) return add_assistant(message, place);
    message.role == llm::Role::user ? add_user(message, place) : add_system(message, place);
  }

  void add_instruction() {
    if (!instruction_.empty()) w_.open('{').pair("role", "system").pair("content", std::exchange(instruction_, {})).close('}');
  }

  std::string take() {
    flush_media();
    return std::move(out_);
  }

 private:
  struct Content {
    std::string text, images;
  };

  void write(std::string_view role, const Content& content) {
    w_.open('{').pair("role", role).pair("content", content.text);
    if (!content.images.empty()) w_.key("images").open('[').raw(content.images).close(']');
    w_.close('}');
  }

  void add_system(const llm::Message& message, const Place& place) {
    Content content;
    for (const Part& part : message.parts) {
      const auto* text = part.as<llm::Text>();
      text ? join(content.text, text->text, "\n\n") : ledger_.wrong(place, "has something else than text");
    }
    if (!instruction_.empty()) join(content.text, std::exchange(instruction_, {}), "\n\n");
    write("system", content);
  }

  void add_user(const llm::Message& message, const Place& place) {
    Content content;
    for (std::size_t i = 0; i < message.parts.size(); ++i) add_part(content, message.parts[i], Place(place, i));
    write("user", content);
  }

  void add_part(Content& content, const Part& part, const Place& place) {
    if (const auto* text = part.as<llm::Text>())
      join(content.text, text->text, "\n");
    else if (const auto* image = part.as<llm::Image>())
      add_image(content, *image, place);
    else if (const auto* document = part.as<llm::Document>())
      add_document(content, *document, place);
    else if (part.as<llm::Audio>())
      ledger_.meet(Feature::audio, place);
    else if (part.as<llm::Video>())
      ledger_.meet(Feature::video, place);
    else
      ledger_.wrong(place, "is a part that only an assistant's message can have");
  }

  void add_image(Content& content, const llm::Image& image, const Place& place) {
    if (!image.media.file_id.empty()) return void(ledger_.meet(Feature::image_file, place));
    if (!image.media.url.empty()) return void(ledger_.meet(Feature::image_url, place));
    if (!image.detail.empty()) ledger_.meet(Feature::image_detail, place);
    JsonWriter(content.images).text(image.media.base64);
  }

  void add_document(Content& content, const llm::Document& document, const Place& place) {
    const llm::Media& media = document.media;
    if (!media.file_id.empty()) return void(ledger_.meet(Feature::document_file, place));
    if (!media.url.empty()) return void(ledger_.meet(Feature::document_url, place));
    if (!media.base64.empty()) return void(ledger_.meet(Feature::document_base64, place));
    ledger_.meet(Feature::document_text, place);
    join(content.text, media.name.empty() ? media.plain : media.name + "\n\n" + media.plain, "\n");
  }

  void add_results(const llm::Message& message, const Place& place) {
    for (std::size_t i = 0; i < message.parts.size(); ++i)
      if (const auto* result = message.parts[i].as<llm::ToolResult>()) add_result(*result, Place(place, i));
  }

  void add_result(const llm::ToolResult& result, const Place& place) {
    if (result.error) ledger_.meet(Feature::tool_result_error, place);
    Content content;
    for (std::size_t i = 0; i < result.parts.size(); ++i) {
      const Place here(place, i);
      if (result.parts[i].as<llm::Image>()) {
        ledger_.meet(Feature::tool_result_media, here);
        if (content.images.empty()) join(media_.text, "Part of the result of the tool call " + result.call_id + ":", "\n");
      }
      add_part(content, result.parts[i], here);
    }
    if (!content.images.empty()) JsonWriter(media_.images).raw(content.images);
    if (content.text.empty() && !content.images.empty()) content.text = "(The result follows in the next message of the user.)";
    w_.open('{').pair("role", "tool").pair("content", (result.error ? "Error: " : "") + content.text);
    if (const std::string name = tool_of(result); !name.empty()) w_.pair("tool_name", name);
    w_.pair("tool_call_id", result.call_id).close('}');
  }

  std::string tool_of(const llm::ToolResult& result) const {
    const auto call = std::find_if(calls_.rbegin(), calls_.rend(), [&](const llm::ToolCall* c) { return c->id == result.call_id; });
    return call == calls_.rend() ? result.name : (*call)->name;
  }

  void flush_media() {
    if (!media_.images.empty()) write("user", std::exchange(media_, {}));
  }

  void add_assistant(const llm::Message& message, const Place& place) {
    std::string text, calls, thinking;
    std::size_t count = 0;
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      const Part& part = message.parts[i];
      const Place here(place, i);
      if (!part.signature.empty()) ledger_.meet(Feature::part_signature, here);
      if (const auto* words = part.as<llm::Text>()) {
        text += words->text;
      } else if (const auto* refusal = part.as<llm::Refusal>()) {
        text += refusal->text;
      } else if (const auto* call = part.as<llm::ToolCall>()) {
        write_call(calls, *call, {.index = count++}, here, ledger_);
        calls_.push_back(call);
      } else if (const auto* thought = part.as<llm::Reasoning>()) {
        if (!thought->encrypted.empty()) ledger_.meet(Feature::reasoning_encrypted, here);
        if (!thought->signature.empty()) ledger_.meet(Feature::reasoning_past, here);
        thinking += thought->text;
      } else {
        ledger_.wrong(here, "is a part that an assistant's message cannot have");
      }
    }
    w_.open('{').pair("role", "assistant").pair("content", text);
    if (!thinking.empty()) w_.pair("thinking", thinking);
    if (!calls.empty()) w_.key("tool_calls").open('[').raw(calls).close(']');
    w_.close('}');
  }

  std::string_view instruction_;
  Ledger& ledger_;
  std::string out_;
  Content media_;  // of results, for a message behind them
  std::vector<const llm::ToolCall*> calls_;
  JsonWriter w_;
};

}  // namespace

void write_call(std::string& out, const llm::ToolCall& call, const CallPlace& where, const Place& place, Ledger& ledger) {
  JsonWriter w(out);
  w.open('{');
  if (!call.id.empty()) w.pair("id", call.id);
  w.key("function").open('{').key("index").whole(static_cast<std::int64_t>(where.index)).pair("name", call.name).key("arguments");
  if (call.broken.empty()) {
    w.raw(call.arguments.empty() ? "{}" : call.arguments.text);
  } else {
    ledger.meet(Feature::broken_arguments, place);
    w.open('{').pair("arguments", call.broken).close('}');
  }
  w.close('}');
  if (!where.signature.empty()) openai_chat::write_signature(w, where.signature);
  w.close('}');
}

std::string write_messages(const llm::Request& request, std::string_view instruction, Ledger& ledger) {
  Writer writer(instruction, ledger);
  const Place messages("messages");
  const auto is_system = [](const llm::Message& m) { return m.role == llm::Role::system || m.role == llm::Role::developer; };
  if (std::none_of(request.messages.begin(), request.messages.end(), is_system)) writer.add_instruction();
  for (std::size_t i = 0; i < request.messages.size(); ++i) writer.add(request.messages[i], Place(messages, i));
  return writer.take();
}

}  // namespace flotte::dialect::ollama
