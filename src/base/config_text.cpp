// The table of the configuration as a JSON Schema and as an example.
#include <fmt/format.h>

#include "base/config.hpp"

namespace flotte::config {
namespace {

json::array words_of(std::string_view words) {
  json::array out;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find('|'), words.size());
    out.emplace_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return out;
}

/// 64 rather than 6.4E1.
json::value whole(double number) {
  const auto integer = static_cast<std::int64_t>(number);
  return static_cast<double>(integer) == number ? json::value(integer) : json::value(number);
}

json::object schema_of(const Key& key) {
  json::object text{{"type", "string"}};
  if (key.type == Type::duration) text["pattern"] = "^[0-9]+(ms|s|m|h|d)$";
  if (key.type == Type::size) text["pattern"] = "^[0-9]+[BKMGT]?$";
  if (!key.words.empty()) text["enum"] = words_of(key.words);
  json::object out;
  switch (key.type) {
    case Type::integer: out = {{"type", "integer"}, {"minimum", whole(key.range.least)}}; break;
    case Type::number: out = {{"type", "number"}, {"minimum", whole(key.range.least)}}; break;
    case Type::boolean: out = {{"type", "boolean"}}; break;
    case Type::texts: out = {{"type", "array"}, {"items", text}}; break;
    default: out = text;
  }
  if (key.range.most > 0) out["maximum"] = whole(key.range.most);
  // TOML's notation of these simple values is JSON's too.
  if (!key.fallback.empty()) out["default"] = json::parse(key.fallback).value();
  out["description"] = key.about;
  return out;
}

std::string_view parent_of(std::string_view section) {
  const std::size_t dot = section.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : section.substr(0, dot);
}

json::object schema_of(std::string_view section) {
  json::object members;
  json::array required;
  for (const Key& key : keys())
    if (key.section == section) {
      members[key.name] = schema_of(key);
      if (key.required) required.emplace_back(key.name);
    }
  for (const Section& inner : sections()) {
    if (parent_of(inner.name) != section) continue;
    json::object table = schema_of(inner.name);
    const std::string_view name = section.empty() ? inner.name : inner.name.substr(section.size() + 1);
    if (inner.list)
      members[name] = json::object{{"type", "array"}, {"items", std::move(table)}, {"description", inner.about}};
    else {
      table["description"] = inner.about;
      members[name] = std::move(table);
    }
  }
  json::object out{{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(members)}};
  if (!required.empty()) out["required"] = std::move(required);
  return out;
}

void write_key(std::string& out, const Key& key) {
  const bool commented = key.example.empty();
  const std::string_view value = commented ? (key.fallback.empty() ? std::string_view("\"\"") : key.fallback) : key.example;
  const std::string line = fmt::format("{}{} = {}", commented ? "# " : "", key.name, value);
  std::string note(key.about);
  if (!key.words.empty()) note += fmt::format(" One of {}.", key.words);
  if (!key.fallback.empty()) note += fmt::format(" Default: {}.", key.fallback);
  out += fmt::format("{:<44} # {}\n", line, note);
}

/// An inner table in one line: limits = { rpm = 50 }.
void write_inner(std::string& out, const Section& inner) {
  std::string members;
  for (const Key& key : keys()) {
    if (key.section != inner.name) continue;
    const std::string_view value = key.example.empty() ? key.fallback : key.example;
    if (!value.empty()) members += fmt::format("{}{} = {}", members.empty() ? "" : ", ", key.name, value);
  }
  const std::string_view name = inner.name.substr(inner.name.find('.') + 1);
  out += fmt::format("# {}\n", inner.about);
  for (const Key& key : keys())
    if (key.section == inner.name) out += fmt::format("#   {}: {}\n", key.name, key.about);
  for (const Section& deeper : sections()) {
    if (parent_of(deeper.name) != inner.name) continue;
    out += fmt::format("#   {}: {}\n", deeper.name.substr(inner.name.size() + 1), deeper.about);
    for (const Key& key : keys())
      if (key.section == deeper.name) out += fmt::format("#     {}: {}\n", key.name, key.about);
  }
  if (members.empty()) {
    out += inner.list ? fmt::format("# {} = []\n", name) : fmt::format("# {} = {{}}\n", name);
    return;
  }
  out += inner.list ? fmt::format("{} = [ {{ {} }} ]\n", name, members) : fmt::format("{} = {{ {} }}\n", name, members);
}

}  // namespace

std::string schema_text() {
  json::object out{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "flotte.toml"}};
  for (auto& member : schema_of("")) out[member.key()] = member.value();
  return json::dump_pretty(out);
}

std::string example_text() {
  std::string out =
      "# Every key that flotte.toml may have. Lines that begin with '#' show defaults; the file may also be empty or missing.\n"
      "# This file is made from the table in src/base/config_schema.cpp; a test keeps both equal.\n";
  for (const Section& section : sections()) {
    if (!parent_of(section.name).empty()) continue;
    out += fmt::format("\n# {}\n", section.about);
    out += section.list ? fmt::format("[[{}]]\n", section.name) : fmt::format("[{}]\n", section.name);
    for (const Key& key : keys())
      if (key.section == section.name) write_key(out, key);
    for (const Section& inner : sections())
      if (parent_of(inner.name) == section.name) write_inner(out, inner);
  }
  return out;
}

}  // namespace flotte::config
