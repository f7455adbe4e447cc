// Deployments become providers and targets, groups become models.
#include "cli/import/litellm.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

#include "cli/import/litellm_vendors.hpp"
#include "cli/import/yaml.hpp"

namespace flotte::cli {
namespace {

struct Provider {
  std::string name, dialect, base_url, api_key;
  std::int64_t rpm = 0, tpm = 0, concurrent = 0;
  double timeout_s = 0;
  bool same_place(const Provider& other) const {
    return dialect == other.dialect && base_url == other.base_url && api_key == other.api_key && rpm == other.rpm && tpm == other.tpm &&
           concurrent == other.concurrent && timeout_s == other.timeout_s;
  }
};

struct Target {
  std::string provider, model;
  std::int64_t weight = 0;  // 0: none was given
};

struct Model {
  std::string asked;  // what clients ask for, as LiteLLM was told
  std::string name;   // the same without what a name must not have; then `asked` is an alias
  std::vector<std::string> aliases;
  std::vector<Target> targets;
};

/// Only these of a deployment's parameters mean something here; the others are named in a note.
constexpr std::string_view known_parameters[] = {
    "model", "api_key", "api_base", "rpm", "tpm", "max_parallel_requests", "weight", "timeout", "order", "custom_llm_provider"};

const json::object* object_at(const json::object& from, std::string_view key) {
  const auto at = from.find(key);
  return at == from.end() ? nullptr : at->value().if_object();
}

const json::array* array_at(const json::object& from, std::string_view key) {
  const auto at = from.find(key);
  return at == from.end() ? nullptr : at->value().if_array();
}

/// A number, also where it was written as text; 0 where it is none.
double number_at(const json::object& from, std::string_view key) {
  const auto at = from.find(key);
  if (at == from.end()) return 0;
  const json::value& value = at->value();
  double number = 0;
  if (value.is_string())
    std::from_chars(value.get_string().data(), value.get_string().data() + value.get_string().size(), number);
  else if (value.is_number())
    number = value.to_number<double>();
  return number > 0 && number < 1e12 ? number : 0;
}

std::int64_t whole_at(const json::object& from, std::string_view key) { return static_cast<std::int64_t>(number_at(from, key)); }

std::string without_slash(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  return text;
}

/// A TOML basic string.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out.append({'\\', c});
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    else
      out += c;
  }
  return out + "\"";
}

std::string variable_of(std::string_view name) {
  std::string out;
  for (const char c : name)
    out += std::isalnum(static_cast<unsigned char>(c)) ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : '_';
  return out + "_API_KEY";
}

class Importer {
 public:
  Result<Imported> run(const json::object& root) {
    const json::array* list = array_at(root, "model_list");
    if (!list) return fail(Code::invalid_argument, "it has no list `model_list`", "is it the config.yaml of a LiteLLM proxy?");
    read_settings(root);
    for (const json::value& entry : *list)
      if (const auto* deployment = entry.if_object())
        read_deployment(*deployment);
      else
        note("an entry of model_list that is no mapping was left out");
    add_aliases(root);
    for (const char* section : {"router_settings", "litellm_settings"})
      if (const auto* settings = object_at(root, section)) add_fallbacks(*settings, section);
    return Imported{write(), providers_.size(), models_.size(), std::move(notes_)};
  }

 private:
  void note(std::string text) {
    if (std::find(notes_.begin(), notes_.end(), text) == notes_.end()) notes_.push_back(std::move(text));
  }

  void read_settings(const json::object& root) {
    if (const auto* router = object_at(root, "router_settings")) {
      const std::string named = json::string_or(*router, "routing_strategy", "simple-shuffle");
      strategy_ = named == "least-busy"              ? "least_busy"
                  : named == "latency-based-routing" ? "fastest"
                  : named == "cost-based-routing"    ? "cheapest"
                  : named.starts_with("usage-based") ? "least_busy"
                                                     : "weighted";
      if (named.starts_with("usage-based"))
        note("routing_strategy " + named + " became least_busy: the limits of each provider are held by themselves");
    }
    if (const auto* settings = object_at(root, "litellm_settings")) timeout_s_ = number_at(*settings, "request_timeout");
    const auto* general = object_at(root, "general_settings");
    if (general && general->contains("master_key"))
      note(
          "general_settings.master_key was not taken over: flotte makes an admin key of its own (DATA/admin.key); clients get theirs by "
          "`flotte key add`");
    for (const auto& member : root) {
      const std::string_view key(member.key());
      if (key == "model_list" || key == "router_settings" || key == "litellm_settings" || key == "general_settings") continue;
      note(fmt::format("the section {} has no counterpart and was left out", key));
    }
    if (const auto* settings = object_at(root, "litellm_settings"))
      for (const char* what : {"callbacks", "success_callback", "failure_callback", "cache", "guardrails"})
        if (settings->contains(what)) note(fmt::format("litellm_settings.{} has no counterpart and was left out", what));
  }

  void read_deployment(const json::object& deployment) {
    const std::string group = json::string_or(deployment, "model_name", "");
    const auto* parameters = object_at(deployment, "litellm_params");
    const std::string named = parameters ? json::string_or(*parameters, "model", "") : std::string();
    if (group.empty() || named.empty()) return note("an entry of model_list without model_name or litellm_params.model was left out");
    std::string prefix = json::string_or(*parameters, "custom_llm_provider", ""), model = named;
    const std::size_t slash = named.find('/');
    const LitellmVendor* vendor = prefix.empty() ? nullptr : find_litellm_vendor(prefix);
    if (!vendor && slash != std::string::npos) {
      prefix = named.substr(0, slash);
      vendor = find_litellm_vendor(prefix);
      if (vendor) model = named.substr(slash + 1);
    }
    if (!vendor && slash == std::string::npos) vendor = guess_litellm_vendor(named);
    const std::string base = json::string_or(*parameters, "api_base", json::string_or(*parameters, "base_url", ""));
    if (!vendor && slash == std::string::npos && !base.empty()) vendor = find_litellm_vendor("openai_like");
    if (!vendor) return note(fmt::format("{}: there is no way to {} yet; it was left out", group, named));
    if (vendor->own_server && base.empty()) return note(fmt::format("{}: {} has no api_base and was left out", group, named));
    for (const auto& member : *parameters)
      if (std::find(std::begin(known_parameters), std::end(known_parameters), std::string_view(member.key())) ==
              std::end(known_parameters) &&
          member.key() != "base_url")
        note(fmt::format("{}: litellm_params.{} has no counterpart and was left out", group, std::string_view(member.key())));
    const std::string provider = provider_of(*vendor, *parameters, base, group, model);
    if (model.find('*') != std::string::npos || group.find('*') != std::string::npos) return read_wildcard(group, provider);
    model_named(group).targets.push_back({provider, model, whole_at(*parameters, "weight")});
  }

  void read_wildcard(const std::string& group, const std::string& provider) {
    if (group == provider + "/*")
      note(fmt::format("{} needs no entry: every model of a provider can be asked for as {}/MODEL", group, provider));
    else
      note(fmt::format("{}: ask for these models as {}/MODEL; a [[model]] stands for models that are named", group, provider));
  }

  std::string key_of(const LitellmVendor& vendor, const json::object& parameters, const std::string& group) {
    const std::string given = json::string_or(parameters, "api_key", "");
    constexpr std::string_view from_environment = "os.environ/";
    if (given.starts_with(from_environment)) return "env:" + given.substr(from_environment.size());
    if (given.empty()) return vendor.variable.empty() ? "" : fmt::format("env:{}", vendor.variable);
    if (vendor.variable.empty() && given.size() < 12) return "";  // "none", "sk-1234", "dummy": servers of one's own ask for no key
    const std::string variable = vendor.variable.empty() ? variable_of(group) : std::string(vendor.variable);
    note(fmt::format("{}: its api_key stands in the file and was not copied; put it into the environment variable {}", group, variable));
    return "env:" + variable;
  }

  std::string provider_of(const LitellmVendor& vendor, const json::object& parameters, const std::string& base, const std::string& group,
                          const std::string& model) {
    Provider made;
    made.dialect = vendor.dialect;
    made.base_url = base.empty() ? std::string(vendor.base_url) : without_slash(base);
    if (vendor.prefix == "azure" && made.base_url.find("/openai") == std::string::npos) made.base_url += "/openai/v1";
    made.api_key = key_of(vendor, parameters, group);
    made.rpm = whole_at(parameters, "rpm");
    made.tpm = whole_at(parameters, "tpm");
    made.concurrent = whole_at(parameters, "max_parallel_requests");
    const double timeout = number_at(parameters, "timeout");
    made.timeout_s = timeout > 0 ? timeout : timeout_s_;
    const bool limited = made.rpm > 0 || made.tpm > 0 || made.concurrent > 0;
    for (const Provider& known : providers_)
      if (known.same_place(made) && !limited) return known.name;
    // LiteLLM limits a deployment, flotte a provider: a limited deployment is a provider of its own.
    made.name = free_name(limited ? fmt::format("{}-{}", vendor.prefix, model) : std::string(vendor.prefix), providers_);
    providers_.push_back(made);
    return made.name;
  }

  /// As a name may be, and none that is taken.
  template <class Named>
  static std::string free_name(std::string wanted, const std::vector<Named>& taken) {
    for (char& c : wanted)
      if (c == '/' || c == '@' || c == '*' || static_cast<unsigned char>(c) <= ' ') c = '-';
    std::string name = wanted;
    for (int n = 2; std::any_of(taken.begin(), taken.end(), [&](const Named& other) { return other.name == name; }); ++n)
      name = fmt::format("{}-{}", wanted, n);
    return name;
  }

  Model& model_named(const std::string& name) {
    for (Model& model : models_)
      if (model.asked == name) return model;
    Model made{.asked = name, .name = free_name(name, models_), .aliases = {}, .targets = {}};
    if (made.name != name) made.aliases.push_back(name);
    models_.push_back(std::move(made));
    return models_.back();
  }

  const Model* find_model(std::string_view name) const {
    for (const Model& model : models_)
      if (model.asked == name) return &model;
    return nullptr;
  }

  void add_aliases(const json::object& root) {
    const auto* router = object_at(root, "router_settings");
    const auto* aliases = router ? object_at(*router, "model_group_alias") : nullptr;
    if (!aliases) return;
    for (const auto& member : *aliases) {
      const std::string alias(member.key());
      const std::string to = member.value().is_string() ? std::string(member.value().get_string()) : std::string();
      if (find_model(to) && !find_model(alias))
        model_named(to).aliases.push_back(alias);
      else
        note(fmt::format("the alias {} was left out: {}", alias,
                         find_model(alias) ? "a model has that name" : "it stands for no model of the list"));
    }
  }

  void add_fallbacks(const json::object& settings, std::string_view section) {
    for (const char* kind : {"fallbacks", "context_window_fallbacks", "content_policy_fallbacks", "default_fallbacks"}) {
      const json::array* list = array_at(settings, kind);
      if (!list) continue;
      if (std::string_view(kind) != "fallbacks") {
        note(fmt::format("{}.{} has no counterpart and was left out", section, kind));
        continue;
      }
      for (const json::value& entry : *list)
        if (const auto* one = entry.if_object())
          for (const auto& member : *one) add_fallback(std::string(member.key()), member.value());
    }
  }

  void add_fallback(const std::string& from, const json::value& to) {
    const auto* list = to.if_array();
    if (!find_model(from) || !list) return note(fmt::format("fallbacks of {} were left out: it is no model of the list", from));
    std::vector<Target> more;
    for (const json::value& name : *list) {
      const auto* model = name.is_string() ? find_model(std::string_view(name.get_string())) : nullptr;
      if (!model)
        note(fmt::format("a fallback of {} was left out: it is no model of the list", from));
      else
        more.insert(more.end(), model->targets.begin(), model->targets.end());
    }
    Model& model = model_named(from);
    if (model.targets.size() > 1)
      note(fmt::format("{}: its deployments are asked in their order now, because fallbacks follow them", from));
    model.targets.insert(model.targets.end(), more.begin(), more.end());
    in_order_.insert(from);
  }

  std::string write() const {
    std::string out =
        "# Made by `flotte import litellm`. Keys are read from the environment variables that are named here.\n"
        "# `flotte doctor` tells what is missing.\n";
    for (const Provider& p : providers_) {
      out += fmt::format("\n[[provider]]\nname = {}\ndialect = {}\n", in_quotes(p.name), in_quotes(p.dialect));
      if (!p.base_url.empty()) out += fmt::format("base_url = {}\n", in_quotes(p.base_url));
      if (!p.api_key.empty()) out += fmt::format("api_key = {}\n", in_quotes(p.api_key));
      std::vector<std::string> limits;
      if (p.rpm > 0) limits.push_back(fmt::format("rpm = {}", p.rpm));
      if (p.tpm > 0) limits.push_back(fmt::format("tpm = {}", p.tpm));
      if (p.concurrent > 0) limits.push_back(fmt::format("concurrent = {}", p.concurrent));
      if (!limits.empty()) out += fmt::format("limits = {{ {} }}\n", fmt::join(limits, ", "));
      if (p.timeout_s > 0)
        out += fmt::format("timeouts = {{ first_token = \"{}s\" }}\n", std::max<std::int64_t>(1, static_cast<std::int64_t>(p.timeout_s)));
    }
    for (const Model& m : models_) {
      out += fmt::format("\n[[model]]\nname = {}\n", in_quotes(m.name));
      std::vector<std::string> aliases;
      for (const std::string& alias : m.aliases) aliases.push_back(in_quotes(alias));
      if (!aliases.empty()) out += fmt::format("aliases = [{}]\n", fmt::join(aliases, ", "));
      const bool spread = m.targets.size() > 1 && !in_order_.contains(m.asked);
      if (spread) out += fmt::format("strategy = {}\n", in_quotes(strategy_));
      out += "targets = [\n";
      for (const Target& t : m.targets) {
        out += fmt::format("  {{ provider = {}, model = {}", in_quotes(t.provider), in_quotes(t.model));
        if (t.weight > 0 && spread && strategy_ == "weighted") out += fmt::format(", weight = {}", t.weight);
        out += " },\n";
      }
      out += "]\n";
    }
    return out;
  }

  std::vector<Provider> providers_;
  std::vector<Model> models_;
  std::set<std::string> in_order_;  // models whose targets are fallbacks of one another
  std::string strategy_ = "weighted";
  double timeout_s_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace

Result<Imported> import_litellm(std::string_view yaml) {
  auto root = parse_yaml(yaml);
  if (!root) return pass(root);
  if (!root->is_object()) return fail(Code::invalid_argument, "it is no mapping", "is it the config.yaml of a LiteLLM proxy?");
  return Importer().run(root->get_object());
}

}  // namespace flotte::cli
