// One function for each type of block, and their table.
#include "dialect/anthropic/read_parts.hpp"

#include <array>

#include "dialect/detail/media_type.hpp"

namespace flotte::dialect::anthropic {
namespace {

using detail::Elements;
using detail::Fields;
using detail::Value;
using llm::Part;

/// What all blocks have, and what a block has beyond the ones that its reader takes.
void common_field(const Fields& f, const Place& place, Part& part, Ledger& ledger) {
  if (f.is("type") || f.is_null()) return;
  const Place here(place, f.key());
  if (f.is("cache_control"))
    part.cache = read_cache_mark(f, here, ledger);
  else if (f.is("citations"))
    f.empty_array() ? void() : void(ledger.meet(Feature::citations, here));
  else
    ledger.meet(Feature::unknown_field, here);
}

void text_block(const Value& block, const Place& place, Part& part, Ledger& ledger) {
  llm::Text text;
  for (Fields f(block); f.next();) f.is("text") ? void(text.text = f.text()) : common_field(f, place, part, ledger);
  part.value = std::move(text);
}

/// The `source` of an image or a document.
llm::Media read_source(const Value& source, const Place& place, Ledger& ledger) {
  const std::string type = detail::member(source, "type").text();
  llm::Media media;
  for (Fields f(source); f.next();) {
    if (f.is("media_type"))
      media.media_type = f.text();
    else if (f.is("url"))
      media.url = f.text();
    else if (f.is("file_id"))
      media.file_id = f.text();
    else if (f.is("data"))
      (type == "text" ? media.plain : media.base64) = f.text();
    else if (!f.is("type"))
      ledger.meet(Feature::unknown_field, Place(place, f.key()));
  }
  if (type != "base64" && type != "url" && type != "file" && type != "text") {
    if (type == "content") {  // a document in blocks of text
      for (const Part& part : read_content(detail::member(source, "content"), Place(place, "content"), ledger))
        if (const auto* text = part.as<llm::Text>()) media.plain += text->text;
      media.media_type = "text/plain";
    } else {
      ledger.wrong(Place(place, "type"), "is not base64, url, file, text or content");
    }
  }
  return media;
}

enum class SourceKind { image, document };
/// A source has to be there, and to hold something that the block can be.
void check_source(const llm::Media& media, SourceKind kind, const Place& place, Ledger& ledger) {
  const bool text = kind == SourceKind::document && !media.plain.empty();
  if (!text && media.url.empty() && media.base64.empty() && media.file_id.empty())
    ledger.wrong(Place(place, "source"), "is missing, empty or of another kind");
  // It becomes part of a data: URL elsewhere.
  if (!media.base64.empty() && !detail::is_media_type(media.media_type))
    ledger.wrong(Place(place, "source.media_type"), "is no media type");
}

void image_block(const Value& block, const Place& place, Part& part, Ledger& ledger) {
  llm::Image image;
  for (Fields f(block); f.next();)
    f.is("source") ? void(image.media = read_source(f, Place(place, "source"), ledger)) : common_field(f, place, part, ledger);
  check_source(image.media, SourceKind::image, place, ledger);
  part.value = std::move(image);
}

void document_block(const Value& block, const Place& place, Part& part, Ledger& ledger) {
  llm::Document document;
  std::string title;
  for (Fields f(block); f.next();) {
    if (f.is("source"))
      document.media = read_source(f, Place(place, "source"), ledger);
    else if (f.is("title"))
      title = f.text();
    else
      common_field(f, place, part, ledger);
  }
  check_source(document.media, SourceKind::document, place, ledger);
  document.media.name = title;
  part.value = std::move(document);
}

void tool_use_block(const Value& block, const Place& place, Part& part, Ledger& ledger) {
  llm::ToolCall call;
  for (Fields f(block); f.next();) {
    if (f.is("id"))
      call.id = f.text();
    else if (f.is("name"))
      call.name = f.text();
    else if (f.is("input")) {
      if (f.is_object())
        call.arguments.text = f.raw;
      else
        call.broken = f.raw;
    } else if (!f.is("caller")) {
      common_field(f, place, part, ledger);
    }
  }
  if (call.arguments.empty() && call.broken.empty()) call.arguments.text = "{}";
  if (call.id.empty()) ledger.wrong(Place(place, "id"), "is missing");
  if (call.name.empty()) ledger.wrong(Place(place, "name"), "is missing");
  part.value = std::move(call);
}

void tool_result_block(const Value& block, const Place& place, Part& part, Ledger& ledger) {
  llm::ToolResult result;
  for (Fields f(block); f.next();) {
    if (f.is("tool_use_id"))
      result.call_id = f.text();
    else if (f.is("content"))
      result.parts = read_content(f, Place(place, "content"), ledger);
    else if (f.is("is_error"))
      result.error = f.is_true();
    else
      common_field(f, place, part, ledger);
  }
  if (result.call_id.empty()) ledger.wrong(Place(place, "tool_use_id"), "is missing");
  part.value = std::move(result);
}

void thinking_block(const Value& block, const Place& place, Part& part, Ledger& ledger) {
  llm::Reasoning reasoning;
  for (Fields f(block); f.next();) {
    if (f.is("thinking"))
      reasoning.text = f.text();
    else if (f.is("signature"))
      reasoning.signature = f.text();
    else if (f.is("data"))
      reasoning.encrypted = f.text();
    else
      common_field(f, place, part, ledger);
  }
  part.value = std::move(reasoning);
}

struct BlockType {
  std::string_view type;
  void (*read)(const Value&, const Place&, Part&, Ledger&);
};
constexpr std::array block_types{
    BlockType{"text", text_block},
    BlockType{"image", image_block},
    BlockType{"document", document_block},
    BlockType{"tool_use", tool_use_block},
    BlockType{"tool_result", tool_result_block},
    BlockType{"thinking", thinking_block},
    BlockType{"redacted_thinking", thinking_block},
};

}  // namespace

std::optional<llm::CacheMark> read_cache_mark(const Value& value, const Place& place, Ledger& ledger) {
  if (!value.is_object()) return std::nullopt;
  ledger.meet(Feature::cache_marks, place);
  return llm::CacheMark{detail::member(value, "ttl").text()};
}

std::vector<Part> read_content(const Value& content, const Place& place, Ledger& ledger) {
  std::vector<Part> parts;
  if (content.is_string()) parts.push_back({llm::Text{content.text()}, {}});
  if (!content.is_string() && !content.is_array() && !content.is_null()) ledger.wrong(place, "is neither text nor an array of blocks");
  for (Elements e(content); e.next();) {
    const Place here(place, e.index());
    const std::string type = detail::member(e, "type").text();
    const BlockType* found = nullptr;
    for (const BlockType& row : block_types)
      if (row.type == type) found = &row;
    if (!found) {
      // Blocks of tools that the provider runs, and such as came after this was written.
      if (type.empty())
        ledger.wrong(Place(here, "type"), "is missing");
      else if (!ledger.meet(Feature::tool_other, here) && !ledger.refused())
        ledger.wrong(here, "is a block that cannot be translated");
      continue;
    }
    Part part;
    found->read(e, here, part, ledger);
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace flotte::dialect::anthropic
