// Place by place. The OpenAPI form is tried first; where it cannot say something that the JSON form can, all is written in that.
#include "dialect/gemini/write_schema.hpp"

#include <algorithm>
#include <array>

#include "dialect/detail/json_writer.hpp"
#include "dialect/gemini/schema_node.hpp"

namespace flotte::dialect::gemini {
namespace {

using detail::Elements;
using detail::Fields;
using detail::JsonWriter;
using detail::Value;

constexpr std::size_t size_limit = std::size_t{256} * 1024;
constexpr std::int64_t reading_limit = std::int64_t{64} * 1024 * 1024;
constexpr int level_limit = 48;  // of JSON; a body of 64 levels is refused
constexpr int unrolled = 2;      // times that a schema may stand within itself

/// Words that say nothing about values.
constexpr std::array silent{"$schema", "$id",      "$anchor",   "$comment",   "$defs",      "definitions", "examples",
                            "example", "readOnly", "writeOnly", "deprecated", "properties", "nullable",    "propertyOrdering"};
/// Bounds that both forms know, and those of the OpenAPI form alone.
constexpr std::array bounds{"minItems", "maxItems", "minimum", "maximum"};
constexpr std::array more_bounds{"minLength", "maxLength", "minProperties", "maxProperties", "pattern"};
constexpr std::array formats{"date-time", "date", "time", "int32", "int64", "float", "double"};

template <class Words>
bool is_one_of(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}
std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}
std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

class Writer {
 public:
  Writer(const Value& root, SchemaForm form) : root_(root), form_(form), w_(out_) {}

  GeminiSchema write() {
    schema(root_, {});
    const bool too_large = out_.size() > size_limit || budget_ < 0;
    return {std::move(out_), form_, changed_, recursive_, too_large};
  }
  /// The JSON form could have said more.
  bool lost() const noexcept { return lost_; }

 private:
  /// What a place allows, read from its words.
  struct Shape {
    SchemaNode node;
    std::vector<std::string> types;  // without null
    std::vector<Value> branches;     // of anyOf or oneOf, without null
    std::vector<Value> values;       // of enum or const, without null
    bool nullable = false, listed = false;
  };
  bool json() const noexcept { return form_ == SchemaForm::json_schema; }

  static bool is_null_branch(const Value& branch) {
    const Value constant = detail::member(branch, "const");
    return lower(detail::member(branch, "type").text()) == "null" || (!constant.raw.empty() && constant.is_null());
  }

  void read_types(Shape& shape, std::string_view inherited) {
    if (const Value* type = shape.node.find("type")) {
      if (type->is_string()) shape.types.push_back(lower(type->text()));
      for (Elements e(*type); e.next();) shape.types.push_back(lower(e.text()));
    }
    if (std::erase(shape.types, "null") > 0) shape.nullable = true;
    if (const Value* nullable = shape.node.find("nullable")) shape.nullable = shape.nullable || nullable->is_true();
    if (!shape.types.empty()) return;
    const auto infer = [&shape](std::string_view type) { shape.types.emplace_back(type); };
    if (shape.node.find("properties") || shape.node.find("additionalProperties"))
      infer("object");
    else if (shape.node.find("items") || shape.node.find("prefixItems"))
      infer("array");
    else if (!inherited.empty())
      infer(inherited);
    else if (!shape.values.empty() && std::all_of(shape.values.begin(), shape.values.end(), [](const Value& v) { return v.is_string(); }))
      infer("string");
  }

  void read_values(Shape& shape) {
    const Value* values = shape.node.find("enum");
    const Value* constant = shape.node.find("const");
    shape.listed = values || constant;
    if (constant && !values) shape.values.push_back(*constant);
    if (values)
      for (Elements e(*values); e.next();) shape.values.push_back(e);
    if (std::erase_if(shape.values, [](const Value& v) { return v.is_null(); }) > 0) shape.nullable = true;
    // The API refuses empty texts there.
    if (std::erase_if(shape.values, [](const Value& v) { return v.raw == "\"\"" || v.is_object() || v.is_array(); }) > 0) changed_ = true;
  }

  void read_branches(Shape& shape) {
    const Value* branches = shape.node.find("anyOf");
    const Value* one_of = shape.node.find("oneOf");
    if (branches && one_of) changed_ = true;
    if (!branches) branches = one_of;
    if (!branches) return;
    for (Elements e(*branches); e.next();) {
      if (is_null_branch(e))
        shape.nullable = true;
      else
        shape.branches.push_back(e);
    }
  }

  Shape read(const Value& value, std::string_view inherited) {
    Shape shape;
    lay_over(shape.node, value, root_, budget_);
    read_branches(shape);
    for (int i = 0; shape.branches.size() == 1 && i < 8; ++i) {
      // What was "this or null" is this.
      std::erase_if(shape.node.words, [](const auto& word) { return word.first == "anyOf" || word.first == "oneOf"; });
      const Value only = shape.branches.front();
      shape.branches.clear();
      lay_over(shape.node, only, root_, budget_);
      read_branches(shape);
    }
    read_values(shape);
    read_types(shape, shape.branches.empty() ? inherited : std::string_view());
    if (shape.node.merged || shape.node.missing) changed_ = true;
    return shape;
  }

  bool too_deep(const SchemaNode& node) const {
    if (level_ > level_limit || out_.size() > size_limit || budget_ < 0) return true;
    return std::any_of(node.references.begin(), node.references.end(),
                       [this](const std::string& r) { return std::count(active_.begin(), active_.end(), r) >= unrolled; });
  }

  void schema(const Value& value, std::string_view inherited) {
    if (!value.is_object()) {
      changed_ = changed_ || !value.is_true();
      lost_ = true;
      return void(w_.raw("{}"));
    }
    Shape shape = read(value, inherited);
    if (too_deep(shape.node)) {
      recursive_ = lost_ = true;
      return void(w_.raw(R"({"type":"object"})"));
    }
    const std::size_t active = active_.size();
    active_.insert(active_.end(), shape.node.references.begin(), shape.node.references.end());
    w_.open('{');
    members(shape);
    w_.close('}');
    active_.resize(active);
  }

  void members(const Shape& shape) {
    const bool union_of = !shape.branches.empty() && shape.node.properties.empty() &&
                          (shape.types.empty() || (shape.types.size() == 1 && shape.types.front() == "object"));
    if (!shape.branches.empty() && !union_of) changed_ = true;
    if (union_of)
      branches(shape);
    else
      type(shape);
    if (shape.nullable && !json()) w_.key("nullable").boolean(true);
    for (const std::string_view word : {"title", "description"})
      if (const Value* text = shape.node.find(word); text && text->is_string()) w_.key(word).raw(text->raw);
    if (union_of) return ignore(shape, {});
    if (shape.listed) values(shape);
    const auto is = [&shape](std::string_view type) { return is_one_of(shape.types, type); };
    if (is("object")) object(shape);
    if (is("array")) array(shape);
    scalars(shape);
    ignore(shape, shape.types);
  }

  void type(const Shape& shape) {
    if (shape.types.empty()) lost_ = true;
    if (json()) {
      if (shape.types.empty()) return;
      w_.key("type");
      if (shape.types.size() == 1 && !shape.nullable) return void(w_.text(shape.types.front()));
      w_.open('[');
      for (const std::string& type : shape.types) w_.text(type);
      if (shape.nullable) w_.text("null");
      w_.close(']');
      return;
    }
    if (shape.types.size() > 1) lost_ = true;
    if (!shape.types.empty()) w_.pair("type", upper(shape.types.front()));
  }

  void branches(const Shape& shape) {
    if (shape.node.find("oneOf")) changed_ = true;
    const std::string_view inherited = shape.types.empty() ? std::string_view() : std::string_view(shape.types.front());
    w_.key("anyOf").open('[');
    level_ += 2;
    for (const Value& branch : shape.branches) schema(branch, inherited);
    if (shape.nullable && json()) w_.raw(R"({"type":"null"})");
    level_ -= 2;
    w_.close(']');
  }

  void values(const Shape& shape) {
    const bool texts = std::all_of(shape.values.begin(), shape.values.end(), [](const Value& v) { return v.is_string(); });
    const bool truths = std::any_of(shape.values.begin(), shape.values.end(), [](const Value& v) { return v.kind == Kind::boolean; });
    if (truths) changed_ = true;  // neither form lists them; the type says most of it
    if (shape.values.empty() || truths) return;
    if (!texts) lost_ = true;
    w_.key("enum").open('[');
    for (const Value& value : shape.values) w_.raw(value.raw);
    w_.close(']');
  }

  void object(const Shape& shape) {
    const SchemaNode& node = shape.node;
    const Value* others = node.find("additionalProperties");
    const bool map = others && !(others->kind == Kind::boolean && !others->is_true());
    if (node.properties.empty() || (others && others->is_object())) lost_ = true;
    if (!node.properties.empty()) {
      w_.key("properties").open('{');
      level_ += 2;
      for (const auto& [key, value] : node.properties) {
        name(key);
        schema(value, {});
      }
      level_ -= 2;
      w_.close('}');
    }
    required(node);
    if (!json() || !map) return;
    w_.key("additionalProperties");
    ++level_;
    others->is_object() ? schema(*others, {}) : void(w_.boolean(true));
    --level_;
  }

  void required(const SchemaNode& node) {
    std::vector<std::string_view> names;
    for (const std::string& wanted : node.required) {
      const bool known = std::any_of(node.properties.begin(), node.properties.end(), [&](const auto& p) { return p.first == wanted; });
      if (!known) changed_ = true;
      if (known && !is_one_of(names, wanted)) names.push_back(wanted);
    }
    if (names.empty()) return;
    w_.key("required").open('[');
    for (const std::string_view wanted : names) w_.text(wanted);
    w_.close(']');
  }

  void array(const Shape& shape) {
    const Value* items = shape.node.find("items");
    const Value* prefix = shape.node.find("prefixItems");
    if (items && items->is_array()) std::swap(items, prefix);  // as drafts before 2020 wrote it
    if (!items || prefix) lost_ = true;
    ++level_;
    if (prefix && json()) {
      w_.key("prefixItems").open('[');
      ++level_;
      for (Elements e(*prefix); e.next();) schema(e, {});
      --level_;
      w_.close(']');
    }
    if (items) {
      w_.key("items");
      schema(*items, {});
    }
    --level_;
  }

  void scalars(const Shape& shape) {
    const auto copy = [&](std::string_view word) {
      const Value* value = shape.node.find(word);
      if (value && (value->kind == Kind::number || value->is_string())) w_.key(word).raw(value->raw);
    };
    for (const std::string_view word : bounds) copy(word);
    if (!json())
      for (const std::string_view word : more_bounds) copy(word);
    const Value* format = shape.node.find("format");
    if (format && is_one_of(formats, format->text())) copy("format");
    // Bounds that exclude themselves are near enough as bounds.
    const auto nearly = [&](std::string_view word, std::string_view as) {
      const Value* value = shape.node.find(word);
      if (!value || value->kind != Kind::number || shape.node.find(as)) return;
      changed_ = true;
      w_.key(as).raw(value->raw);
    };
    nearly("exclusiveMinimum", "minimum");
    nearly("exclusiveMaximum", "maximum");
  }

  /// Whether something with a meaning was not written.
  void ignore(const Shape& shape, const std::vector<std::string>& types) {
    static constexpr std::array written{"type",  "title",       "description", "enum",   "const", "anyOf", "oneOf", "additionalProperties",
                                        "items", "prefixItems", "required",    "default"};
    for (const auto& [word, value] : shape.node.words) {
      if (is_one_of(silent, word) || is_one_of(written, word) || is_one_of(bounds, word)) continue;
      if (word == "format" && is_one_of(formats, value.text())) continue;
      if (is_one_of(more_bounds, word) && !json() && !types.empty()) continue;
      changed_ = true;
    }
  }

  void name(std::string_view key) {
    w_.text(key);
    out_ += ':';
  }

  const Value& root_;
  const SchemaForm form_;
  std::string out_;
  JsonWriter w_;
  std::vector<std::string> active_;  // references that are being written out
  std::int64_t budget_ = reading_limit;
  int level_ = 0;
  bool changed_ = false, recursive_ = false, lost_ = false;
};

}  // namespace

GeminiSchema write_schema(std::string_view schema) {
  const auto root = detail::parse_value(schema);
  if (!root || !root->is_object()) return {R"({"type":"object"})", SchemaForm::json_schema, true, false, false};
  Writer plain(*root, SchemaForm::open_api);
  GeminiSchema written = plain.write();
  if (!plain.lost()) return written;
  return Writer(*root, SchemaForm::json_schema).write();
}

}  // namespace flotte::dialect::gemini
