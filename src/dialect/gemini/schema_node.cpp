// Pointers followed and words laid over each other.
#include "dialect/gemini/schema_node.hpp"

#include <algorithm>

namespace flotte::dialect::gemini {
namespace {

using detail::Elements;
using detail::Fields;
using detail::Value;

constexpr int chain_limit = 16;

/// "~1" is '/', "~0" is '~', "%24" is '$' (RFC 6901, in a fragment).
std::string unescape(std::string_view step) {
  std::string out;
  const auto hex = [](char c) { return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1; };
  for (std::size_t i = 0; i < step.size(); ++i) {
    if (step[i] == '~' && i + 1 < step.size() && (step[i + 1] == '0' || step[i + 1] == '1')) {
      out += step[++i] == '1' ? '/' : '~';
    } else if (step[i] == '%' && i + 2 < step.size() && hex(step[i + 1]) >= 0 && hex(step[i + 2]) >= 0) {
      out += static_cast<char>(hex(step[i + 1]) * 16 + hex(step[i + 2]));
      i += 2;
    } else {
      out += step[i];
    }
  }
  return out;
}

Value step_into(const Value& value, const std::string& name) {
  if (!value.is_array()) return detail::member(value, name);
  for (Elements e(value); e.next();)
    if (std::to_string(e.index()) == name) return e;
  return {};
}

Value look_up(std::string_view pointer, const Value& root) {
  if (!pointer.starts_with('#')) return {};
  pointer.remove_prefix(1);
  Value value = root;
  while (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    const std::size_t end = pointer.find('/');
    value = step_into(value, unescape(pointer.substr(0, end)));
    pointer.remove_prefix(end == std::string_view::npos ? pointer.size() : end);
  }
  return pointer.empty() ? value : Value{};
}

template <class List>
void set(List& list, std::string_view name, const Value& value) {
  const auto found = std::find_if(list.begin(), list.end(), [name](const auto& entry) { return entry.first == name; });
  if (found == list.end())
    list.emplace_back(std::string(name), value);
  else
    found->second = value;
}

void lay_over(SchemaNode& node, const Value& schema, const Value& root, std::int64_t& budget, int depth) {
  budget -= static_cast<std::int64_t>(schema.raw.size()) + 64;
  if (depth > chain_limit || budget < 0) return void(node.missing = true);
  // What is referred to lies below the words that stand beside the reference.
  for (Fields f(schema); f.next();) {
    if (f.is("$ref") && f.is_string()) {
      const std::string pointer = f.text();
      node.references.push_back(pointer);
      budget -= static_cast<std::int64_t>(root.raw.size());
      const Value target = look_up(pointer, root);
      if (!target.is_object()) node.missing = true;
      lay_over(node, target, root, budget, depth + 1);
    } else if (f.is("allOf")) {
      for (Elements e(f); e.next();) {
        if (e.index() > 0) node.merged = true;
        lay_over(node, e, root, budget, depth + 1);
      }
    }
  }
  for (Fields f(schema); f.next();) {
    if (f.is("$ref") || f.is("allOf")) continue;
    if (f.is("properties")) {
      for (Fields p{static_cast<const Value&>(f)}; p.next();) set(node.properties, p.key(), p);
      set(node.words, "properties", f);
    } else if (f.is("required")) {
      for (Elements e(f); e.next();) node.required.push_back(e.text());
    } else {
      set(node.words, f.key(), f);
    }
  }
}

}  // namespace

const Value* SchemaNode::find(std::string_view word) const noexcept {
  const auto found = std::find_if(words.begin(), words.end(), [word](const auto& entry) { return entry.first == word; });
  return found == words.end() ? nullptr : &found->second;
}

void lay_over(SchemaNode& node, const Value& schema, const Value& root, std::int64_t& budget) { lay_over(node, schema, root, budget, 0); }

}  // namespace flotte::dialect::gemini
