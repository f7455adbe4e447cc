// The parts of a capacity, each read from files below a root.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machine/meter.hpp"
#include "wire/capacity.hpp"

namespace flotte::machine::detail {

/// A small file without the white space around it; empty where it cannot be read.
std::string read_word(const std::string& path);
std::optional<std::int64_t> read_number(const std::string& path);
/// Names in a directory, sorted.
std::vector<std::string> names_in(const std::string& directory);
bool exists(const std::string& path);

/// Cores and memory; the limits of a container count.
void read_processor(const std::string& root, wire::Capacity& out);
void read_memory(const std::string& root, wire::Capacity& out);
/// Of the file system with `directory` or with the nearest parent that is there.
void read_disk(std::string directory, wire::Capacity& out);
void read_power(const std::string& root, wire::Capacity& out);
std::vector<wire::Gpu> read_amd(const std::string& root);
/// The answer of `nvidia-smi --query-gpu=name,memory.total,memory.free --format=csv,noheader,nounits`.
std::vector<wire::Gpu> parse_nvidia(std::string_view answer);

struct Routes {
  std::string default_card;                                  // empty: no way out
  std::vector<std::pair<std::string, std::string>> subnets;  // (card, "192.168.1.0/24")
};
/// The text of /proc/net/route.
Routes parse_routes(std::string_view text);
Routes read_routes(const std::string& root);
std::vector<wire::NetworkCard> read_networks(const std::string& root);
/// The answer of `nmcli -t -f GENERAL.DEVICE,GENERAL.METERED device show`.
std::optional<bool> parse_metered(std::string_view answer, std::string_view card);

/// Without versions.
std::vector<wire::FoundAgent> find_agents(const Surroundings& where);
/// "2.1.0" of "claude 2.1.0 (Claude Code)"; empty: there is none.
std::string parse_version(std::string_view text);

}  // namespace flotte::machine::detail
