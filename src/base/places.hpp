// Where things are on this machine unless somebody says otherwise, and what the machine is.
#pragma once
#include <cstdint>
#include <string>

namespace flotte {

/// FLOTTE_DATA, else $XDG_DATA_HOME/flotte, else ~/.local/share/flotte.
std::string default_data_directory();
/// FLOTTE_CONFIG, else $XDG_CONFIG_HOME/flotte/flotte.toml, else ~/.config/flotte/flotte.toml.
std::string default_config_file();
/// The host's name without its domain; "host" where it has none.
std::string host_name();

struct Machine {
  std::string os, architecture;  // "Debian GNU/Linux 12 (bookworm)", "x86_64"
  int cpus = 0;                  // that this process may use
  std::int64_t memory_mb = 0;
};
Machine describe_machine();
/// 1-minute load average.
double load_average();

}  // namespace flotte
