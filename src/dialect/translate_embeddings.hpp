// Translation of embedding calls between APIs: OpenAI's embeddings, Gemini's embedContent and batchEmbedContents, Ollama's embed and
// embeddings. Errors are translated by `translate_error` with the formats of the two. What cannot be said there is noted or refused by the
// matrix of features.hpp. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/api.hpp"
#include "dialect/translate.hpp"

namespace flotte::dialect {

/// What an answer needs of its request.
struct EmbeddingReply {
  std::string request_id;            // of this call: part of the answer's id
  std::string model;                 // where the provider does not name it
  std::size_t inputs = 0;            // how many vectors there have to be
  bool base64 = false;               // the client wants vectors as base64 of little-endian floats (OpenAI)
  std::int64_t estimated_input = 0;  // tokens, at four bytes each: for clients that have to be told, where the provider tells none
};

struct EmbeddingTranslation {
  std::string body;  // for the provider
  EmbeddingReply reply;
  std::vector<Note> notes;
};

/// Whether a client of the one can be answered by a server of the other. A provider's side is `embeddings`, `gemini_batch_embed` or
/// `ollama_embed`: they say all that the others say.
bool can_translate_embeddings(Api client, Api provider) noexcept;

/// A client's request in the words of the provider. Errors (invalid_argument): not JSON; a field that is not what its API documents; or one
/// that the provider's API cannot express, named, with the way out as its hint.
Result<EmbeddingTranslation> translate_embedding_request(Api client, Api provider, std::string_view body, const Target& target,
                                                         const Asked& asked = {});

struct TranslatedEmbeddings {
  std::string body;
  llm::Usage usage;  // as told
};

/// A provider's answer (status 2xx) in the words of the client. Errors: corrupt (no answer of that API, or fewer vectors than inputs), or
/// unavailable (an error inside a 200, with the provider's sentence).
Result<TranslatedEmbeddings> translate_embedding_answer(Api provider, Api client, std::string_view body, const EmbeddingReply& reply);

}  // namespace flotte::dialect
