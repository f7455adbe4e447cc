// JSON schemas as Gemini takes them. Internal to dialect.
#pragma once
#include <string>
#include <string_view>

namespace flotte::dialect::gemini {

/// Gemini has two fields for a schema: one takes a part of OpenAPI's (`parameters`, `responseSchema`), which every version knows, the other
/// a larger part of JSON schema (`parametersJsonSchema`, `responseJsonSchema`). Source: Gemini API reference, "Schema" and
/// "GenerationConfig.responseJsonSchema".
enum class SchemaForm { open_api, json_schema };

struct GeminiSchema {
  std::string text;
  SchemaForm form = SchemaForm::open_api;
  bool changed = false;    // a word with a meaning was left out or said in another way
  bool recursive = false;  // it contains itself and was written out some levels deep
  bool too_large = false;  // its references, written out, grow beyond all bounds: `text` is not to be used
};

/// References are written out, unions become `anyOf`, null becomes `nullable`; the OpenAPI form wherever it says all of it.
GeminiSchema write_schema(std::string_view schema);

}  // namespace flotte::dialect::gemini
