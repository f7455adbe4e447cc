// Telling a full disk from other things that are exhausted.
#include "base/disk_full.hpp"

namespace flotte {
namespace {

// An error goes through SQL exceptions, other threads and the node's link: its words are what all of them keep.
constexpr std::string_view words = " disk is full";

}  // namespace

Error disk_full(std::string_view whose, std::string hint) { return {Code::exhausted, std::string(whose).append(words), std::move(hint)}; }

bool is_disk_full(const Error& error) noexcept { return error.code == Code::exhausted && std::string_view(error.message).ends_with(words); }

}  // namespace flotte
