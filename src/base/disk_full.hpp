// A disk that is full. Its code is `exhausted` as that of a rate or a quota, but no patience helps: somebody has to make room, and an edge
// says so (HTTP 507). All who meet one make their error here, so that it is known again, whatever context it got on its way.
#pragma once
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte {

/// "the database's disk is full" for "the database's". `hint`: where to make room.
Error disk_full(std::string_view whose, std::string hint = {});
bool is_disk_full(const Error& error) noexcept;

}  // namespace flotte
