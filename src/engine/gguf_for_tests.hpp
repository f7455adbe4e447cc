// For tests: writes small GGUF files.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flotte::engine::testing {

class GgufWriter {
 public:
  GgufWriter& text(std::string_view key, std::string_view value) {
    begin(key, 8);
    put_string(pairs_, value);
    return *this;
  }
  GgufWriter& number(std::string_view key, std::uint32_t value) {
    begin(key, 4);
    put(pairs_, value);
    return *this;
  }
  GgufWriter& words(std::string_view key, const std::vector<std::string>& values) {
    begin(key, 9);
    put(pairs_, std::uint32_t{8});
    put(pairs_, std::uint64_t{values.size()});
    for (const std::string& value : values) put_string(pairs_, value);
    return *this;
  }
  GgufWriter& tensor(std::string_view name, const std::vector<std::uint64_t>& dimensions) {
    ++tensor_count_;
    put_string(tensors_, name);
    put(tensors_, static_cast<std::uint32_t>(dimensions.size()));
    for (const std::uint64_t d : dimensions) put(tensors_, d);
    put(tensors_, std::uint32_t{1});
    put(tensors_, std::uint64_t{0});
    return *this;
  }
  std::string bytes() const {
    std::string out = "GGUF";
    put(out, std::uint32_t{3});
    put(out, tensor_count_);
    put(out, pair_count_);
    return out + pairs_ + tensors_;
  }

 private:
  template <class T>
  static void put(std::string& out, T value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  static void put_string(std::string& out, std::string_view text) {
    put(out, std::uint64_t{text.size()});
    out += text;
  }
  void begin(std::string_view key, std::uint32_t type) {
    ++pair_count_;
    put_string(pairs_, key);
    put(pairs_, type);
  }
  std::string pairs_, tensors_;
  std::uint64_t pair_count_ = 0, tensor_count_ = 0;
};

}  // namespace flotte::engine::testing
