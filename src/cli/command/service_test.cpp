// What `flotte service install` finds out by itself, as `--print` shows it.
#include "cli/command/service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/process/companion.hpp"
#include "base/temporary_directory.hpp"

namespace flotte::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class ServiceInstall : public testing::Test {
 protected:
  void SetUp() override {
    if (own_executable().starts_with("/tmp/")) GTEST_SKIP() << "a program in /tmp is never made a service";
  }
  ServiceInstall() {
    common_.data = "/nonexistent/flotte";  // what lies in /tmp is no place for a service
    common_.config = directory_.path + "/flotte.toml";
    options_.print = true;
  }
  int print(const std::string& config) {
    std::ofstream(common_.config) << config;
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run_service_install(common_, options_);
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return code;
  }
  TemporaryDirectory directory_;
  Common common_;
  ServiceOptions options_;
  std::string out_, err_;
};

TEST_F(ServiceInstall, SeesInItsFileWhetherAHubRunsCommands) {
  options_.hub = true;
  EXPECT_EQ(print("[[worker]]\nname = \"reader\"\nkind = \"model\"\nmodel = \"m\"\n"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("RestrictNamespaces=yes"));
  EXPECT_THAT(out_, Not(HasSubstr("Delegate")));
  EXPECT_EQ(print("[[worker]]\nname = \"shell\"\nkind = \"command\"\nlimits = { memory = \"1G\" }\n"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("Delegate=yes"));
  EXPECT_THAT(out_, HasSubstr("Environment=\"PATH="));
  for (const char* absent : {"RestrictNamespaces", "ProtectControlGroups", "PrivateTmp"}) EXPECT_THAT(out_, Not(HasSubstr(absent)));
}

TEST_F(ServiceInstall, RefusesAFileWithWhichNoHubWouldStart) {
  options_.hub = true;
  EXPECT_EQ(print("[[worker]]\nname = \"shell\"\nkindd = \"command\"\n"), status::usage);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("flotte.toml:3: unknown key 'kindd'"));
}

}  // namespace
}  // namespace flotte::cli
