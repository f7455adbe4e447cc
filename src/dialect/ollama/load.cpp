// Source: Ollama's document docs/api.md, "Load a model" and "Unload a model".
#include "dialect/ollama/load.hpp"

#include "dialect/ollama/lines.hpp"

namespace flotte::dialect::ollama {
namespace {

bool says_nothing(const detail::Value& v) { return v.is_null() || v.empty_array() || (v.is_string() && v.raw.size() == 2); }

bool is_nought(const detail::Value& keep_alive) {
  if (keep_alive.is_string()) return keep_alive.text() == "0" || keep_alive.text() == "0s";
  return keep_alive.number() == 0;
}

}  // namespace

std::optional<Load> parse_load(Format client, std::string_view body) {
  const auto value = detail::parse_value(body);
  if (!value || !value->is_object()) return std::nullopt;
  detail::Value keep_alive;
  for (detail::Fields f(*value); f.next();) {
    const bool words = client == Format::ollama ? f.is("messages") : f.is("prompt") || f.is("images") || f.is("suffix");
    if (words && !says_nothing(f)) return std::nullopt;
    if (f.is("keep_alive")) keep_alive = f;
  }
  return is_nought(keep_alive) ? Load::unload : Load::load;
}

std::string write_loaded(Format client, Load load, const Loaded& loaded) {
  std::string out;
  detail::JsonWriter w(out);
  const ReplyContext context{.created_s = loaded.at_s};
  begin_line(w, client == Format::ollama ? Line::chat : Line::generate, loaded.model, {}, context);
  w.key("done").boolean(true).pair("done_reason", load == Load::load ? "load" : "unload").close('}');
  return out;
}

std::string write_pause(Format client, const Loaded& loaded) {
  std::string out;
  detail::JsonWriter w(out);
  const ReplyContext context{.created_s = loaded.at_s};
  begin_line(w, client == Format::ollama ? Line::chat : Line::generate, loaded.model, {}, context);
  w.key("done").boolean(false).close('}');
  return out + '\n';
}

}  // namespace flotte::dialect::ollama
