// Reading /proc.
#include "base/process/tree.hpp"

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <map>
#include <string>

#include "base/file.hpp"

namespace flotte {
namespace {

struct Facts {
  char state = '?';
  pid_t parent = 0;
  std::uint64_t birth = 0;
};

std::optional<Facts> read_facts(pid_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  if (!text) return std::nullopt;
  // The second field is a name in parentheses that may contain anything, also parentheses.
  const std::size_t name_end = text->rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= text->size()) return std::nullopt;
  std::string_view rest = std::string_view(*text).substr(name_end + 2);
  Facts facts;
  for (int field = 3; field <= 22 && !rest.empty(); ++field) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    if (field == 3) facts.state = word.empty() ? '?' : word[0];
    if (field == 4) std::from_chars(word.data(), word.data() + word.size(), facts.parent);
    if (field == 22) std::from_chars(word.data(), word.data() + word.size(), facts.birth);
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
  }
  return facts;
}

template <class Visit>
void for_each_process(Visit visit) {
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    pid_t pid = 0;
    const auto [rest, wrong] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (wrong == std::errc() && rest == name.data() + name.size()) visit(pid);
  }
}

}  // namespace

std::vector<pid_t> find_descendants(pid_t root) {
  std::multimap<pid_t, pid_t> children;
  for_each_process([&](pid_t pid) {
    if (const auto facts = read_facts(pid)) children.emplace(facts->parent, pid);
  });
  std::vector<pid_t> out;
  std::vector<pid_t> open{root};
  while (!open.empty()) {
    const pid_t parent = open.back();
    open.pop_back();
    const auto [first, last] = children.equal_range(parent);
    for (auto it = first; it != last; ++it) {
      out.push_back(it->second);
      open.push_back(it->second);
    }
  }
  return out;
}

std::vector<pid_t> find_by_environment(std::string_view pair) {
  std::vector<pid_t> out;
  const std::string wanted = std::string(pair) + '\0';
  for_each_process([&](pid_t pid) {
    if (pid == ::getpid()) return;
    const auto text = read_file("/proc/" + std::to_string(pid) + "/environ", 4 * 1024 * 1024);
    if (text && (text->starts_with(wanted) || text->find('\0' + wanted) != std::string::npos)) out.push_back(pid);
  });
  return out;
}

std::optional<std::uint64_t> process_birth(pid_t pid) {
  const auto facts = read_facts(pid);
  if (!facts || facts->state == 'Z' || facts->state == 'X') return std::nullopt;
  return facts->birth;
}

}  // namespace flotte
