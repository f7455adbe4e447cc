// What a call needs that is asked in another API than the client's. Internal to route; a call that passes through has none.
#pragma once
#include <string>

#include "dialect/translate_embeddings.hpp"

namespace flotte::route::detail {

struct Translated {
  dialect::Translation request;  // for the target that is asked now
  dialect::ReplyContext reply;
  dialect::EmbeddingReply embedding;  // instead, of embeddings
  std::string notes;                  // for x-flotte-notes
};

}  // namespace flotte::route::detail
