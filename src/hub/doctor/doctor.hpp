// `flotte doctor`: walks through what is there and what is missing, and says what to do.
#pragma once
#include "hub/config.hpp"

namespace flotte::hub {

struct DoctorOptions {
  std::string config, data;
  bool json = false;
  bool online = false;  // shows keys to their providers
};
/// Prints to standard output. Returns 0, or 1 where something prevents work.
int doctor_main(const DoctorOptions& options);

}  // namespace flotte::hub
