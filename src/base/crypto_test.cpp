// Published vectors: FIPS 180-4, RFC 4231, RFC 8032, RFC 4648.
#include "base/crypto.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>

#include "base/file.hpp"

namespace flotte {
namespace {

std::string unhex(std::string_view text) { return from_hex(text).value(); }

TEST(Crypto, HashesLikeFips180) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 pieces;
  for (int i = 0; i < 1000; ++i) pieces.update(std::string(1000, 'a'));
  EXPECT_EQ(pieces.finish_hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Crypto, AuthenticatesLikeRfc4231) {
  EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Crypto, SignsLikeRfc8032) {
  // Test 1 of section 7.1: PKCS #8 is a fixed prefix and the 32 bytes of the secret key.
  const std::string der =
      unhex("302e020100300506032b657004220420") + unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  const auto key = SigningKey::from_pem("-----BEGIN PRIVATE KEY-----\n" + to_base64(der) + "\n-----END PRIVATE KEY-----\n");
  ASSERT_TRUE(key) << key.error().text();
  EXPECT_EQ(to_hex(key->public_key()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(to_hex(key->sign("")),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2465514143"
            "8e7a100b");
}

TEST(Crypto, RefusesASignatureOverAnotherMessageOrByAnotherKey) {
  const SigningKey key = SigningKey::make();
  const std::string signature = key.sign("message");
  EXPECT_TRUE(verify_signature(key.public_key(), "message", signature));
  EXPECT_FALSE(verify_signature(key.public_key(), "messagf", signature));
  EXPECT_FALSE(verify_signature(SigningKey::make().public_key(), "message", signature));
  EXPECT_FALSE(verify_signature(key.public_key(), "message", signature.substr(1)));
  EXPECT_FALSE(verify_signature("", "message", signature));
}

TEST(Crypto, KeepsAKeyInAFileThatOnlyItsOwnerReads) {
  const auto directory = std::filesystem::temp_directory_path() / ("flotte-crypto-" + random_token(6));
  ASSERT_TRUE(make_directories(directory.string()));
  const std::string path = (directory / "identity.key").string();
  const SigningKey key = SigningKey::make();
  ASSERT_TRUE(key.save(path));
  struct stat facts{};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  const auto again = SigningKey::load(path);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->public_key(), key.public_key());
  ASSERT_TRUE(replace_file(path, "nonsense"));
  EXPECT_EQ(SigningKey::load(path).error().code, Code::corrupt);
  EXPECT_EQ(SigningKey::load(path + ".none").error().code, Code::not_found);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(directory)) ++files;
  EXPECT_EQ(files, 1u) << "a temporary file was left behind";
  std::filesystem::remove_all(directory);
}

TEST(Crypto, ComparesSecrets) {
  EXPECT_TRUE(equal_secrets("abc", "abc"));
  EXPECT_FALSE(equal_secrets("abc", "abd"));
  EXPECT_FALSE(equal_secrets("abc", "abcd"));
  EXPECT_TRUE(equal_secrets("", ""));
}

TEST(Crypto, MakesTokensThatDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random_token(16));
  EXPECT_EQ(seen.size(), 1000u);
  EXPECT_EQ(seen.begin()->size(), 22u);
}

TEST(Encoding, FollowsRfc4648) {
  const std::pair<std::string, std::string> vectors[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
  }
  EXPECT_EQ(to_base64url("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(to_base64("\xfb\xff\xfe"), "+//+");
  EXPECT_EQ(to_hex(std::string("\x00\xff\x10", 3)), "00ff10");
}

TEST(Encoding, RefusesWhatNoEncoderWrites) {
  for (const char* wrong : {"Z", "Zg=", "Zg==Zg==", "Zm9*", "Zh==", "Zm9v=", "====", "Zg\n="}) EXPECT_FALSE(from_base64(wrong)) << wrong;
  EXPECT_FALSE(from_base64url("+//+"));
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("zz"));
}

}  // namespace
}  // namespace flotte
