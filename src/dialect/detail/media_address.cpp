// data: URLs.
#include "dialect/detail/media_address.hpp"

#include "dialect/detail/media_type.hpp"

namespace flotte::dialect::detail {

llm::Media read_address(std::string url, const Place& place, Ledger& ledger) {
  llm::Media media;
  if (!url.starts_with("data:")) {
    media.url = std::move(url);
    return media;
  }
  const std::size_t comma = url.find(',');
  std::string_view head = std::string_view(url).substr(5, comma == std::string::npos ? 0 : comma - 5);
  if (comma == std::string::npos || !head.ends_with(";base64")) {
    ledger.wrong(place, "is a data: URL without base64");
    return media;
  }
  head.remove_suffix(7);
  media.media_type = head.substr(0, head.find(';'));
  if (!is_media_type(media.media_type)) ledger.wrong(place, "is a data: URL without a media type");
  media.base64 = url.substr(comma + 1);
  return media;
}

std::string address_of(const llm::Media& media) {
  return media.base64.empty() ? media.url : "data:" + media.media_type + ";base64," + media.base64;
}

}  // namespace flotte::dialect::detail
