// What `flotte up` and `flotte hub` tell people: what was found, what the general names stand for, where the board is, what to try. Pure.
#pragma once
#include <string>
#include <vector>

#include "hub/find/agents.hpp"
#include "hub/hub.hpp"

namespace flotte::hub {

struct GreetingFacts {
  bool find = true;   // `flotte up`
  std::string board;  // address for a browser, with a one-time code where there is one
  bool has_code = false;
  std::string network;  // the board from other machines; empty: the hub is for this machine only
  std::string data;     // DATA
  std::string config;   // the configuration file's path, which may be missing
  std::vector<FoundKey> keys;
  std::vector<FoundAgent> agents;
  Hub::Sight sight;
};

/// One line each for what was found and for what it is not good for; no secret in any.
std::vector<std::string> describe_found(const GreetingFacts& facts);
/// One line each for default, smart and fast.
std::vector<std::string> describe_names(const GreetingFacts& facts);
/// The whole text, with a newline at its end.
std::string make_greeting(const GreetingFacts& facts);
/// Nothing is on its way any more: the first look is over and no engine is starting.
bool is_settled(const GreetingFacts& facts);

}  // namespace flotte::hub
