// Names and ends of a run's groups.
#include "sandbox/group.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "sandbox/detail/cgroup.hpp"
#include "sandbox/machine.hpp"

namespace flotte::sandbox {
namespace {

constexpr std::size_t longest_name = 60, longest_stem = 40, hash_digits = 12;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::vector<CgroupPlace> distinct_places(const Machine& machine) {
  std::vector<CgroupPlace> out;
  for (const auto& place : {machine.memory, machine.cpu, machine.pids})
    if (place && std::ranges::find(out, *place) == out.end()) out.push_back(*place);
  return out;
}

}  // namespace

std::string group_name(std::string_view run_directory) {
  std::string_view path = run_directory;
  while (path.ends_with('/')) path.remove_suffix(1);
  std::string stem(path.substr(path.rfind('/') + 1).substr(0, longest_stem));
  for (char& c : stem)
    if (!is_name_character(c)) c = '_';
  return "run-" + stem + "-" + sha256_hex(path).substr(0, hash_digits);
}

Result<void> check_group_name(std::string_view name) {
  if (name.empty() || name.size() > longest_name || name.front() == '.' || !std::ranges::all_of(name, is_name_character))
    return fail(Code::invalid_argument, fmt::format("'{}' cannot name the group of a run", name), "see sandbox::group_name");
  return {};
}

Result<Account> remove(std::string_view name) {
  if (auto checked = check_group_name(name); !checked) return pass(checked);
  Account account;
  for (const CgroupPlace& place : distinct_places(read_machine())) {
    detail::add_account(account, place, std::string(name));
    if (auto removed = detail::remove_cgroup(place, std::string(name)); !removed) return pass(removed);
  }
  return account;
}

}  // namespace flotte::sandbox
