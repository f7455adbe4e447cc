// The hub speaks to programs as well; its advice in the words of the command line. Pure.
#pragma once
#include <string>

namespace flotte::cli {

/// "submit with --even-if-failed" of "submit with if_dependency_fails = run"; what is not known stays.
std::string in_words_of_commands(std::string advice);

}  // namespace flotte::cli
