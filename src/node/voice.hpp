// What a node says to the person at whose terminal it runs, in place of log lines. Lines begin with a word of eight columns, as those of
// `flotte up` do, and end with a line feed.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "wire/fleet.hpp"

namespace flotte::node {

class Voice {
 public:
  struct Place {
    std::string hub, url, node;
  };
  /// A link stands. The first time also how to end it.
  std::string on_linked(const Place& place);
  /// What is new about the engines since the last time; empty: nothing.
  std::string on_engines(const std::vector<wire::EngineInfo>& engines);
  static std::string on_away(const std::string& url, const Error& error);
  static std::string on_unusable(const std::string& file, const std::string& why);

 private:
  bool linked_ = false;
  std::map<std::string, std::string> told_;  // by engine
};

}  // namespace flotte::node
