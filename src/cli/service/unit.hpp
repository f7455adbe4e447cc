// The text of a systemd unit for a hub or a node. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace flotte::cli {

enum class Part { hub, node };
enum class Manager { system, user };  // whose systemd

/// All paths are absolute.
struct UnitFacts {
  Part part = Part::hub;
  Manager manager = Manager::system;
  std::string program, data;
  std::string config;                 // empty: the default place
  std::string environment_file;       // read where it is there: API keys and the like
  std::string user;                   // of a system unit; empty: root
  std::string path;                   // PATH of the service; empty: systemd's
  std::vector<std::string> writable;  // beside `data`
  bool lan = false;                   // of a hub
  bool commands = false;              // a hub whose file has command workers: it runs them as a node does
  std::string join;                   // URL#CODE of a node that has not joined yet; once it has, the node ignores it
};

/// "flotte-hub.service", "flotte-node.service".
std::string unit_name(Part part);
std::string unit_text(const UnitFacts& facts);

/// One word of ExecStart= and the like: quoted, with systemd's own signs (%, $, \, ") made harmless.
std::string unit_word(std::string_view word);

}  // namespace flotte::cli
