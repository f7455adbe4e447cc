// What one message of another dialect says may need several here: each result of a tool is a message, and its images follow in one more.
#include "dialect/openai_chat/write_messages.hpp"

#include <algorithm>
#include <utility>

#include "dialect/detail/json_writer.hpp"

namespace flotte::dialect::openai_chat {
namespace {

using detail::JsonWriter;
using llm::Part;

class Writer {
 public:
  Writer(const Target& target, Ledger& ledger) : target_(target), ledger_(ledger), w_(out_) {}

  void add(const llm::Message& message, const Place& place) {
    if (message.role == llm::Role::tool) return add_results(message, place);
    flush_media();
    if (message.role == llm::Role::assistant) return add_assistant(message, place);
    const bool developer = message.role == llm::Role::developer && !target_.system_role_for_developer;
    const bool system = message.role != llm::Role::user;
    after_results();
    const bool late = system && target_.mistral && !last_.empty() && last_ != "system";  // refused there
    begin(developer ? "developer" : system && !late ? "system" : "user", message.name);
    system ? write_joined(message, place) : write_parts(message, place);
    w_.close('}');
  }

  std::string take() {
    flush_media();
    return std::move(out_);
  }

 private:
  void begin(std::string_view role, const std::string& name) {
    w_.open('{').pair("role", role);
    if (!name.empty() && !target_.mistral) w_.pair("name", name);
    last_ = role;
  }

  /// Mistral lets only an assistant speak after a tool.
  void after_results() {
    if (!target_.mistral || last_ != "tool") return;
    begin("assistant", {});
    w_.pair("content", "I have read the results.").close('}');
  }

  /// Mistral's ids are nine letters and digits. Those of others become such, the same one each time.
  std::string id_of(const std::string& id) const {
    const auto plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (!target_.mistral || (id.size() == 9 && std::all_of(id.begin(), id.end(), plain))) return id;
    std::uint64_t hash = 14695981039346656037U;
    for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    std::string short_id;
    for (int i = 0; i < 9; ++i, hash /= 36) short_id += "0123456789abcdefghijklmnopqrstuvwxyz"[hash % 36];
    return short_id;
  }

  /// System prompts as one text: not every server reads parts there.
  void write_joined(const llm::Message& message, const Place& place) {
    std::string joined;
    for (const Part& part : message.parts) {
      const auto* text = part.as<llm::Text>();
      if (!text) ledger_.wrong(place, "has something else than text");
      if (text && !joined.empty()) joined += "\n\n";
      if (text) joined += text->text;
    }
    w_.pair("content", joined);
  }

  void write_parts(const llm::Message& message, const Place& place) {
    w_.key("content");
    const auto* only = message.parts.size() == 1 ? message.parts[0].as<llm::Text>() : nullptr;
    if (only || message.parts.empty()) return void(w_.text(only ? only->text : ""));
    w_.open('[');
    for (std::size_t i = 0; i < message.parts.size(); ++i) write_part(w_, message.parts[i], Place(place, i));
    w_.close(']');
  }

  void write_part(JsonWriter& w, const Part& part, const Place& place) {
    if (const auto* text = part.as<llm::Text>())
      w.open('{').pair("type", "text").pair("text", text->text).close('}');
    else if (const auto* image = part.as<llm::Image>())
      write_image(w, *image, place);
    else if (const auto* document = part.as<llm::Document>())
      write_document(w, *document, place);
    else if (const auto* audio = part.as<llm::Audio>())
      write_audio(w, *audio, place);
    else if (part.as<llm::Video>())
      ledger_.meet(Feature::video, place);
    else
      ledger_.wrong(place, "is a part that only an assistant's message can have");
  }

  void write_image(JsonWriter& w, const llm::Image& image, const Place& place) {
    const llm::Media& media = image.media;
    if (!media.file_id.empty()) return void(ledger_.meet(Feature::image_file, place));
    w.open('{').pair("type", "image_url").key("image_url").open('{');
    w.pair("url", media.url.empty() ? "data:" + media.media_type + ";base64," + media.base64 : media.url);
    if (!image.detail.empty()) w.pair("detail", image.detail);
    w.close('}').close('}');
  }

  void write_document(JsonWriter& w, const llm::Document& document, const Place& place) {
    const llm::Media& media = document.media;
    if (!media.file_id.empty()) return void(ledger_.meet(Feature::document_file, place));
    if (!media.url.empty()) return void(ledger_.meet(Feature::document_url, place));
    if (media.base64.empty()) {
      ledger_.meet(Feature::document_text, place);
      w.open('{').pair("type", "text").pair("text", media.name.empty() ? media.plain : media.name + "\n\n" + media.plain).close('}');
      return;
    }
    w.open('{').pair("type", "file").key("file").open('{').pair("filename", media.name.empty() ? "document.pdf" : media.name);
    w.pair("file_data", "data:" + media.media_type + ";base64," + media.base64).close('}').close('}');
  }

  void write_audio(JsonWriter& w, const llm::Audio& audio, const Place& place) {
    const std::string& type = audio.media.media_type;
    const bool mp3 = type == "audio/mp3" || type == "audio/mpeg";
    const bool wav = type == "audio/wav" || type == "audio/x-wav" || type == "audio/wave";
    if (audio.media.base64.empty()) return ledger_.wrong(place, "is audio that is not in place; send it as base64");
    if (!mp3 && !wav) return ledger_.wrong(place, "is audio that is neither WAV nor MP3; chat completions take only these");
    w.open('{').pair("type", "input_audio").key("input_audio").open('{');
    w.pair("data", audio.media.base64).pair("format", mp3 ? "mp3" : "wav").close('}').close('}');
  }

  void add_results(const llm::Message& message, const Place& place) {
    for (std::size_t i = 0; i < message.parts.size(); ++i)
      if (const auto* result = message.parts[i].as<llm::ToolResult>()) add_result(*result, Place(place, i));
  }

  void add_result(const llm::ToolResult& result, const Place& place) {
    std::string text = result.error ? "Error: " : "";
    if (result.error) ledger_.meet(Feature::tool_result_error, place);
    bool first = true, named = false;
    for (std::size_t i = 0; i < result.parts.size(); ++i) {
      const Part& part = result.parts[i];
      const Place here(place, i);
      if (const auto* words = part.as<llm::Text>()) {
        if (!std::exchange(first, false)) text += '\n';
        text += words->text;
        continue;
      }
      ledger_.meet(Feature::tool_result_media, here);
      JsonWriter media(media_);
      if (!std::exchange(named, true))
        media.open('{').pair("type", "text").pair("text", "Part of the result of the tool call " + result.call_id + ":").close('}');
      write_part(media, part, here);
    }
    if (first && named) text += "(The result follows in the next message of the user.)";
    begin("tool", {});
    w_.pair("tool_call_id", id_of(result.call_id)).pair("content", text).close('}');
  }

  void flush_media() {
    if (media_.empty()) return;
    after_results();
    begin("user", {});
    w_.key("content").open('[').raw(media_).close(']').close('}');
    media_.clear();
  }

  void add_assistant(const llm::Message& message, const Place& place) {
    std::string text, calls, reasoning;
    JsonWriter calls_writer(calls);
    bool has_text = false;
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      const Part& part = message.parts[i];
      const Place here(place, i);
      if (!part.signature.empty()) ledger_.meet(Feature::part_signature, here);
      if (const auto* words = part.as<llm::Text>()) {
        text += words->text;
        has_text = true;
      } else if (const auto* refusal = part.as<llm::Refusal>()) {
        text += refusal->text;
        has_text = true;
      } else if (const auto* call = part.as<llm::ToolCall>()) {
        calls_writer.open('{').pair("id", id_of(call->id)).pair("type", "function").key("function").open('{').pair("name", call->name);
        calls_writer.pair("arguments", call->broken.empty() ? call->arguments.text : call->broken).close('}').close('}');
      } else if (const auto* thought = part.as<llm::Reasoning>()) {
        add_reasoning(*thought, here, reasoning);
      } else {
        ledger_.wrong(here, "is a part that an assistant's message cannot have");
      }
    }
    begin("assistant", message.name);
    w_.key("content");
    has_text || calls.empty() ? w_.text(text) : w_.null();
    if (!reasoning.empty()) w_.pair("reasoning_content", reasoning);
    if (!calls.empty()) w_.key("tool_calls").open('[').raw(calls).close(']');
    w_.close('}');
  }

  void add_reasoning(const llm::Reasoning& thought, const Place& place, std::string& reasoning) {
    if (!thought.encrypted.empty()) return void(ledger_.meet(Feature::reasoning_encrypted, place));
    if (target_.past_reasoning == Target::PastReasoning::reasoning_content)
      reasoning += thought.text;
    else
      ledger_.meet(thought.signature.empty() ? Feature::reasoning_unsigned : Feature::reasoning_past, place);
  }

  const Target& target_;
  Ledger& ledger_;
  std::string out_, media_;
  std::string_view last_;  // role of the last message
  JsonWriter w_;
};

}  // namespace

std::string write_messages(const llm::Request& request, const Target& target, Ledger& ledger) {
  Writer writer(target, ledger);
  const Place messages("messages");
  for (std::size_t i = 0; i < request.messages.size(); ++i) writer.add(request.messages[i], Place(messages, i));
  return writer.take();
}

}  // namespace flotte::dialect::openai_chat
