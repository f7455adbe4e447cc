// Keys and certificates by OpenSSL.
#include "access/authority.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <memory>
#include <set>

#include "base/file.hpp"

namespace flotte::access {
namespace {

template <auto F>
struct Free {
  template <class T>
  void operator()(T* thing) const {
    F(thing);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Names = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;

constexpr std::chrono::hours clock_skew{24};  // laptops whose clock is behind
constexpr std::size_t longest_name = 40;      // a common name has at most 64 characters

Failure openssl_failure(std::string_view what) {
  const unsigned long number = ERR_get_error();
  ERR_clear_error();
  const char* reason = number ? ERR_reason_error_string(number) : nullptr;
  return fail(Code::internal, fmt::format("{}: {}", what, reason ? reason : "OpenSSL gives no reason"));
}

std::string content(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return content(bio.get());
}

/// The key in that file; made where there is none.
Result<Key> load_or_make_key(const std::string& path) {
  auto text = read_file(path, 64 * 1024);
  if (!text && text.error().code != Code::not_found) return pass(text);
  if (text) {
    const Bio bio(BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
    Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    if (!key)
      return fail(Code::corrupt, path + " holds no private key", "put it back from a backup; without it every node must join again");
    return key;
  }
  Key key(EVP_EC_gen("P-256"));
  if (!key) return openssl_failure("no key could be made");
  const Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return openssl_failure("the key could not be written");
  const std::string pem = content(bio.get());
  if (auto saved = replace_file(path, pem, 0600); !saved) return pass(saved);
  return key;
}

/// The first certificate of that file; nothing where there is none that can be read.
Certificate load_certificate(const std::string& path) {
  const auto text = read_file(path, 256 * 1024);
  if (!text) return nullptr;
  const Bio bio(BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
  Certificate out(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return out;
}

std::time_t to_seconds(WallTime time) { return static_cast<std::time_t>(to_ms(time) / 1000); }

bool good_for(const Certificate& certificate, EVP_PKEY* key, WallTime now, std::chrono::hours rest) {
  if (!certificate) return false;
  std::time_t at = to_seconds(now), then = to_seconds(now + rest);
  return X509_cmp_time(X509_get0_notBefore(certificate.get()), &at) < 0 &&
         X509_cmp_time(X509_get0_notAfter(certificate.get()), &then) > 0 && EVP_PKEY_eq(X509_get0_pubkey(certificate.get()), key) == 1;
}

Result<Certificate> begin_certificate(EVP_PKEY* key, const std::string& name, WallTime now, std::chrono::hours life) {
  Certificate out(X509_new());
  X509* x = out.get();
  unsigned char serial[16];
  if (!x || RAND_bytes(serial, sizeof serial) != 1) return openssl_failure("no certificate could be made");
  serial[0] &= 0x7f;
  const std::unique_ptr<BIGNUM, Free<BN_free>> number(BN_bin2bn(serial, sizeof serial, nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x));
  X509_set_version(x, X509_VERSION_3);
  ASN1_TIME_set(X509_getm_notBefore(x), to_seconds(now - clock_skew));
  ASN1_TIME_set(X509_getm_notAfter(x), to_seconds(now + life));
  X509_set_pubkey(x, key);
  const auto* text = reinterpret_cast<const unsigned char*>(name.data());
  if (X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_commonName, MBSTRING_UTF8, text, static_cast<int>(name.size()), -1, 0) != 1)
    return openssl_failure(fmt::format("no certificate can be made for the name '{}'", name));
  return out;
}

bool add_extension(X509* x, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, x, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  return extension && X509_add_ext(x, extension.get(), -1) == 1;
}

std::string short_name(const std::string& hub) {
  std::string out;
  for (const char c : hub.substr(0, longest_name)) out += c >= ' ' && c <= '~' ? c : '-';
  return out;
}

Result<Certificate> make_authority(EVP_PKEY* key, const std::string& hub, WallTime now) {
  auto made = begin_certificate(key, fmt::format("flotte {} authority", short_name(hub)), now, authority_life);
  if (!made) return made;
  X509* x = made->get();
  X509_set_issuer_name(x, X509_get_subject_name(x));
  const bool added = add_extension(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                     add_extension(x, x, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                     add_extension(x, x, NID_subject_key_identifier, "hash") &&
                     add_extension(x, x, NID_authority_key_identifier, "keyid:always");
  if (!added || X509_sign(x, key, EVP_sha256()) == 0) return openssl_failure("the authority could not be made");
  return made;
}

/// What the certificate is for, as OpenSSL holds it. Names that it cannot hold are left out.
Names alternative_names(const AuthorityOptions& options) {
  Names out(GENERAL_NAMES_new());
  const auto push = [&](int type, void* value) {
    if (!value) return;
    GENERAL_NAME* name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, type, value);
    sk_GENERAL_NAME_push(out.get(), name);
  };
  for (const std::string& name : options.names) {
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, name.data(), static_cast<int>(name.size()));
    push(GEN_DNS, text);
  }
  for (const std::string& address : options.addresses) push(GEN_IPADD, a2i_IPADDRESS(address.c_str()));
  ERR_clear_error();
  return out;
}

std::set<std::string> words_of(const GENERAL_NAMES* names) {
  std::set<std::string> out;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names); ++i) {
    int type = 0;
    const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type));
    if (type == GEN_DNS || type == GEN_IPADD)
      out.insert(fmt::format("{}:", type) + std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                                                        static_cast<std::size_t>(ASN1_STRING_length(value))));
  }
  return out;
}

bool is_for(X509* certificate, const AuthorityOptions& options) {
  const Names there(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  return words_of(there.get()) == words_of(alternative_names(options).get());
}

struct Issuer {
  EVP_PKEY* key;
  X509* certificate;
};

Result<Certificate> issue(const Issuer& by, EVP_PKEY* key, const AuthorityOptions& options, WallTime now) {
  auto made = begin_certificate(key, fmt::format("flotte {}", short_name(options.hub)), now, certificate_life);
  if (!made) return made;
  X509* x = made->get();
  X509_set_issuer_name(x, X509_get_subject_name(by.certificate));
  const Names names = alternative_names(options);
  const bool added = X509_add1_ext_i2d(x, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1 &&
                     add_extension(x, by.certificate, NID_basic_constraints, "critical,CA:FALSE") &&
                     add_extension(x, by.certificate, NID_key_usage, "critical,digitalSignature") &&
                     add_extension(x, by.certificate, NID_ext_key_usage, "serverAuth") &&
                     add_extension(x, by.certificate, NID_subject_key_identifier, "hash") &&
                     add_extension(x, by.certificate, NID_authority_key_identifier, "keyid:always");
  if (!added || X509_sign(x, by.key, EVP_sha256()) == 0) return openssl_failure("the server's certificate could not be made");
  return made;
}

}  // namespace

Result<ServerIdentity> prepare_identity(const AuthorityOptions& options, WallTime now) {
  if (auto made = make_directories(options.directory, 0700); !made) return pass(made);
  std::error_code ignored;
  std::filesystem::permissions(options.directory, std::filesystem::perms::owner_all, ignored);
  ServerIdentity out{options.directory + "/ca.pem", options.directory + "/server.pem", options.directory + "/server.key"};
  auto authority_key = load_or_make_key(options.directory + "/ca.key");
  if (!authority_key) return pass(authority_key);
  auto key = load_or_make_key(out.key_file);
  if (!key) return pass(key);

  Certificate authority = load_certificate(out.authority_file);
  if (!good_for(authority, authority_key->get(), now, certificate_life + renew_before)) {
    auto made = make_authority(authority_key->get(), options.hub, now);
    if (!made) return pass(made);
    authority = std::move(*made);
    if (auto saved = replace_file(out.authority_file, pem_of(authority.get())); !saved) return pass(saved);
  }
  const Certificate there = load_certificate(out.certificate_file);
  if (good_for(there, key->get(), now, renew_before) && is_for(there.get(), options) && X509_verify(there.get(), authority_key->get()) == 1)
    return out;
  ERR_clear_error();
  auto made = issue({authority_key->get(), authority.get()}, key->get(), options, now);
  if (!made) return pass(made);
  if (auto saved = replace_file(out.certificate_file, pem_of(made->get()) + pem_of(authority.get())); !saved) return pass(saved);
  out.reissued = true;
  return out;
}

}  // namespace flotte::access
