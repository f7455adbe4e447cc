// One function for each kind of part.
#include "dialect/anthropic/write_parts.hpp"

#include <array>

namespace flotte::dialect::anthropic {
namespace {

using detail::JsonWriter;

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

void write_cache(JsonWriter& w, const std::optional<llm::CacheMark>& cache) {
  if (!cache) return;
  w.key("cache_control").open('{').pair("type", "ephemeral");
  if (!cache->ttl.empty()) w.pair("ttl", cache->ttl);
  w.close('}');
}

/// The type by the first bytes, because the API refuses an image that is not what it is called; else what the client said.
std::string_view image_type(const llm::Media& media) {
  struct Magic {
    std::string_view base64, type;
  };
  static constexpr std::array magics{Magic{"iVBOR", "image/png"}, Magic{"/9j/", "image/jpeg"}, Magic{"R0lG", "image/gif"},
                                     Magic{"UklG", "image/webp"}};
  for (const Magic& magic : magics)
    if (media.base64.starts_with(magic.base64)) return magic.type;
  return media.media_type;
}

void write_source(JsonWriter& w, const llm::Media& media, std::string_view type) {
  w.key("source").open('{');
  if (!media.url.empty())
    w.pair("type", "url").pair("url", media.url);
  else if (!media.base64.empty())
    w.pair("type", "base64").pair("media_type", type).pair("data", media.base64);
  else
    w.pair("type", "text").pair("media_type", "text/plain").pair("data", media.plain);
  w.close('}');
}

bool write_image(JsonWriter& w, const llm::Image& image, const llm::Part& part, const Place& place, Ledger& ledger) {
  if (!image.media.file_id.empty()) return ledger.meet(Feature::image_file, place);
  if (!image.detail.empty() && image.detail != "auto") ledger.meet(Feature::image_detail, place);
  w.open('{').pair("type", "image");
  write_source(w, image.media, image_type(image.media));
  write_cache(w, part.cache);
  w.close('}');
  return true;
}

bool write_document(JsonWriter& w, const llm::Document& document, const llm::Part& part, const Place& place, Ledger& ledger) {
  if (!document.media.file_id.empty()) return ledger.meet(Feature::document_file, place);
  w.open('{').pair("type", "document");
  write_source(w, document.media, document.media.media_type);
  if (!document.media.name.empty()) w.pair("title", document.media.name);
  write_cache(w, part.cache);
  w.close('}');
  return true;
}

bool write_call(JsonWriter& w, const llm::ToolCall& call, const llm::Part& part, const Place& place, Ledger& ledger) {
  w.open('{').pair("type", "tool_use").pair("id", plain_id(call.id)).pair("name", call.name).key("input");
  if (call.broken.empty()) {
    w.raw(call.arguments.empty() ? "{}" : call.arguments.text);
  } else {
    ledger.meet(Feature::broken_arguments, place);
    w.open('{').pair("arguments", call.broken).close('}');
  }
  write_cache(w, part.cache);
  w.close('}');
  return true;
}

bool write_result(JsonWriter& w, const llm::ToolResult& result, const llm::Part& part, const Place& place, Ledger& ledger) {
  w.open('{').pair("type", "tool_result").pair("tool_use_id", plain_id(result.call_id)).key("content");
  const llm::Text* only = result.parts.size() == 1 && !result.parts[0].cache ? result.parts[0].as<llm::Text>() : nullptr;
  if (only) {
    w.text(only->text);
  } else {
    w.open('[');
    std::size_t index = 0;
    for (const llm::Part& inner : result.parts) write_part(w, inner, Place(place, index++), ledger);
    w.close(']');
  }
  if (result.error) w.key("is_error").boolean(true);
  write_cache(w, part.cache);
  w.close('}');
  return true;
}

bool write_reasoning(JsonWriter& w, const llm::Reasoning& reasoning, const Place& place, Ledger& ledger) {
  if (!reasoning.encrypted.empty()) {
    w.open('{').pair("type", "redacted_thinking").pair("data", reasoning.encrypted).close('}');
    return true;
  }
  if (reasoning.signature.empty()) return ledger.meet(Feature::reasoning_unsigned, place);
  w.open('{').pair("type", "thinking").pair("thinking", reasoning.text).pair("signature", reasoning.signature).close('}');
  return true;
}

}  // namespace

std::string plain_id(std::string_view id) {
  std::string out(id);
  for (char& c : out)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-')) c = '_';
  return out;
}

void write_text(JsonWriter& w, std::string_view text, const std::optional<llm::CacheMark>& cache) {
  w.open('{').pair("type", "text").pair("text", text);
  write_cache(w, cache);
  w.close('}');
}

bool write_part(JsonWriter& w, const llm::Part& part, const Place& place, Ledger& ledger) {
  const auto* text = part.as<llm::Text>();
  const auto* refusal = part.as<llm::Refusal>();
  if (text || refusal) {
    const std::string& words = text ? text->text : refusal->text;
    if (blank(words)) {
      ledger.meet(Feature::empty_content, place);
      return false;
    }
    write_text(w, words, part.cache);
    return true;
  }
  if (const auto* image = part.as<llm::Image>()) return write_image(w, *image, part, place, ledger);
  if (const auto* document = part.as<llm::Document>()) return write_document(w, *document, part, place, ledger);
  if (const auto* call = part.as<llm::ToolCall>()) return write_call(w, *call, part, place, ledger);
  if (const auto* result = part.as<llm::ToolResult>()) return write_result(w, *result, part, place, ledger);
  if (part.as<llm::Audio>()) return ledger.meet(Feature::audio, place);
  if (part.as<llm::Video>()) return ledger.meet(Feature::video, place);
  return write_reasoning(w, *part.as<llm::Reasoning>(), place, ledger);
}

}  // namespace flotte::dialect::anthropic
