// Which variables point whose client at a hub, and how a shell sets them. Pure.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace flotte::cli {

struct Variable {
  std::string name, value;
};

/// A hub as other people's clients reach it.
struct HubAccess {
  std::string url;        // without a trailing '/'
  Secret key;             // of the scope models where the hub gave one out
  std::string ca_file;    // what Node.js programs trust besides their own: the hub's authority, or empty
  std::string bundle;     // the system's authorities and the hub's, or empty
  std::string directory;  // DATA/clients: for what launched programs keep
};

/// A family of clients that read the same variables.
struct ClientKind {
  std::string_view name;    // openai
  std::string_view path;    // of the hub; answered with 404 where the hub does not speak it yet
  std::string_view speaks;  // for people
};
std::span<const ClientKind> client_kinds();
/// Error: invalid_argument that names the nearest.
Result<const ClientKind*> find_client_kind(std::string_view name);

std::vector<Variable> client_variables(const ClientKind& kind, const HubAccess& access);
/// What makes clients trust a hub with an authority of its own; empty where there is none.
std::vector<Variable> trust_variables(const HubAccess& access);

enum class Shell { sh, fish, powershell };
/// Lines that set the variables when that shell reads them; every value is quoted.
std::string render_exports(const std::vector<Variable>& variables, Shell shell);

}  // namespace flotte::cli
