// What reading a document gives.
#pragma once
#include <string>
#include <vector>

namespace flotte::work {

struct ReadText {
  std::string text;                // UTF-8, line feeds only
  std::vector<std::string> notes;  // for the task's log: what was recognised or repaired on the way
};

}  // namespace flotte::work
