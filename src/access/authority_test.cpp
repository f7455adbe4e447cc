// The authority's files: what is made, what stays, what is made anew.
#include "access/authority.hpp"
#include "base/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>

#include "base/file.hpp"

namespace flotte::access {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate read_certificate(const std::string& path) {
  const auto text = read_file(path);
  BIO* bio = BIO_new_mem_buf(text->data(), static_cast<int>(text->size()));
  Certificate out(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr), X509_free);
  BIO_free(bio);
  return out;
}

class AuthorityTest : public testing::Test {
 protected:
  AuthorityTest() { options = {root + "/tls", "attic", {"localhost", "attic"}, {"127.0.0.1", "::1", "192.168.1.5"}}; }
  ServerIdentity prepare() {
    auto made = prepare_identity(options, now);
    EXPECT_TRUE(made) << made.error().text();
    return made ? *made : ServerIdentity{};
  }
  /// As a client that trusts the authority looks at the server, at `now`.
  bool trusted(const ServerIdentity& identity, const std::string& address) {
    const Certificate authority = read_certificate(identity.authority_file), leaf = read_certificate(identity.certificate_file);
    X509_STORE* store = X509_STORE_new();
    X509_STORE_add_cert(store, authority.get());
    X509_STORE_CTX* context = X509_STORE_CTX_new();
    X509_STORE_CTX_init(context, store, leaf.get(), nullptr);
    X509_VERIFY_PARAM* wanted = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_flags(wanted, X509_V_FLAG_X509_STRICT);
    X509_VERIFY_PARAM_set_purpose(wanted, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set_time(wanted, static_cast<time_t>(to_ms(now) / 1000));
    X509_VERIFY_PARAM_set1_ip_asc(wanted, address.c_str());
    const bool good = X509_verify_cert(context) == 1;
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return good;
  }
  TemporaryDirectory directory;
  const std::string& root = directory.path;
  AuthorityOptions options;
  WallTime now = from_ms(1'700'000'000'000);
};

TEST_F(AuthorityTest, MakesAServerThatItsAuthorityVouchesFor) {
  const ServerIdentity identity = prepare();
  EXPECT_TRUE(identity.reissued);
  EXPECT_TRUE(trusted(identity, "192.168.1.5"));
  EXPECT_TRUE(trusted(identity, "::1"));
  EXPECT_FALSE(trusted(identity, "192.168.1.6"));
  EXPECT_EQ(X509_check_host(read_certificate(identity.certificate_file).get(), "attic", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ca(read_certificate(identity.certificate_file).get()), 0);
}

TEST_F(AuthorityTest, KeysAreForTheirOwnerOnly) {
  const ServerIdentity identity = prepare();
  struct stat facts{};
  for (const std::string& key : {identity.key_file, root + "/tls/ca.key"}) {
    ASSERT_EQ(::stat(key.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600u) << key;
  }
  ASSERT_EQ(::stat((root + "/tls").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
}

TEST_F(AuthorityTest, ASecondStartChangesNothing) {
  const ServerIdentity first = prepare();
  const std::string before = read_file(first.certificate_file).value();
  now += std::chrono::hours(24);
  EXPECT_FALSE(prepare().reissued);
  EXPECT_EQ(read_file(first.certificate_file).value(), before);
}

TEST_F(AuthorityTest, AnotherAddressMakesAnotherCertificateForTheSameKey) {
  const ServerIdentity first = prepare();
  const std::string key = read_file(first.key_file).value(), authority = read_file(first.authority_file).value();
  options.addresses.back() = "10.0.0.7";
  const ServerIdentity second = prepare();
  EXPECT_TRUE(second.reissued);
  EXPECT_TRUE(trusted(second, "10.0.0.7"));
  EXPECT_FALSE(trusted(second, "192.168.1.5"));
  EXPECT_EQ(read_file(second.key_file).value(), key);
  EXPECT_EQ(read_file(second.authority_file).value(), authority);
}

TEST_F(AuthorityTest, IsRenewedBeforeItEnds) {
  const std::string key = read_file(prepare().key_file).value();
  now += certificate_life - renew_before + std::chrono::hours(1);
  const ServerIdentity second = prepare();
  EXPECT_TRUE(second.reissued);
  EXPECT_TRUE(trusted(second, "127.0.0.1"));
  EXPECT_EQ(read_file(second.key_file).value(), key);
  now += authority_life;  // also the authority's certificate, with its key
  const ServerIdentity third = prepare();
  EXPECT_TRUE(third.reissued);
  EXPECT_TRUE(trusted(third, "127.0.0.1"));
  EXPECT_EQ(read_file(third.key_file).value(), key);
}

TEST_F(AuthorityTest, ADamagedKeyIsNamed) {
  const ServerIdentity identity = prepare();
  ASSERT_TRUE(replace_file(identity.key_file, "nonsense"));
  const auto refused = prepare_identity(options, now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::corrupt);
  EXPECT_NE(refused.error().message.find("server.key"), std::string::npos);
}

TEST_F(AuthorityTest, ALostCertificateIsMadeAgain) {
  const ServerIdentity identity = prepare();
  std::filesystem::remove(identity.certificate_file);
  std::filesystem::remove(identity.authority_file);
  EXPECT_TRUE(prepare().reissued);
  EXPECT_TRUE(trusted(identity, "127.0.0.1"));
}

}  // namespace
}  // namespace flotte::access
