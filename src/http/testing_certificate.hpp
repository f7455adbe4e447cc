// For tests only: a self-made certificate for localhost, in files of a temporary directory.
#pragma once
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace flotte::http::testing {

class TestCertificate {
 public:
  TestCertificate() {
    directory_ =
        std::filesystem::temp_directory_path() / ("flotte-certificate-" + std::to_string(::getpid()) + "-" + std::to_string(count()++));
    std::filesystem::create_directories(directory_);
    std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
    X509* x = certificate.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1,
                               0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    add(x, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    add(x, NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(x, key.get(), EVP_sha256());
    save(certificate_file(), [x](FILE* f) { PEM_write_X509(f, x); });
    save(key_file(), [&key](FILE* f) { PEM_write_PrivateKey(f, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key.get(), &der);
    unsigned char digest[32];
    EVP_Digest(der, static_cast<std::size_t>(size), digest, nullptr, EVP_sha256(), nullptr);
    OPENSSL_free(der);
    unsigned char text[64];
    pin_.assign(reinterpret_cast<char*>(text), static_cast<std::size_t>(EVP_EncodeBlock(text, digest, 32)));
  }
  ~TestCertificate() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::string certificate_file() const { return (directory_ / "certificate.pem").string(); }
  std::string key_file() const { return (directory_ / "key.pem").string(); }
  const std::string& pin() const { return pin_; }

 private:
  static int& count() {
    static int n = 0;
    return n;
  }
  static void add(X509* x, int kind, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
  }
  template <class F>
  static void save(const std::string& path, F write) {
    FILE* file = std::fopen(path.c_str(), "w");
    write(file);
    std::fclose(file);
  }
  std::filesystem::path directory_;
  std::string pin_;
};

}  // namespace flotte::http::testing
