// Programs of this installation.
#include "base/process/companion.hpp"
#include "base/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/process/spawn.hpp"

namespace flotte {
namespace {

TEST(Companion, TheMachinesProgramIsPreferredThenTheOneOfThisInstallation) {
  const TemporaryDirectory directory;
  const std::string& prefix = directory.path;
  std::filesystem::create_directories(prefix + "/libexec");
  for (const std::string name : {"sh", "flotte-no-such-program"}) {
    std::ofstream(prefix + "/libexec/" + name) << "#!/bin/sh\n";
    ::chmod((prefix + "/libexec/" + name).c_str(), 0755);
  }
  const std::string executable = prefix + "/bin/flotte";
  EXPECT_EQ(companion_program("sh", executable), "sh");
  EXPECT_EQ(companion_program("flotte-no-such-program", executable), prefix + "/libexec/flotte-no-such-program");
  EXPECT_EQ(companion_program("flotte-nor-this", executable), "flotte-nor-this");
  EXPECT_EQ(companion_program("flotte-nor-this", ""), "flotte-nor-this");
}

TEST(Companion, TheRunningExecutableIsKnown) {
  const std::string own = own_executable();
  EXPECT_TRUE(own.ends_with("/base_test")) << own;
}

}  // namespace
}  // namespace flotte
