// The spool with torn files, damaged files, full disks and restarts.
#include "work/spool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <csignal>

#include <fstream>

#include "base/random.hpp"

namespace flotte::work {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class Directory {
 public:
  Directory() {
    std::string name = (fs::temp_directory_path() / "flotte-spool-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Directory() { fs::remove_all(path); }
  std::vector<fs::path> segments() const {
    std::vector<fs::path> out;
    for (const auto& f : fs::directory_iterator(path))
      if (f.path().extension() == ".seg") out.push_back(f.path());
    std::sort(out.begin(), out.end());
    return out;
  }
  fs::path path;
};

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void spit(const fs::path& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }

wire::Record record(std::int64_t number, std::string text = "hello \"\n\" 日本") {
  wire::Record r{number, {"t7", 3}, wire::RecordKind::output, 1234, {}};
  r.body["stream"] = "out";
  r.body["text"] = text;
  return r;
}

std::unique_ptr<Spool> open(const Directory& dir, Spool::Limits limits = {}) {
  auto spool = Spool::open(dir.path, limits);
  EXPECT_TRUE(spool) << (spool ? "" : spool.error().text());
  return spool ? std::move(*spool) : nullptr;
}

std::vector<std::int64_t> numbers(const std::vector<wire::Record>& records) {
  std::vector<std::int64_t> out;
  for (const auto& r : records) out.push_back(r.number);
  return out;
}
std::vector<std::int64_t> all(const Spool& spool) { return numbers(spool.read(0, 1 << 30)); }
void append(Spool& spool, int count) {
  for (int i = 0; i < count; ++i) EXPECT_TRUE(spool.append(record(spool.next_number())));
}
/// The process dies: nothing is given back, nothing is flushed.
void crash(std::unique_ptr<Spool>& spool, const Directory& dir) {
  const std::string reserved = slurp(dir.path / "numbers");
  spool.reset();
  spit(dir.path / "numbers", reserved);
}

TEST(Spool, GivesBackWhatWasWritten) {
  Directory dir;
  auto spool = open(dir);
  append(*spool, 3);
  const auto records = spool->read(1, 1 << 20);
  ASSERT_THAT(numbers(records), ElementsAre(2, 3));
  EXPECT_EQ(records[0].run, (wire::RunId{"t7", 3}));
  EXPECT_EQ(records[0].kind, wire::RecordKind::output);
  EXPECT_EQ(records[0].at_ms, 1234);
  EXPECT_EQ(json::string_or(records[0].body, "text", ""), "hello \"\n\" 日本");
  EXPECT_THAT(numbers(spool->read(0, 1)), ElementsAre(1)) << "at least one";
  EXPECT_THAT(spool->read(3, 100), IsEmpty());
}

TEST(Spool, SurvivesTheProcess) {
  Directory dir;
  auto spool = open(dir);
  append(*spool, 3);
  spool->discard(1);
  crash(spool, dir);
  spool = open(dir);
  EXPECT_THAT(all(*spool), ElementsAre(1, 2, 3)) << "what was acknowledged may come back, the hub knows it by its number";
  EXPECT_EQ(spool->pending().size(), 3u);
  EXPECT_EQ(spool->damaged(), 0u);
}

TEST(Spool, NeverUsesANumberTwice) {
  Directory dir;
  auto spool = open(dir);
  append(*spool, 3);
  // The machine dies and the disk has nothing of the segment.
  crash(spool, dir);
  for (const auto& segment : dir.segments()) fs::remove(segment);
  spool = open(dir);
  EXPECT_GT(spool->next_number(), 3);
  const std::int64_t next = spool->next_number();
  append(*spool, 1);
  spool->discard(next);
  spool.reset();  // an orderly end skips nothing
  spool = open(dir);
  EXPECT_EQ(spool->next_number(), next + 1);
}

TEST(Spool, GoesOnAfterAJumpOfNumbers) {
  Directory dir;
  auto spool = open(dir, {.reserve = 10});
  append(*spool, 25);
  EXPECT_TRUE(spool->append(record(1000)));
  EXPECT_EQ(spool->next_number(), 1001);
  spool->discard(5000);
  EXPECT_EQ(spool->next_number(), 5001);
  crash(spool, dir);
  EXPECT_GE(open(dir)->next_number(), 1001);
}

TEST(Spool, RotatesAndDeletes) {
  Directory dir;
  auto spool = open(dir, {.segment_bytes = 1000});
  append(*spool, 40);
  const std::size_t files = dir.segments().size();
  EXPECT_GT(files, 4u);
  spool->discard(20);
  EXPECT_LT(dir.segments().size(), files);
  EXPECT_EQ(all(*spool).front(), 21);
  spool->discard(40);
  EXPECT_LE(dir.segments().size(), 1u);
  EXPECT_THAT(all(*spool), IsEmpty());
  append(*spool, 2);
  EXPECT_THAT(all(*spool), ElementsAre(41, 42));
}

TEST(Spool, IsEmptyForTheNextProcessWhenAllIsStored) {
  Directory dir;
  auto spool = open(dir);
  append(*spool, 3);
  spool->discard(3);
  append(*spool, 1);
  EXPECT_THAT(all(*spool), ElementsAre(4));
  spool->discard(4);
  crash(spool, dir);
  spool = open(dir);
  EXPECT_THAT(all(*spool), IsEmpty());
  EXPECT_GT(spool->next_number(), 4);
}

TEST(Spool, DeletesABigFileOnceAllOfItIsStored) {
  Directory dir;
  auto spool = open(dir);
  EXPECT_TRUE(spool->append(record(1, std::string(300'000, 'x'))));
  spool->discard(1);
  EXPECT_THAT(dir.segments(), IsEmpty());
  append(*spool, 1);
  EXPECT_THAT(all(*spool), ElementsAre(2));
}

TEST(Spool, ATornTailIsCutOff) {
  Directory dir;
  auto spool = open(dir);
  append(*spool, 3);
  crash(spool, dir);
  const fs::path file = dir.segments().at(0);
  const std::string whole = slurp(file);
  const std::string numbers_file = slurp(dir.path / "numbers");
  const std::size_t third = whole.rfind('\n', whole.size() - 2) + 1;
  for (std::size_t cut = third; cut < whole.size(); cut += 9) {
    spit(file, whole.substr(0, cut));
    spit(dir.path / "numbers", numbers_file);
    auto again = open(dir);
    ASSERT_THAT(all(*again), ElementsAre(1, 2)) << "cut at " << cut;
    append(*again, 1);
    const std::int64_t number = again->next_number() - 1;
    EXPECT_GT(number, 3);
    crash(again, dir);
    auto last = open(dir);
    ASSERT_THAT(all(*last), ElementsAre(1, 2, number)) << "cut at " << cut;
    last.reset();
  }
}

TEST(Spool, SkipsADamagedLineInTheMiddle) {
  Directory dir;
  auto spool = open(dir);
  append(*spool, 3);
  crash(spool, dir);
  const fs::path file = dir.segments().at(0);
  std::string text = slurp(file);
  text[text.find('\n') + 30] ^= 0x20;
  spit(file, text);
  spool = open(dir);
  EXPECT_THAT(all(*spool), ElementsAre(1, 3));
  EXPECT_EQ(spool->damaged(), 1u);
}

TEST(Spool, ZerosAtTheEndAreATornTail) {
  Directory dir;
  auto spool = open(dir);
  append(*spool, 2);
  crash(spool, dir);
  std::ofstream(dir.segments().at(0), std::ios::app | std::ios::binary) << std::string(4096, '\0');
  spool = open(dir);
  EXPECT_THAT(all(*spool), ElementsAre(1, 2));
  append(*spool, 1);
  EXPECT_EQ(all(*spool).size(), 3u);
}

TEST(Spool, OneProcessAtATime) {
  Directory dir;
  auto spool = open(dir);
  auto second = Spool::open(dir.path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::conflict);
}

TEST(Spool, SaysWhereItCannotWrite) {
  Directory dir;
  spit(dir.path / "file", "x");
  auto spool = Spool::open(dir.path / "file" / "spool");
  ASSERT_FALSE(spool);
  EXPECT_EQ(spool.error().code, Code::io);
  EXPECT_THAT(spool.error().text(), testing::HasSubstr("--data"));
}

TEST(Spool, KeepsInMemoryWhatAFullDiskRefuses) {
  Directory dir;
  auto spool = open(dir);
  append(*spool, 2);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto old = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = fs::file_size(dir.segments().at(0)) + 10;  // ten bytes of the next line fit
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto refused = spool->append(record(3));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::io);
  append(*spool, 1);
  EXPECT_THAT(all(*spool), ElementsAre(1, 2, 3, 4));
  crash(spool, dir);
  spool = open(dir);
  EXPECT_THAT(all(*spool), ElementsAre(1, 2, 4)) << "half a line did not damage the next one";
  EXPECT_EQ(spool->damaged(), 0u);
}

TEST(Spool, SyncNamesHowFarItReaches) {
  Directory dir;
  auto spool = open(dir, {.segment_bytes = 300});
  append(*spool, 5);
  const auto job = spool->begin_sync();
  EXPECT_EQ(job.up_to, 5);
  EXPECT_GT(job.files.size(), 1u);
  append(*spool, 1);
  spool->discard(6);
  EXPECT_TRUE(job.run()) << "deleted meanwhile";
  EXPECT_EQ(spool->begin_sync().up_to, 6);
}

TEST(SpoolScan, StopsBeforeATornTailAtEveryByte) {
  const std::string two = format_spool_line(record(1)) + format_spool_line(record(2));
  const std::string three = two + format_spool_line(record(3));
  for (std::size_t cut = two.size(); cut < three.size(); ++cut) {
    int records = 0;
    const SegmentScan scan = scan_segment(three.substr(0, cut), [&](wire::Record, std::size_t, std::size_t) { ++records; });
    EXPECT_EQ(scan.good_bytes, two.size());
    EXPECT_EQ(scan.damaged, 0u);
    EXPECT_EQ(records, 2);
  }
}

TEST(SpoolScan, TakesAnyBytes) {
  Random random(11);
  std::string good;
  for (int i = 1; i <= 5; ++i) good += format_spool_line(record(i, "x"));
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = good;
    const auto changes = 1 + random.below(6);
    for (std::uint64_t c = 0; c < changes && !bytes.empty(); ++c) {
      const std::size_t at = random.below(bytes.size());
      switch (random.below(4)) {
        case 0: bytes[at] = static_cast<char>(random.below(256)); break;
        case 1: bytes.erase(at, 1 + random.below(40)); break;
        case 2: bytes.insert(at, bytes.substr(random.below(bytes.size()), random.below(80))); break;
        default: bytes.resize(at + 1); break;
      }
    }
    std::int64_t last = 0;
    const SegmentScan scan = scan_segment(bytes, [&](wire::Record r, std::size_t offset, std::size_t length) {
      EXPECT_GT(r.number, last);
      last = r.number;
      EXPECT_LE(offset + length, bytes.size());
      EXPECT_EQ(json::string_or(r.body, "text", ""), "x") << "a checksum let something wrong through";
    });
    EXPECT_LE(scan.good_bytes, bytes.size());
    EXPECT_TRUE(scan.good_bytes == 0 || bytes[scan.good_bytes - 1] == '\n');
  }
}

}  // namespace
}  // namespace flotte::work
