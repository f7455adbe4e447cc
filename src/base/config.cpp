// TOML to a checked document. With route/catalog_file.cpp the only source that knows toml++ (base/toml.hpp).
#include "base/config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <set>

#include "base/file.hpp"
#include "base/nearest.hpp"
#include "base/toml.hpp"
#include "base/units.hpp"

namespace flotte::config {
namespace {

std::string_view describe(Type type) {
  switch (type) {
    case Type::text: return "a string";
    case Type::texts: return "an array of strings";
    case Type::integer: return "a whole number, 0 or more";
    case Type::number: return "a number, 0 or more";
    case Type::boolean: return "true or false";
    case Type::duration: return "a duration such as \"30s\" (ms, s, m, h, d)";
    case Type::size: return "a size such as \"4G\" (K, M, G, T)";
    case Type::secret: return "a string: \"env:NAME\" or \"file:/path\"";
  }
  return "";
}

/// What a number of this key may be.
std::string describe_number(const Key& key) {
  if (key.range.most <= 0) return std::string(describe(key.type));
  return fmt::format("a {}number from {} to {}", key.type == Type::integer ? "whole " : "", key.range.least, key.range.most);
}

bool within(const Key& key, double number) { return number >= key.range.least && (key.range.most <= 0 || number <= key.range.most); }

std::vector<std::string_view> split_words(std::string_view words) {
  std::vector<std::string_view> out;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find('|'), words.size());
    out.push_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return out;
}

const Section* find_section(std::string_view name) {
  for (const Section& s : sections())
    if (s.name == name) return &s;
  return nullptr;
}

/// Names that may stand in a section: its keys, and the tables inside it.
std::vector<std::string_view> names_in(std::string_view section) {
  std::vector<std::string_view> out;
  for (const Key& k : keys())
    if (k.section == section) out.push_back(k.name);
  for (const Section& s : sections()) {
    const std::string_view parent = s.name.find('.') == std::string_view::npos ? "" : s.name.substr(0, s.name.find('.'));
    if (parent == section) out.push_back(parent.empty() ? s.name : s.name.substr(parent.size() + 1));
  }
  return out;
}

std::string title_of(std::string_view section) {
  const Section* s = find_section(section);
  if (section.empty()) return "the file";
  return s && s->list ? fmt::format("[[{}]]", section) : fmt::format("[{}]", section);
}

std::string join(std::string_view parent, std::string_view name) {
  return parent.empty() ? std::string(name) : fmt::format("{}.{}", parent, name);
}

class Reader {
 public:
  explicit Reader(std::string file) { document_.file = std::move(file); }
  void read(const toml::table& table);
  Result<Document> finish();

 private:
  void complain(int line, std::string text) { mistakes_.emplace(line, std::move(text)); }
  json::object read_table(std::string_view section, const toml::table& table, const std::string& path);
  json::value read_list(const Section& section, const toml::node& node, const std::string& path);
  void read_member(std::string_view section, std::string_view name, const toml::node& node, const std::string& path, json::object& out);
  std::optional<json::value> read_value(const Key& key, const toml::node& node);
  std::optional<json::value> read_text(const Key& key, const std::string& text, int line);
  void fill(std::string_view section, json::object& out);
  void check_names(std::string_view list);
  void check_model(const json::object& model, const std::string& path);
  void check_engine(const json::object& engine, const std::string& path);
  int line_of(std::string_view path) const;

  Document document_;
  std::multimap<int, std::string> mistakes_;
};

int line_of_node(const toml::node& node) { return static_cast<int>(node.source().begin.line); }

std::optional<json::value> Reader::read_text(const Key& key, const std::string& text, int line) {
  if (key.type == Type::duration) {
    const auto time = parse_duration(text);
    if (!time) complain(line, fmt::format("'{}' must be {}", key.name, describe(key.type)));
    return time ? std::optional<json::value>(time->count()) : std::nullopt;
  }
  if (key.type == Type::size) {
    const auto bytes = parse_size(text);
    if (!bytes) complain(line, fmt::format("'{}' must be {}", key.name, describe(key.type)));
    return bytes ? std::optional<json::value>(static_cast<std::int64_t>(*bytes)) : std::nullopt;
  }
  if (!key.words.empty()) {
    const auto words = split_words(key.words);
    if (std::find(words.begin(), words.end(), text) == words.end()) {
      const auto near = find_nearest(text, words);
      complain(line,
               fmt::format("'{}' cannot be \"{}\"; {}", key.name, text,
                           near ? fmt::format("did you mean \"{}\"?", *near) : fmt::format("it is one of {}", fmt::join(words, ", "))));
      return std::nullopt;
    }
  }
  return json::value(text);
}

std::optional<json::value> Reader::read_value(const Key& key, const toml::node& node) {
  const int line = line_of_node(node);
  auto wrong = [&] {
    const bool number = key.type == Type::integer || key.type == Type::number;
    complain(line, fmt::format("'{}' must be {}", key.name, number ? describe_number(key) : std::string(describe(key.type))));
    return std::optional<json::value>();
  };
  switch (key.type) {
    case Type::text:
    case Type::secret:
    case Type::duration:
    case Type::size: {
      const auto text = node.value_exact<std::string>();
      return text ? read_text(key, *text, line) : wrong();
    }
    case Type::texts: {
      if (!node.is_array()) return wrong();
      json::array out;
      for (const toml::node& element : *node.as_array()) {
        const auto text = element.value_exact<std::string>();
        if (!text) return wrong();
        if (auto value = read_text(key, *text, line_of_node(element))) out.push_back(std::move(*value));
      }
      return out;
    }
    case Type::integer: {
      const auto number = node.value_exact<std::int64_t>();
      return number && within(key, static_cast<double>(*number)) ? std::optional<json::value>(*number) : wrong();
    }
    case Type::number: {
      if (!node.is_number() || !within(key, node.value_or(-1.0))) return wrong();
      return json::value(node.value_or(0.0));
    }
    case Type::boolean: {
      const auto value = node.value_exact<bool>();
      return value ? std::optional<json::value>(*value) : wrong();
    }
  }
  return std::nullopt;
}

json::value Reader::read_list(const Section& section, const toml::node& node, const std::string& path) {
  json::array out;
  const toml::array* array = node.as_array();
  std::size_t index = 0;
  if (array)
    for (const toml::node& element : *array) {
      const std::string at = fmt::format("{}[{}]", path, index++);
      document_.lines[at] = line_of_node(element);
      if (const toml::table* table = element.as_table())
        out.push_back(read_table(section.name, *table, at));
      else
        complain(line_of_node(element), fmt::format("an entry of '{}' must be a table", section.name));
    }
  else
    complain(line_of_node(node), section.name.find('.') == std::string_view::npos
                                     ? fmt::format("'{}' is a list: write [[{}]]", section.name, section.name)
                                     : fmt::format("'{}' must be an array of tables", section.name));
  return out;
}

void Reader::read_member(std::string_view section, std::string_view name, const toml::node& node, const std::string& path,
                         json::object& out) {
  const std::string full = join(section, name);
  const std::string at = join(path, name);
  document_.lines[at] = line_of_node(node);
  for (const Key& key : keys())
    if (key.section == section && key.name == name) {
      // A wrong value takes no default: later checks must not complain about what nobody wrote.
      out[name] = read_value(key, node).value_or(nullptr);
      return;
    }
  if (const Section* inner = find_section(full)) {
    if (inner->list)
      out[name] = read_list(*inner, node, at);
    else if (const toml::table* table = node.as_table())
      out[name] = read_table(full, *table, at);
    else
      complain(line_of_node(node), fmt::format("'{}' must be a table", full));
    return;
  }
  const auto near = find_nearest(name, names_in(section));
  complain(line_of_node(node), fmt::format("unknown key '{}' in {}{}", name, title_of(section),
                                           near ? fmt::format("; did you mean '{}'?", *near) : std::string()));
}

/// Defaults for what is not written; complains where something must be.
void Reader::fill(std::string_view section, json::object& out) {
  for (const Key& key : keys()) {
    if (key.section != section || key.fallback.empty() || out.contains(key.name)) continue;
    const toml::table parsed = toml::parse(fmt::format("v = {}", key.fallback));
    if (auto value = read_value(key, *parsed.get("v"))) out[key.name] = std::move(*value);
  }
  for (const Section& inner : sections()) {
    if (!inner.name.starts_with(section) || inner.name.size() <= section.size() || inner.name[section.size()] != '.') continue;
    const std::string_view name = inner.name.substr(section.size() + 1);
    if (out.contains(name) || name.find('.') != std::string_view::npos) continue;
    if (inner.list) {
      out[name] = json::array();
    } else {
      json::object made;
      fill(inner.name, made);
      out[name] = std::move(made);
    }
  }
}

json::object Reader::read_table(std::string_view section, const toml::table& table, const std::string& path) {
  json::object out;
  for (const auto& [name, node] : table) read_member(section, name.str(), node, path, out);
  for (const Key& key : keys())
    if (key.section == section && key.required && !table.contains(key.name))
      complain(line_of_node(table), fmt::format("{} needs '{}'", title_of(section), key.name));
  if (!section.empty()) fill(section, out);
  return out;
}

int Reader::line_of(std::string_view path) const {
  const auto it = document_.lines.find(path);
  return it == document_.lines.end() ? 0 : it->second;
}

void Reader::check_names(std::string_view list) {
  std::set<std::string, std::less<>> seen;
  std::size_t index = 0;
  for (const json::value& entry : document_.list(list)) {
    const std::string at = fmt::format("{}[{}].name", list, index++);
    const auto name = json::get_string(entry.get_object(), "name");
    if (!name) continue;
    if (name->empty() || name->find_first_of("/@ \t\n") != std::string_view::npos)
      complain(line_of(at), fmt::format("a name in [[{}]] must not be empty or contain '/', '@' or blanks", list));
    if (!seen.emplace(*name).second) complain(line_of(at), fmt::format("there are two [[{}]] named '{}'", list, *name));
  }
}

void Reader::check_model(const json::object& model, const std::string& path) {
  // Providers that `flotte up` makes from the environment need no entry.
  std::vector<std::string_view> providers{"openai", "anthropic", "gemini", "mistral"};
  for (const json::value& p : document_.list("provider"))
    if (const auto name = json::get_string(p.get_object(), "name")) providers.push_back(*name);
  const json::array& targets = *json::get_array(model, "targets");
  const bool rules = !json::get_array(model, "rules")->empty();
  if (rules && !targets.empty()) complain(line_of(path), "[[model]] has either 'targets' or 'rules'");
  if (!rules && targets.empty()) complain(line_of(path), "[[model]] needs 'targets' with at least one entry");
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const json::object& target = targets[i].get_object();
    const std::string at = fmt::format("{}.targets[{}]", path, i);
    const auto provider = json::get_string(target, "provider");
    const auto engine = json::get_string(target, "engine");
    if (provider.has_value() == engine.has_value()) complain(line_of(at), "a target names either a 'provider' or an 'engine'");
    if (!provider) continue;
    if (!json::get_string(target, "model")) complain(line_of(at), "a target with a 'provider' needs 'model'");
    if (std::find(providers.begin(), providers.end(), *provider) != providers.end()) continue;
    const auto near = find_nearest(*provider, providers);
    complain(line_of(at + ".provider"), fmt::format("there is no [[provider]] named '{}'{}", *provider,
                                                    near ? fmt::format("; did you mean '{}'?", *near) : std::string()));
  }
}

void Reader::check_engine(const json::object& engine, const std::string& path) {
  const auto kind = json::get_string(engine, "kind").value_or("");
  const bool has_model = engine.contains("model") || engine.contains("models");
  if (kind == "llama-server" && !has_model)
    complain(line_of(path), "[[engine]] of kind llama-server needs 'model', the path of a GGUF file, or 'models', a directory of them");
  if (kind == "openai" && !engine.contains("base_url")) complain(line_of(path), "[[engine]] of kind openai needs 'base_url'");
}

void Reader::read(const toml::table& table) {
  document_.root = read_table("", table, "");
  for (const char* name : {"hub", "node"})
    if (!document_.root.contains(name)) {
      json::object made;
      fill(name, made);
      document_.root[name] = std::move(made);
    }
  for (const char* name : {"provider", "model", "project", "engine", "worker"}) {
    if (!document_.root.contains(name)) document_.root[name] = json::array();
    check_names(name);
  }
  std::size_t index = 0;
  for (const json::value& model : document_.list("model")) check_model(model.get_object(), fmt::format("model[{}]", index++));
  index = 0;
  for (const json::value& engine : document_.list("engine")) check_engine(engine.get_object(), fmt::format("engine[{}]", index++));
  if (document_.hub().contains("tls_cert") != document_.hub().contains("tls_key"))
    complain(line_of(document_.hub().contains("tls_cert") ? "hub.tls_cert" : "hub.tls_key"), "'tls_cert' and 'tls_key' belong together");
}

Result<Document> Reader::finish() {
  if (mistakes_.empty()) return std::move(document_);
  std::string message;
  for (const auto& [line, text] : mistakes_) {
    if (!message.empty()) message += '\n';
    message += line > 0 ? fmt::format("{}:{}: {}", document_.file, line, text) : fmt::format("{}: {}", document_.file, text);
  }
  return fail(Code::invalid_argument, std::move(message));
}

}  // namespace

std::string Document::origin(std::string_view path) const {
  const auto it = lines.find(path);
  return it == lines.end() ? file : fmt::format("{}:{}", file, it->second);
}

Result<Document> parse(std::string_view text, std::string_view file_name) {
  if (auto checked = check_toml_characters(text, file_name); !checked) return pass(checked);
  try {
    Reader reader{std::string(file_name)};
    reader.read(toml::parse(text));
    return reader.finish();
  } catch (const toml::parse_error& e) {
    return fail(Code::invalid_argument, fmt::format("{}:{}: {}", file_name, e.source().begin.line, e.description()));
  }
}

Result<Document> load(const std::string& path, Missing missing) {
  auto text = read_file(path, 4 * 1024 * 1024);
  const std::string name = std::filesystem::path(path).filename().string();
  if (text) return parse(*text, name);
  if (text.error().code == Code::not_found && missing == Missing::is_empty) return parse("", name);
  if (text.error().code == Code::not_found) text.error().hint = "give the right path with --config, or leave it out";
  return pass(text);
}

ResolvedSecret resolve_secret(std::string_view text, std::string_view where) {
  ResolvedSecret out;
  if (text.starts_with("env:")) {
    const std::string name(text.substr(4));
    out.value = Secret(environment(name.c_str()));
    if (out.value.empty()) out.warning = fmt::format("{}: the environment variable {} is not set", where, name);
  } else if (text.starts_with("file:")) {
    auto content = read_file(std::string(text.substr(5)), 64 * 1024);
    if (!content) {
      out.warning = fmt::format("{}: {}", where, content.error().message);
      return out;
    }
    while (!content->empty() && std::string_view(" \t\r\n").find(content->back()) != std::string_view::npos) content->pop_back();
    out.value = Secret(std::move(*content));
    if (out.value.empty()) out.warning = fmt::format("{}: {} is empty", where, text.substr(5));
  } else {
    out.value = Secret(std::string(text));
    out.warning = fmt::format("{}: a key stands in the file itself; \"env:NAME\" or \"file:/path\" is safer", where);
  }
  return out;
}

}  // namespace flotte::config
