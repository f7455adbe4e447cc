// What a look found that cannot answer, and why. Pure.
#pragma once
#include <vector>

#include "engine/find/finder.hpp"
#include "wire/capacity.hpp"
#include "wire/fleet.hpp"

namespace flotte::engine {

/// Of model files, servers, and engines that are there and do not work.
std::vector<wire::Seen> describe_unusable(const Found& found, const std::vector<wire::EngineInfo>& engines);

}  // namespace flotte::engine
