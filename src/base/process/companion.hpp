// Programs that may come with this installation: PREFIX/bin/flotte, PREFIX/libexec/NAME.
#pragma once
#include <string>
#include <string_view>

namespace flotte {

/// The file of the running executable, as it was called when it started; empty where the system does not say.
std::string own_executable();

/// How to start a helper program: the machine's own (on the PATH) where it has one, else PREFIX/libexec/NAME where `executable` is
/// PREFIX/bin/..., else the bare name, which then fails to start with `not_found`.
std::string companion_program(std::string_view name, const std::string& executable = own_executable());

}  // namespace flotte
