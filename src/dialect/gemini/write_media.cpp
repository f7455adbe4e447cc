// In place as `inlineData`, by address as `fileData`.
#include "dialect/gemini/write_media.hpp"

#include <array>

namespace flotte::dialect::gemini {
namespace {

using detail::JsonWriter;

struct Known {
  std::string_view sign, type;
};
/// By the first letters of base64, because what a client calls a picture need not be one.
constexpr std::array magics{Known{"iVBOR", "image/png"}, Known{"/9j/", "image/jpeg"}, Known{"UklG", "image/webp"},
                            Known{"JVBERi", "application/pdf"}};
/// By the end of an address, which has no type of its own.
constexpr std::array ends{Known{".png", "image/png"},   Known{".jpg", "image/jpeg"},  Known{".jpeg", "image/jpeg"},
                          Known{".webp", "image/webp"}, Known{".heic", "image/heic"}, Known{".pdf", "application/pdf"},
                          Known{".txt", "text/plain"},  Known{".html", "text/html"},  Known{".mp3", "audio/mp3"},
                          Known{".wav", "audio/wav"},   Known{".mp4", "video/mp4"},   Known{".gif", "image/gif"}};

std::string_view type_of(const llm::Media& media, std::string_view otherwise) {
  const bool picture = media.media_type.starts_with("image/") || media.media_type.empty();
  for (const Known& magic : magics)
    if (picture && media.base64.starts_with(magic.sign)) return magic.type;
  if (!media.media_type.empty()) return media.media_type;
  std::string_view path = media.url;
  path = path.substr(0, path.find_first_of("?#"));
  for (const Known& end : ends)
    if (path.ends_with(end.sign)) return end.type;
  return otherwise;
}

void write_bytes(JsonWriter& w, const llm::Media& media, std::string_view otherwise) {
  const std::string_view type = type_of(media, otherwise);
  if (media.url.empty())
    w.open('{').key("inlineData").open('{').pair("mimeType", type).pair("data", media.base64).close('}').close('}');
  else
    w.open('{').key("fileData").open('{').pair("mimeType", type).pair("fileUri", media.url).close('}').close('}');
}

}  // namespace

void write_media(JsonWriter& w, const llm::Part& part, const Place& place, Ledger& ledger) {
  if (const auto* image = part.as<llm::Image>()) {
    if (!image->media.file_id.empty()) return void(ledger.meet(Feature::image_file, place));
    if (!image->media.url.empty()) ledger.meet(Feature::image_url, place);
    if (!image->detail.empty() && image->detail != "auto") ledger.meet(Feature::image_detail, place);
    return write_bytes(w, image->media, "image/jpeg");
  }
  if (const auto* document = part.as<llm::Document>()) {
    const llm::Media& media = document->media;
    if (!media.file_id.empty()) return void(ledger.meet(Feature::document_file, place));
    if (!media.url.empty() || !media.base64.empty()) return write_bytes(w, media, "application/pdf");
    ledger.meet(Feature::document_text, place);
    return void(w.open('{').pair("text", media.name.empty() ? media.plain : media.name + "\n\n" + media.plain).close('}'));
  }
  const auto* audio = part.as<llm::Audio>();
  const auto* video = part.as<llm::Video>();
  if (!audio && !video) return ledger.wrong(place, "is a part that cannot stand there");
  const llm::Media& media = audio ? audio->media : video->media;
  if (!media.file_id.empty()) return void(ledger.meet(Feature::document_file, place));
  write_bytes(w, media, audio ? "audio/wav" : "video/mp4");
}

}  // namespace flotte::dialect::gemini
