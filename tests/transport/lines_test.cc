#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "bridge/transport/line_reader.h"
#include "bridge/transport/line_writer.h"

namespace bridge::transport {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) std::abort();
    read = ends[0];
    write = ends[1];
  }
  ~Pipe() {
    CloseRead();
    CloseWrite();
  }
  void CloseRead() {
    if (read >= 0) ::close(std::exchange(read, -1));
  }
  void CloseWrite() {
    if (write >= 0) ::close(std::exchange(write, -1));
  }
  void Put(std::string_view text) const {
    ASSERT_EQ(::write(write, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  int read = -1;
  int write = -1;
};

std::vector<std::pair<std::string, bool>> ReadAll(const std::vector<std::string>& pieces) {
  Pipe pipe;
  std::vector<std::pair<std::string, bool>> lines;
  std::promise<void> end;
  LineReader reader(
      pipe.read, 8,
      [&lines](std::string line, bool whole) { lines.emplace_back(std::move(line), whole); },
      [&end] { end.set_value(); });
  for (const std::string& piece : pieces) pipe.Put(piece);
  pipe.CloseWrite();
  end.get_future().wait();
  return lines;
}

TEST(LineReader, CutsAtNewlinesHoweverTheyCome) {
  EXPECT_THAT(ReadAll({"one\ntw", "o\r\n\n\r", "\nthree"}),
              ElementsAre(Pair("one", true), Pair("two", true), Pair("three", true)));
}

TEST(LineReader, ALongLineIsCutAndTheNextIsWhole) {
  EXPECT_THAT(ReadAll({"12345678\n123456789\n", "12345", "67890", "12345\nok\n"}),
              ElementsAre(Pair("12345678", true), Pair("12345678", false), Pair("12345678", false),
                          Pair("ok", true)));
}

TEST(LineReader, StopEndsItWhileNothingComes) {
  Pipe pipe;
  std::promise<void> end;
  LineReader reader(
      pipe.read, 8, [](const std::string&, bool) { FAIL(); }, [&end] { end.set_value(); });
  reader.Stop();
  end.get_future().wait();
}

std::string ReadBytes(int fd, size_t bytes) {
  std::string text(bytes, '\0');
  size_t filled = 0;
  while (filled < bytes) {
    const ssize_t got = ::read(fd, text.data() + filled, bytes - filled);
    if (got <= 0) break;
    filled += static_cast<size_t>(got);
  }
  text.resize(filled);
  return text;
}

TEST(LineWriter, WritesLinesInOrder) {
  Pipe pipe;
  LineWriter writer(pipe.write, [] {});
  EXPECT_EQ(writer.Write("one"), LineWriter::Written::kTaken);
  EXPECT_EQ(writer.Write(""), LineWriter::Written::kTaken);
  EXPECT_EQ(writer.Write("three"), LineWriter::Written::kTaken);
  EXPECT_EQ(ReadBytes(pipe.read, 11), "one\n\nthree\n");
}

TEST(LineWriter, TellsWhenItIsFullAndWhenItHasDrained) {
  Pipe pipe;
  std::promise<void> drained;
  LineWriter writer(pipe.write, [&drained] { drained.set_value(); });
  const std::string line(100'000, 'x');
  EXPECT_EQ(writer.Write(line), LineWriter::Written::kFull);
  EXPECT_EQ(writer.Write(line), LineWriter::Written::kFull);  // taken all the same
  EXPECT_TRUE(writer.full());
  EXPECT_EQ(ReadBytes(pipe.read, 200'002), line + "\n" + line + "\n");
  drained.get_future().wait();
  EXPECT_FALSE(writer.full());
  EXPECT_TRUE(writer.WaitForRoom());
  EXPECT_FALSE(writer.gone());
}

TEST(LineWriter, TellsWhenNobodyReadsAnyMore) {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  std::promise<void> gone;
  LineWriter writer(pipe.write, [&gone] { gone.set_value(); });
  pipe.CloseRead();
  writer.Write("one");
  gone.get_future().wait();
  EXPECT_TRUE(writer.gone());
  EXPECT_EQ(writer.Write("two"), LineWriter::Written::kGone);
  EXPECT_FALSE(writer.full());
  EXPECT_FALSE(writer.WaitForRoom());
}

TEST(LineWriter, EndsAlthoughItsReaderDoesNotRead) {
  Pipe pipe;
  LineWriter writer(pipe.write, [] {});
  EXPECT_EQ(writer.Write(std::string(1'000'000, 'x')), LineWriter::Written::kFull);
  writer.Flush(std::chrono::milliseconds(10));
}

}  // namespace
}  // namespace bridge::transport
