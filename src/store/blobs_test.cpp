// Blobs on a real directory.
#include "store/blobs.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

namespace flotte::store {
namespace {

class BlobsTest : public ::testing::Test {
 protected:
  BlobsTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "flotte-blobs-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~BlobsTest() override { std::filesystem::remove_all(directory_); }
  std::size_t files() const {
    std::size_t n = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_)) n += entry.is_regular_file() ? 1 : 0;
    return n;
  }
  std::string directory_;
};

TEST_F(BlobsTest, GivesBackWhatWasPutUnderTheHashOfItsBytes) {
  auto blobs = Blobs::open(directory_).value();
  const std::string id = blobs.put("abc").value();
  EXPECT_EQ(id, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(blobs.get(id).value(), "abc");
  EXPECT_EQ(blobs.get("sha256:" + id).value(), "abc");
  EXPECT_EQ(blobs.size(id), 3);
  EXPECT_EQ(blobs.put("abc").value(), id);
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(blobs.get(id, 2).error().code, Code::too_large);
}

TEST_F(BlobsTest, TakesPiecesAndChecksWhatWasPromised) {
  auto blobs = Blobs::open(directory_).value();
  const std::string whole = blobs.put(std::string(300'000, 'z')).value();
  auto writer = blobs.begin().value();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(writer.write(std::string(100'000, 'z')));
  EXPECT_EQ(writer.finish(whole).value(), whole);
  auto liar = blobs.begin().value();
  ASSERT_TRUE(liar.write("other"));
  EXPECT_EQ(liar.finish(whole).error().code, Code::unprocessable);
}

TEST_F(BlobsTest, LeavesNothingOfWhatWasNotFinished) {
  auto blobs = Blobs::open(directory_).value();
  {
    auto writer = blobs.begin().value();
    ASSERT_TRUE(writer.write("half"));
    EXPECT_EQ(files(), 1U);
  }
  EXPECT_EQ(files(), 0U);
}

TEST_F(BlobsTest, RefusesIdsThatArePaths) {
  auto blobs = Blobs::open(directory_).value();
  for (const char* id : {"", "..", "../../etc/passwd", "ABC"}) {
    EXPECT_EQ(blobs.path(id).error().code, Code::invalid_argument);
    EXPECT_FALSE(blobs.has(id));
  }
  EXPECT_EQ(blobs.get(std::string(64, 'a')).error().code, Code::not_found);
}

}  // namespace
}  // namespace flotte::store
