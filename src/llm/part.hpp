// The pieces that messages and answers are made of, in no dialect's words. Plain values: text is decoded UTF-8.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace flotte::llm {

/// Valid JSON as its author wrote it: key order, white space and numbers stay, because providers' caches and engines compare bytes.
struct JsonText {
  std::string text;
  bool empty() const noexcept { return text.empty(); }
};

/// "Everything up to here may be kept in a cache." `ttl` as the client wrote it ("5m", "1h"); empty: the provider's own.
struct CacheMark {
  std::string ttl;
};

/// Bytes by address or in place: exactly one of `url`, `base64`, `plain` and `file_id` is not empty (or none, for an empty text).
struct Media {
  std::string media_type;  // "image/png"; empty with a url
  std::string url;
  std::string base64;
  std::string plain;    // a document that is text
  std::string file_id;  // of the provider's own file store
  std::string name;     // a file's name or a document's title
};

struct Text {
  std::string text;
};
struct Image {
  Media media;
  std::string detail;  // "low", "high", "auto" where the dialect has it
};
struct Document {
  Media media;
};
struct Audio {
  Media media;
};
struct Video {
  Media media;
};
struct ToolCall {
  std::string id, name;
  JsonText arguments;  // a JSON object; where a model wrote something else,
                       // `broken` has its text and this is empty
  std::string broken;
};
struct Part;
struct ToolResult {
  std::string call_id;
  std::string name;  // of the function, where its dialect says it
  std::vector<Part> parts;
  bool error = false;
};
/// What a model thought. `signature` binds it to its provider; `encrypted` is thought that only the provider can read (`text` is empty).
struct Reasoning {
  std::string text, signature, encrypted;
};
struct Refusal {
  std::string text;
};

struct Part {
  std::variant<Text, Image, Document, ToolCall, ToolResult, Reasoning, Refusal, Audio, Video> value;
  std::optional<CacheMark> cache;
  std::string signature;  // of a part that is not thought (Gemini signs calls and text): only its provider can check it

  template <class T>
  const T* as() const noexcept {
    return std::get_if<T>(&value);
  }
};

}  // namespace flotte::llm
