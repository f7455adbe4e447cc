// One function for each kind of part.
#include "dialect/gemini/read_parts.hpp"

#include "base/encoding.hpp"
#include "dialect/detail/media_type.hpp"
#include "dialect/detail/thought_mark.hpp"
#include "dialect/gemini/names.hpp"
#include "dialect/gemini/sealed.hpp"

namespace flotte::dialect::gemini {
namespace {

using detail::Elements;
using detail::Fields;
using detail::Value;
using llm::Part;

/// Whether bytes may stand in a JSON text: UTF-8 by the scanner's own rules.
bool is_text(std::string_view bytes) {
  std::string quoted = "\"";
  for (const char c : bytes) quoted += c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return detail::parse_value(quoted + '"').has_value();
}

/// What its type says it is.
Part media_part(llm::Media media) {
  const std::string_view type = media.media_type;
  if (type.starts_with("image/")) return {llm::Image{std::move(media), {}}};
  if (type.starts_with("audio/")) return {llm::Audio{std::move(media)}};
  if (type.starts_with("video/")) return {llm::Video{std::move(media)}};
  if (type.starts_with("text/") && !media.base64.empty()) {
    if (auto plain = from_base64(media.base64); plain && is_text(*plain)) {
      media.plain = std::move(*plain);
      media.base64.clear();
    }
  }
  return {llm::Document{std::move(media)}};
}

/// What the target refuses is refused here, where its place in the client's own request is known.
void check_media(const Part& part, const Place& place, Ledger& ledger) {
  const auto refuse = [&](Feature feature) {
    if (row_of(feature).to(ledger.to()).fate == Fate::refused) ledger.meet(feature, place);
  };
  if (part.as<llm::Audio>()) refuse(Feature::audio);
  if (part.as<llm::Video>()) refuse(Feature::video);
  if (const auto* image = part.as<llm::Image>(); image && !image->media.file_id.empty()) refuse(Feature::image_file);
  if (const auto* document = part.as<llm::Document>(); document && !document->media.file_id.empty()) refuse(Feature::document_file);
}

Part read_blob(const Value& blob, const Place& place, Ledger& ledger) {
  llm::Media media;
  for (Fields f(blob); f.next();) {
    if (is_named(f.key(), "mimeType"))
      media.media_type = f.text();
    else if (f.is("data"))
      media.base64 = f.text();
    else if (is_named(f.key(), "displayName"))
      media.name = f.text();
    else if (!f.is_null())
      ledger.meet(Feature::unknown_field, Place(place, f.key()));
  }
  media.media_type = media.media_type.substr(0, media.media_type.find(';'));
  if (!detail::is_media_type(media.media_type)) ledger.wrong(Place(place, "mimeType"), "is no media type");
  if (media.base64.empty()) ledger.wrong(Place(place, "data"), "is missing");
  Part part = media_part(std::move(media));
  check_media(part, place, ledger);
  return part;
}

/// A file of Google's stores is an id that nobody else can read; any other address can be fetched.
Part read_file(const Value& file, const Place& place, Ledger& ledger) {
  llm::Media media;
  media.media_type = field(file, "mimeType").text();
  media.name = field(file, "displayName").text();
  std::string uri = field(file, "fileUri").text();
  if (uri.empty()) ledger.wrong(Place(place, "fileUri"), "is missing");
  const bool film = uri.find("://www.youtube.com/") != std::string::npos || uri.find("://youtu.be/") != std::string::npos;
  const bool stored = uri.starts_with("gs://") || uri.starts_with("files/") || uri.find("googleapis.com/") != std::string::npos;
  (stored ? media.file_id : media.url) = std::move(uri);
  if (film && media.media_type.empty()) media.media_type = "video/mp4";
  Part part = media_part(std::move(media));
  check_media(part, place, ledger);
  return part;
}

Part read_call(const Value& value, const Place& place, Ledger& ledger) {
  llm::ToolCall call;
  for (Fields f(value); f.next();) {
    if (f.is("id"))
      call.id = f.text();
    else if (f.is("name"))
      call.name = f.text();
    else if (f.is("args"))
      f.is_object() ? void(call.arguments.text = f.raw) : f.is_null() ? void() : void(call.broken = f.raw);
    else if (!f.is_null())
      ledger.meet(Feature::unknown_field, Place(place, f.key()));
  }
  if (call.arguments.empty() && call.broken.empty()) call.arguments.text = "{}";
  if (call.name.empty()) ledger.wrong(Place(place, "name"), "is missing");
  return {std::move(call)};
}

/// Source: Gemini API reference, "FunctionResponse": `output` is the result, `error` what went wrong; without them all of it is the result.
/// Some clients write the function's name beside it.
void read_output(const Value& response, llm::ToolResult& result) {
  Value output, error;
  std::size_t members = 0;
  for (Fields f(response); f.next(); ++members) {
    if (f.is("output") || f.is("result") || f.is("content")) output = f;
    if (f.is("error")) error = f;
  }
  if (members == 2 && detail::member(response, "name").is_string()) --members;
  result.error = members == 1 && !error.is_null();
  const Value& only = members != 1 ? response : result.error ? error : output.is_null() ? response : output;
  result.parts.push_back({llm::Text{only.is_string() ? only.text() : std::string(only.raw)}});
}

Part read_response(const Value& value, const Place& place, Ledger& ledger) {
  llm::ToolResult result;
  for (Fields f(value); f.next();) {
    if (f.is("id"))
      result.call_id = f.text();
    else if (f.is("name"))
      result.name = f.text();
    else if (f.is("response"))
      read_output(f, result);
    else if (f.is("parts"))
      for (Elements e(f); e.next();)
        for (Part& part : read_part(e, Place(Place(place, "parts"), e.index()), ledger)) result.parts.push_back(std::move(part));
    else if (!f.is_null())
      ledger.meet(Feature::unknown_field, Place(place, f.key()));
  }
  if (result.name.empty()) ledger.wrong(Place(place, "name"), "is missing");
  return {std::move(result)};
}

struct Found {
  std::vector<Part> parts;  // at most one
  std::string signature;
  bool thought = false;
};

void read_field(const Fields& f, const Place& place, Found& found, Ledger& ledger) {
  const Place here(place, f.key());
  const auto add = [&found](Part part) { found.parts.push_back(std::move(part)); };
  if (f.is_null()) return;
  if (f.is("text"))
    add({llm::Text{f.text()}});
  else if (f.is("thought"))
    found.thought = f.is_true();
  else if (is_named(f.key(), "thoughtSignature"))
    found.signature = f.text();
  else if (is_named(f.key(), "inlineData"))
    add(read_blob(f, here, ledger));
  else if (is_named(f.key(), "fileData"))
    add(read_file(f, here, ledger));
  else if (is_named(f.key(), "functionCall"))
    add(read_call(f, here, ledger));
  else if (is_named(f.key(), "functionResponse"))
    add(read_response(f, here, ledger));
  else if (is_named(f.key(), "mediaResolution"))
    ledger.meet(Feature::media_resolution, here);
  else if (is_named(f.key(), "executableCode") || is_named(f.key(), "codeExecutionResult") || is_named(f.key(), "toolCall") ||
           is_named(f.key(), "toolResponse"))
    ledger.meet(Feature::tool_other, here);
  else
    ledger.meet(Feature::unknown_field, here);
}

bool is_open_thought(const Part& part) {
  const auto* thought = part.as<llm::Reasoning>();
  return thought && thought->signature.empty() && thought->encrypted.empty();
}

}  // namespace

std::vector<Part> read_part(const Value& value, const Place& place, Ledger& ledger) {
  Found found;
  for (Fields f(value); f.next();) read_field(f, place, found, ledger);
  if (found.parts.size() > 1) {
    ledger.wrong(place, "holds two kinds of data; a part holds one");
    found.parts.resize(1);
  }
  std::vector<Part> out;
  for (llm::Reasoning& thought : unseal_thoughts(found.signature)) out.push_back({std::move(thought)});
  const bool own = out.empty() && !found.signature.empty();
  if (found.parts.empty() && own) found.parts.push_back({llm::Text{}});
  for (Part& part : found.parts) {
    const auto* text = part.as<llm::Text>();
    if (text && found.thought)
      out.push_back({llm::Reasoning{text->text, own ? detail::mark_thought(maker, found.signature) : std::string(), {}}});
    else if (!text || !text->text.empty() || out.empty())
      out.push_back({std::move(part.value), {}, own ? found.signature : std::string()});
  }
  return out;
}

std::vector<Part> read_parts(const Value& parts, const Place& place, Ledger& ledger) {
  std::vector<Part> out;
  if (!parts.is_array() && !parts.is_object() && !parts.is_null()) ledger.wrong(place, "is not an array");
  const auto take = [&](const Value& value, const Place& here) {
    auto read = read_part(value, here, ledger);
    if (!unseal_thoughts(field(value, "thoughtSignature").text()).empty()) std::erase_if(out, is_open_thought);
    for (Part& part : read) out.push_back(std::move(part));
  };
  if (parts.is_object()) take(parts, place);  // a part alone: what some clients write
  for (Elements e(parts); e.next();) take(e, Place(place, e.index()));
  return out;
}

}  // namespace flotte::dialect::gemini
