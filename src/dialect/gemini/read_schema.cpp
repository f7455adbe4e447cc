// Only the places where a schema stands are touched: a property may have any name.
#include "dialect/gemini/read_schema.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "dialect/detail/json_writer.hpp"
#include "dialect/gemini/names.hpp"

namespace flotte::dialect::gemini {
namespace {

using detail::Elements;
using detail::Fields;
using detail::JsonWriter;
using detail::Value;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

class Reader {
 public:
  enum class Objects { as_they_are, closed };
  Reader(std::string& out, Objects objects) : out_(out), w_(out), objects_(objects) {}

  void schema(const Value& value) {
    if (!value.is_object()) return void(w_.raw(value.raw));
    const bool nullable = field(value, "nullable").is_true();
    w_.open('{');
    for (Fields f(value); f.next();)
      if (!f.is_null()) member(f, nullable);
    close(value);
    w_.close('}');
  }
  bool all_required() const noexcept { return all_required_; }

 private:
  void close(const Value& value) {
    const Value properties = detail::member(value, "properties");
    if (objects_ == Objects::as_they_are || !properties.is_object()) return;
    if (field(value, "additionalProperties").is_null()) w_.key("additionalProperties").boolean(false);
    std::set<std::string> required;
    for (Elements e(detail::member(value, "required")); e.next();) required.insert(e.text());
    for (Fields f(properties); f.next();) all_required_ = all_required_ && required.contains(std::string(f.key()));
  }

  void member(const Fields& f, bool nullable) {
    static constexpr std::array whole{"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"};
    const std::string_view key = f.key();
    if (key == "nullable" || is_named(key, "propertyOrdering") || key == "example") return;
    if (key == "type" && f.is_string()) return type(lower(f.text()), nullable);
    if (key == "format" && f.text() == "enum") return;
    if ((key == "properties" || key == "$defs" || key == "definitions") && f.is_object()) return properties(key, f);
    if (key == "items" || is_named(key, "additionalProperties")) {
      w_.key(key == "items" ? "items" : "additionalProperties");
      return schema(f);
    }
    if (is_named(key, "anyOf")) return any_of(f, nullable);
    if (key == "enum") return enumeration(f, nullable);
    // Protocol buffers write these as texts.
    const auto bound = std::find_if(whole.begin(), whole.end(), [&](std::string_view name) { return is_named(key, name); });
    if (bound != whole.end()) {
      const std::string text = f.text();
      const auto number = f.is_string() ? whole_number(text) : f.whole();
      if (number) w_.key(*bound).whole(*number);
      return;
    }
    name(key);
    w_.raw(f.raw);
  }

  void type(const std::string& word, bool nullable) {
    if (word == "type_unspecified") return;
    w_.key("type");
    if (!nullable) return void(w_.text(word));
    w_.open('[').text(word).text("null").close(']');
  }

  void properties(std::string_view key, const Value& value) {
    w_.key(key).open('{');
    for (Fields f(value); f.next();) {
      name(f.key());
      schema(f);
    }
    w_.close('}');
  }

  void any_of(const Value& value, bool nullable) {
    w_.key("anyOf").open('[');
    for (Elements e(value); e.next();) schema(e);
    if (nullable) w_.raw(R"({"type":"null"})");
    w_.close(']');
  }

  void enumeration(const Value& value, bool nullable) {
    w_.key("enum").open('[');
    for (Elements e(value); e.next();) w_.raw(e.raw);
    if (nullable) w_.null();
    w_.close(']');
  }

  void name(std::string_view key) {
    w_.text(key);
    out_ += ':';
  }

  std::string& out_;
  JsonWriter w_;
  const Objects objects_;
  bool all_required_ = true;
};

/// Capitals in a type, or a word that only Gemini has: looked for in the whole text, which may only find too many.
bool is_geminis(std::string_view schema) {
  static constexpr std::array words{"\"OBJECT\"",
                                    "\"STRING\"",
                                    "\"ARRAY\"",
                                    "\"INTEGER\"",
                                    "\"NUMBER\"",
                                    "\"BOOLEAN\"",
                                    "\"NULL\"",
                                    "\"nullable\"",
                                    "\"propertyOrdering\"",
                                    "\"property_ordering\"",
                                    "\"any_of\"",
                                    "Items\":\"",
                                    "Length\":\"",
                                    "_items\"",
                                    "_length\"",
                                    "_properties\""};
  return std::any_of(words.begin(), words.end(), [schema](std::string_view word) { return schema.find(word) != std::string_view::npos; });
}

}  // namespace

std::string read_schema(const Value& schema) {
  if (!schema.is_object()) return {};
  if (!is_geminis(schema.raw)) return std::string(schema.raw);
  std::string out;
  Reader(out, Reader::Objects::as_they_are).schema(schema);
  return out;
}

AnswerSchema read_answer_schema(const Value& schema) {
  AnswerSchema answer;
  Reader reader(answer.text, Reader::Objects::closed);
  reader.schema(schema);
  answer.all_required = reader.all_required();
  return answer;
}

}  // namespace flotte::dialect::gemini
