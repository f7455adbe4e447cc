// One message of the vocabulary may be several items: words, calls, results and thoughts have one each.
#include "dialect/responses/write_items.hpp"

#include "dialect/detail/json_writer.hpp"
#include "dialect/detail/media_address.hpp"
#include "dialect/detail/thought_mark.hpp"
#include "dialect/responses/output.hpp"

namespace flotte::dialect::responses {
namespace {

using detail::JsonWriter;
using llm::Part;

std::string_view role_word(llm::Role role) {
  return role == llm::Role::system ? "system" : role == llm::Role::developer ? "developer" : "user";
}

class Writer {
 public:
  explicit Writer(Ledger& ledger) : ledger_(ledger), w_(out_) {}

  void add(const llm::Message& message, const Place& place) {
    if (!message.name.empty()) ledger_.meet(Feature::participant_name, Place(place, "name"));
    const bool many = message.role == llm::Role::assistant || message.role == llm::Role::tool;
    if (!many) return add_message(message, place);
    for (std::size_t i = 0; i < message.parts.size(); ++i) add_item(message.parts[i], Place(place, i));
  }
  std::string take() { return std::move(out_); }

 private:
  void add_message(const llm::Message& message, const Place& place) {
    w_.open('{').pair("type", "message").pair("role", role_word(message.role)).key("content");
    const auto* only = message.parts.size() == 1 ? message.parts[0].as<llm::Text>() : nullptr;
    if (only || message.parts.empty())
      w_.text(only ? only->text : "");
    else
      write_parts(message.parts, place);
    w_.close('}');
  }

  void write_parts(const std::vector<Part>& parts, const Place& place) {
    w_.open('[');
    for (std::size_t i = 0; i < parts.size(); ++i) write_part(parts[i], Place(place, i));
    w_.close(']');
  }

  void write_part(const Part& part, const Place& place) {
    if (!part.signature.empty()) ledger_.meet(Feature::part_signature, place);
    if (const auto* text = part.as<llm::Text>())
      w_.open('{').pair("type", "input_text").pair("text", text->text).close('}');
    else if (const auto* refusal = part.as<llm::Refusal>())
      w_.open('{').pair("type", "input_text").pair("text", refusal->text).close('}');
    else if (const auto* image = part.as<llm::Image>())
      write_image(*image, place);
    else if (const auto* document = part.as<llm::Document>())
      write_document(*document, place);
    else if (part.as<llm::Audio>())
      ledger_.meet(Feature::audio, place);
    else if (part.as<llm::Video>())
      ledger_.meet(Feature::video, place);
    else
      ledger_.wrong(place, "is a part that only an assistant's message can have");
  }

  void write_image(const llm::Image& image, const Place& place) {
    if (!image.media.file_id.empty()) return void(ledger_.meet(Feature::image_file, place));
    w_.open('{').pair("type", "input_image").pair("image_url", detail::address_of(image.media));
    w_.pair("detail", image.detail.empty() ? "auto" : image.detail).close('}');
  }

  void write_document(const llm::Document& document, const Place& place) {
    const llm::Media& media = document.media;
    if (!media.file_id.empty()) return void(ledger_.meet(Feature::document_file, place));
    if (!media.url.empty()) return void(w_.open('{').pair("type", "input_file").pair("file_url", media.url).close('}'));
    if (media.base64.empty()) {
      ledger_.meet(Feature::document_text, place);
      const std::string text = media.name.empty() ? media.plain : media.name + "\n\n" + media.plain;
      return void(w_.open('{').pair("type", "input_text").pair("text", text).close('}'));
    }
    w_.open('{').pair("type", "input_file").pair("filename", media.name.empty() ? "document.pdf" : media.name);
    w_.pair("file_data", detail::address_of(media)).close('}');
  }

  /// Of an assistant, or a result of a tool.
  void add_item(const Part& part, const Place& place) {
    if (!part.signature.empty()) ledger_.meet(Feature::part_signature, place);
    if (const auto* text = part.as<llm::Text>())
      add_words(llm::PartKind::text, text->text);
    else if (const auto* refusal = part.as<llm::Refusal>())
      add_words(llm::PartKind::refusal, refusal->text);
    else if (const auto* call = part.as<llm::ToolCall>())
      add_call(*call);
    else if (const auto* thought = part.as<llm::Reasoning>())
      add_thought(*thought, place);
    else if (const auto* result = part.as<llm::ToolResult>())
      add_result(*result, place);
    else
      ledger_.wrong(place, "is a part that an assistant's message cannot have");
  }

  void add_words(llm::PartKind kind, const std::string& text) {
    w_.open('{').pair("type", "message").pair("role", "assistant").key("content").open('[');
    w_.open('{');
    if (kind == llm::PartKind::refusal)
      w_.pair("type", "refusal").pair("refusal", text);
    else
      w_.pair("type", "output_text").pair("text", text).key("annotations").raw("[]");
    w_.close('}').close(']').close('}');
  }

  void add_call(const llm::ToolCall& call) {
    w_.open('{').pair("type", "function_call").pair("call_id", call.id).pair("name", call.name);
    w_.pair("arguments", call.broken.empty() ? call.arguments.text : call.broken).close('}');
  }

  void add_thought(const llm::Reasoning& thought, const Place& place) {
    if (is_own(thought)) return write_thought(w_, {}, thought);
    const bool encrypted = !thought.encrypted.empty();
    ledger_.meet(encrypted                   ? Feature::reasoning_encrypted
                 : thought.signature.empty() ? Feature::reasoning_unsigned
                                             : Feature::reasoning_past,
                 place);
  }

  void add_result(const llm::ToolResult& result, const Place& place) {
    w_.open('{').pair("type", "function_call_output").pair("call_id", result.call_id).key("output");
    if (result.error) ledger_.meet(Feature::tool_result_error, place);
    const std::string before = result.error ? "Error: " : "";
    const auto* only = result.parts.size() == 1 ? result.parts[0].as<llm::Text>() : nullptr;
    if (only || result.parts.empty())
      w_.text(before + (only ? only->text : ""));
    else if (!result.error)
      write_parts(result.parts, place);
    else {
      std::vector<Part> parts = result.parts;
      parts.insert(parts.begin(), {llm::Text{before}, {}, {}});
      write_parts(parts, place);
    }
    w_.close('}');
  }

  Ledger& ledger_;
  std::string out_;
  JsonWriter w_;
};

}  // namespace

bool is_own(const llm::Reasoning& thought) noexcept {
  const std::string& token = thought.encrypted.empty() ? thought.signature : thought.encrypted;
  return detail::read_thought_mark(token).maker == detail::openai_maker;
}

std::string write_items(const llm::Request& request, Ledger& ledger) {
  Writer writer(ledger);
  const Place messages("messages");
  for (std::size_t i = 0; i < request.messages.size(); ++i) writer.add(request.messages[i], Place(messages, i));
  return writer.take();
}

}  // namespace flotte::dialect::responses
