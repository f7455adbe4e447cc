// `flotte reload`.
#pragma once
#include "cli/session.hpp"

namespace flotte::cli {

/// The hub reads its configuration file again. Exit status 2 where the file is bad: then nothing changed.
int run_reload(const Common& common);

}  // namespace flotte::cli
