// The machine's authorities: every distribution's place, and what the environment says.
#include "http/detail/system_trust.hpp"
#include "base/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "http/stream.hpp"
#include "http/testing_certificate.hpp"

namespace flotte::http {
namespace {

namespace fs = std::filesystem;

/// A variable of the environment, given back at the end.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old, had_ = true;
    if (value.empty())
      ::unsetenv(name);
    else
      ::setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (had_)
      ::setenv(name_, old_.c_str(), 1);
    else
      ::unsetenv(name_);
  }

 private:
  const char* name_;
  std::string old_;
  bool had_ = false;
};

class SystemTrust : public ::testing::Test {
 protected:
  void put(const std::string& place) const {
    fs::create_directories(fs::path(root_ + place).parent_path());
    std::ofstream(root_ + place) << "x";
  }
  TemporaryDirectory directory_of_its_own_;
  const std::string& root_ = directory_of_its_own_.path;
  Variable file_{"SSL_CERT_FILE", ""}, directory_{"SSL_CERT_DIR", ""};
};

TEST_F(SystemTrust, IsFoundWhereEachDistributionKeepsIt) {
  for (const std::string place : {"/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                                  "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"}) {
    put(place);  // from the last of the list to the first: the newest wins
    EXPECT_EQ(detail::find_trust_store(root_).file, root_ + place);
  }
}

TEST_F(SystemTrust, IsADirectoryWhereThereIsNoFile) {
  fs::create_directories(root_ + "/etc/ssl/certs");
  const auto store = detail::find_trust_store(root_);
  EXPECT_EQ(store.file, "");
  EXPECT_EQ(store.directory, root_ + "/etc/ssl/certs");
}

TEST_F(SystemTrust, IsEmptyOnAMachineWithoutOne) {
  const auto store = detail::find_trust_store(root_);
  EXPECT_EQ(store.file + store.directory, "");
}

TEST_F(SystemTrust, IsWhatTheEnvironmentSays) {
  put("/etc/ssl/cert.pem");
  const Variable file("SSL_CERT_FILE", "/somewhere/else.pem");
  EXPECT_EQ(detail::find_trust_store(root_).file, "/somewhere/else.pem");
  const auto refused = TlsContext::client();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("/somewhere/else.pem"), std::string::npos) << refused.error().text();
  EXPECT_NE(refused.error().text().find("SSL_CERT_FILE"), std::string::npos) << refused.error().text();
}

TEST_F(SystemTrust, AFileOfTheEnvironmentIsRead) {
  const testing::TestCertificate certificate;
  const Variable file("SSL_CERT_FILE", certificate.certificate_file());
  EXPECT_TRUE(TlsContext::client());
}

}  // namespace
}  // namespace flotte::http
