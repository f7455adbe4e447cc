// fuzz_test SEEDS [COUNT]: every target with its seeds (SEEDS/NAME/*), with nothing, and with COUNT mutations that are the same in every
// run. What libFuzzer would find sooner is looked for by script/fuzz; this keeps what it found from coming back.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/fuzz_target.hpp"

namespace {

using Bytes = std::string;

struct Chance {
  std::uint64_t state;
  std::uint64_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  }
  std::size_t below(std::size_t bound) { return bound ? next() % bound : 0; }
};

constexpr std::string_view words[] = {"\r\n",
                                      "\n\n",
                                      "\"",
                                      "\\",
                                      "{",
                                      "}",
                                      "[",
                                      "]",
                                      ":",
                                      ",",
                                      "0",
                                      "-1",
                                      "1e9",
                                      "null",
                                      "true",
                                      "\\u0000",
                                      "\\ud800",
                                      "<",
                                      ">",
                                      "&#x0;",
                                      "data: ",
                                      "\xff",
                                      "\0",
                                      "\xe3",
                                      "\xf0",
                                      "99999999999999999999",
                                      "model",
                                      "usage",
                                      "Content-Length: ",
                                      "ffffffffffffffff"};

Bytes mutate(Bytes bytes, const std::vector<Bytes>& seeds, Chance& chance) {
  for (std::size_t round = 1 + chance.below(4); round > 0; --round) {
    const std::size_t at = chance.below(bytes.size() + 1),
                      length = chance.below(std::min<std::size_t>(bytes.size() - std::min(at, bytes.size()), 16) + 1);
    switch (chance.below(6)) {
      case 0:
        if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << chance.below(8)));
        break;
      case 1: bytes.erase(at, length); break;
      case 2: bytes.insert(at, words[chance.below(std::size(words))]); break;
      case 3: bytes.insert(at, Bytes(bytes.substr(at, length))); break;
      case 4: bytes.resize(at); break;
      default: {
        const Bytes& other = seeds[chance.below(seeds.size())];
        bytes.insert(at, other.substr(chance.below(other.size() + 1)));
      }
    }
    if (bytes.size() > 64 * 1024) bytes.resize(64 * 1024);
  }
  return bytes;
}

std::vector<Bytes> read_seeds(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(folder))
    for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Bytes> out;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    out.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return out;
}

const Bytes* current = nullptr;

/// Where a run ends the process, the input that did it is kept.
void keep_input(int number) {
  const int file = ::open("fuzz_last_input", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (current && ::write(file, current->data(), current->size()) >= 0) {
    static constexpr char text[] = "the input is in fuzz_last_input\n";
    [[maybe_unused]] const auto said = ::write(2, text, sizeof text - 1);
  }
  ::signal(number, SIG_DFL);
  ::raise(number);
}

}  // namespace

int main(int count, char** values) {
  if (count < 2) {
    std::fputs("usage: fuzz_test SEEDS [COUNT]\n", stderr);
    return 2;
  }
  for (const int number : {SIGABRT, SIGSEGV, SIGFPE}) ::signal(number, keep_input);
  const std::filesystem::path seeds_folder = values[1];
  const int mutations = count > 2 ? std::atoi(values[2]) : 2000;
  int without = 0;
  for (const auto& target : flotte::fuzz::targets()) {
    const std::vector<Bytes> seeds = read_seeds(seeds_folder / target.name);
    if (seeds.empty()) {
      std::fprintf(stderr, "%.*s has no seeds in %s\n", static_cast<int>(target.name.size()), target.name.data(), values[1]);
      ++without;
      continue;
    }
    const auto run = [&](const Bytes& bytes) {
      current = &bytes;
      target.run(bytes);
    };
    run({});
    for (const Bytes& seed : seeds) run(seed);
    Chance chance{0x9e3779b97f4a7c15};
    for (int i = 0; i < mutations; ++i) run(mutate(seeds[chance.below(seeds.size())], seeds, chance));
    std::printf("%.*s: %zu seeds, %d mutations\n", static_cast<int>(target.name.size()), target.name.data(), seeds.size(), mutations);
  }
  return without ? 1 : 0;
}
