// What a hub and a node may do on their machine, as far as systemd can hold them to it.
#include "cli/service/unit.hpp"

#include <fmt/format.h>

namespace flotte::cli {
namespace {

bool below_home(std::string_view path) {
  return path.starts_with("/home/") || path.starts_with("/root/") || path.starts_with("/run/user/");
}

/// Whether what it starts lives in namespaces and control groups of its own and outlives it.
bool runs_commands(const UnitFacts& facts) { return facts.part == Part::node || facts.commands; }

std::string command(const UnitFacts& facts) {
  const bool hub = facts.part == Part::hub;
  // A server's hub does what its file says; a person's, and one without a file, looks for engines and keys by itself.
  const bool finds = facts.manager == Manager::user || facts.config.empty();
  std::string line = unit_word(facts.program) + (!hub ? " node run" : finds ? " up" : " hub");
  line += " --data " + unit_word(facts.data);
  if (!facts.config.empty()) line += " --config " + unit_word(facts.config);
  if (hub && facts.lan) line += " --lan";
  if (!hub && !facts.join.empty()) line += " --join " + unit_word(facts.join);
  return line;
}

/// Paths in lists are separated by spaces and quoted like words; '$' means nothing there.
std::string writable_paths(const UnitFacts& facts) {
  std::string line = unit_word(facts.data);
  for (const std::string& path : facts.writable) line += " " + unit_word(path);
  return line;
}

/// What a unit of the system's manager can do about the file system. A user's manager has no right to it everywhere.
std::string file_system_lines(const UnitFacts& facts) {
  std::string out;
  const bool home = below_home(facts.data) || below_home(facts.program) || below_home(facts.config);
  out += "ProtectSystem=strict\n";
  // A node's engines and agents have their models and logins in the home directory, and commands their files.
  out += runs_commands(facts) || home ? "ProtectHome=read-only\n" : "ProtectHome=yes\n";
  out += "# Who is to write elsewhere needs a line here: systemctl edit, [Service] ReadWritePaths=/srv/work\n";
  out += "ReadWritePaths=" + writable_paths(facts) + "\n";
  // A /tmp of its own goes with the process, also under the hands of commands, which outlive it.
  if (!runs_commands(facts)) out += "PrivateTmp=yes\n";
  out += "ProtectClock=yes\nProtectHostname=yes\nProtectKernelLogs=yes\nProtectKernelModules=yes\n";
  // Who runs commands sets up control groups and network namespaces for them.
  if (!runs_commands(facts)) out += "ProtectControlGroups=yes\nProtectKernelTunables=yes\n";
  return out;
}

std::string restriction_lines(const UnitFacts& facts) {
  std::string out =
      "NoNewPrivileges=yes\nLockPersonality=yes\nRestrictRealtime=yes\nRestrictSUIDSGID=yes\nSystemCallArchitectures=native\n";
  out += "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n";
  // Workers run programs in namespaces of their own, which is more than @system-service.
  if (runs_commands(facts)) return out + "Delegate=yes\n";
  return out + "SystemCallFilter=@system-service\nSystemCallErrorNumber=EPERM\nRestrictNamespaces=yes\n";
}

}  // namespace

std::string unit_name(Part part) { return part == Part::hub ? "flotte-hub.service" : "flotte-node.service"; }

std::string unit_word(std::string_view word) {
  std::string out = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '%' || c == '$') out += c;
    out += c;
  }
  return out + "\"";
}

std::string unit_text(const UnitFacts& facts) {
  const bool system = facts.manager == Manager::system;
  std::string out =
      fmt::format("# Written by `flotte service install`; `flotte service remove` takes it away.\n[Unit]\nDescription=flotte {}\n",
                  facts.part == Part::hub ? "hub" : "node");
  // A user's manager knows nothing of the network; hub and node try again by themselves.
  if (system) out += "Wants=network-online.target\nAfter=network-online.target\n";
  out += "StartLimitIntervalSec=0\n\n[Service]\n";
  out += "ExecStart=" + command(facts) + "\n";
  if (facts.part == Part::hub) out += "ExecReload=/bin/kill -HUP $MAINPID\n";
  if (system && !facts.user.empty()) out += "User=" + facts.user + "\n";
  if (!facts.path.empty()) out += "Environment=" + unit_word("PATH=" + facts.path) + "\n";
  if (!facts.environment_file.empty()) out += "EnvironmentFile=-" + facts.environment_file + "\n";
  // Commands that run are left alone: the next process takes them over, or they end by themselves within one lease.
  out += "Restart=always\nRestartSec=2\nKillMode=process\nTimeoutStopSec=30\nLimitNOFILE=65536\nUMask=0077\n";
  out += restriction_lines(facts);
  if (system) out += file_system_lines(facts);
  return out + fmt::format("\n[Install]\nWantedBy={}\n", system ? "multi-user.target" : "default.target");
}

}  // namespace flotte::cli
