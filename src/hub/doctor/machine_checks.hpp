// What this machine itself tells: directories, disk, programs, limits, clock. Blocking, no network.
#pragma once
#include <string>

#include "engine/find/model_files.hpp"
#include "hub/doctor/check.hpp"

namespace flotte::hub {

Check check_version();
/// Whether DATA can be written to, or made.
Check check_data(const std::string& data);
Check check_disk(const std::string& data);
/// llama-server, judged by whether there is a file for it to run.
Check check_llama_server(const engine::ModelFiles& files);
/// pdftotext and tesseract.
Checks check_readers();
/// What holds runs to their limits.
Checks check_sandbox();
Check check_agents();
Check check_clock();

}  // namespace flotte::hub
