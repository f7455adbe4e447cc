// key, provider and requests: who may ask, who is asked, and what was said.
#include "cli/grammar/group.hpp"

#include "cli/command/fleet.hpp"
#include "cli/command/flows.hpp"
#include "cli/command/provider.hpp"
#include "cli/command/requests.hpp"

namespace flotte::cli::grammar {
namespace {

class Keys final : public Group {
 public:
  explicit Keys(Table& table) : Group(table) {
    CLI::App& keys = group("key", "Client keys");
    CLI::App& add = leaf(keys, "add", "Make a key; it is shown once");
    add.add_option("name", key_.name, "Whose it is")->type_name("NAME")->required();
    add.add_option("--scope", key_.scopes,
                   "models, tasks, commands or admin, as in models,tasks; may be repeated (default: models and tasks)")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"models", "tasks", "commands", "admin"}));
    add.add_option("--model,--models", key_.models, "Only these models, as in a,b; may be repeated")
        ->delimiter(',')
        ->allow_extra_args(false);
    add.add_option("--provider,--providers", key_.providers, "Its calls go only to these providers or engines (NAME@NODE), as in a,b")
        ->delimiter(',')
        ->allow_extra_args(false);
    add.add_option("--rpm", key_.rpm, "At most so many requests a minute")->check(CLI::Range(1, 1'000'000));
    add.add_option("--weight", key_.weight, "Its share of the fleet against other keys' tasks (default: 1)")
        ->check(CLI::Range(0.01, 1'000.0));
    add.add_option("--budget-day", key_.budget_day, "At most so many dollars a day (UTC), as in 5 or 0.50")->type_name("USD");
    add.add_option("--budget-month", key_.budget_month, "At most so many dollars a month")->type_name("USD");
    on(add, [this](const Common& common) {
      if (key_.scopes.empty()) key_.scopes = {"models", "tasks"};
      return run_key_add(common, key_);
    });
    on(leaf(keys, "ls", "List keys"), run_key_ls);
    CLI::App& key_set = leaf(keys, "set", "Change a key's share of the fleet");
    key_set.add_option("key", id_, "Its id or name")->type_name("KEY")->required();
    key_set.add_option("--weight", key_.weight, "Against the other keys' tasks; everybody else has 1")
        ->check(CLI::Range(0.01, 1'000.0))
        ->required();
    on(key_set, [this](const Common& common) { return run_key_weight(common, id_, key_.weight); });
    add_by_id(keys, "rm", "KEY", "Revoke a key", run_key_rm);
  }

 private:
  KeyOptions key_;
};

class Requests final : public Group {
 public:
  explicit Requests(Table& table) : Group(table) {
    CLI::App& requests = group("requests", "The last model calls, with both sides: the flight recorder");
    CLI::App& ls = leaf(requests, "ls", "List them, newest first");
    ls.add_option("--of-key", requests_.key, "Only of this key, by name or id");
    ls.add_option("-m,--model", requests_.model, "Only for this model or target");
    ls.add_option("--status", requests_.status, "429, 5xx, ok, error or live");
    ls.add_option("--task", requests_.task, "Only of this task");
    ls.add_option("--limit", requests_.limit, "At most this many; 0: all")->check(CLI::Range(0, 1'000'000))->capture_default_str();
    on(ls, [this](const Common& common) { return run_requests_ls(common, requests_); });
    add_by_id(requests, "show", "REQUEST", "Show both sides, the targets that were asked, and why others were not", run_requests_show);
    add_by_id(requests, "replay", "REQUEST", "Send it again and print the new one's id; needs [hub] record = \"bodies\"",
              run_requests_replay);
  }

 private:
  RequestsOptions requests_;
};

class Providers final : public Group {
 public:
  explicit Providers(Table& table) : Group(table) {
    CLI::App& providers = group("provider", "Whose models can be asked with an API key");
    on(leaf(providers, "ls", "List providers and where each comes from"), run_provider_ls);
    CLI::App& add = leaf(providers, "add", "Test a key and use it at once; the key comes from standard input");
    add.add_option("vendor", provider_.vendor, "openai, anthropic, gemini or mistral; others need --base-url")->type_name("VENDOR");
    add.add_option("--base-url", provider_.base_url, "Address of an OpenAI-compatible server, as https://host/v1");
    add.add_option("--name", provider_.name, "What it is called here (default: the vendor's name)");
    add.add_option("--api-key", provider_.key_from, "Where the key is: env:NAME, or - for standard input")->capture_default_str();
    add.add_flag("--test", provider_.test_only, "Test the key and store nothing");
    on(add, [this](const Common& common) { return run_provider_add(common, provider_); });
    add_by_id(providers, "rm", "PROVIDER", "Forget a provider that was added here, and its key", run_provider_rm);
  }

 private:
  ProviderOptions provider_;
};

}  // namespace

std::unique_ptr<Group> make_keys(Table& table) { return std::make_unique<Keys>(table); }
std::unique_ptr<Group> make_requests(Table& table) { return std::make_unique<Requests>(table); }
std::unique_ptr<Group> make_providers(Table& table) { return std::make_unique<Providers>(table); }

}  // namespace flotte::cli::grammar
