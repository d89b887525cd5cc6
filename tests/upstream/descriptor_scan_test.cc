// What a descriptor is said to take in memory, beside what protobuf says once it is parsed.
#include "bridge/upstream/descriptor_scan.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/struct.pb.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "grpc/reflection/v1/reflection.pb.h"

namespace bridge::upstream {
namespace {

using ::google::protobuf::FileDescriptorProto;
using ::testing::ElementsAre;

constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

// `levels` messages, each inside the one before.
std::string Nested(int levels) {
  FileDescriptorProto file;
  auto* message = file.add_message_type();
  for (int i = 1; i < levels; ++i) message = message->add_nested_type();
  return file.SerializeAsString();
}

std::string Repeated(const std::string& element, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += element;
  return bytes;
}

TEST(ScanDescriptor, ReadsNameAndImports) {
  FileDescriptorProto file;
  file.set_name("a.proto");
  file.add_dependency("b.proto");
  file.add_message_type()->set_name("A");
  file.add_dependency("c.proto");
  const std::string bytes = file.SerializeAsString();
  const auto scan = ScanDescriptor(bytes, kNoLimit);
  ASSERT_TRUE(scan.has_value());
  EXPECT_EQ(scan->name, "a.proto");
  EXPECT_THAT(scan->imports, ElementsAre("b.proto", "c.proto"));
}

TEST(ScanDescriptor, WeighsRealFilesAboutRight) {
  for (const auto* descriptor :
       {google::protobuf::FileDescriptorProto::descriptor()->file(),
        google::protobuf::Struct::descriptor()->file(),
        grpc::reflection::v1::ServerReflectionRequest::descriptor()->file()}) {
    FileDescriptorProto file;
    descriptor->CopyTo(&file);
    const auto scan = ScanDescriptor(file.SerializeAsString(), kNoLimit);
    ASSERT_TRUE(scan.has_value()) << file.name();
    EXPECT_GE(scan->parsed_bytes, file.SpaceUsedLong()) << file.name();
    EXPECT_LE(scan->parsed_bytes, file.SpaceUsedLong() * 2) << file.name();
  }
}

// What is cheapest to send for what it takes: none may weigh less than it is.
TEST(ScanDescriptor, WeighsHostileFilesAtLeastAsTheyAre) {
  struct Row {
    const char* what;
    std::string bytes;
  };
  const Row rows[] = {
      {"empty messages", Repeated(std::string("\x22\x00", 2), 10'000)},
      {"empty enums", Repeated(std::string("\x2a\x00", 2), 10'000)},
      {"empty services", Repeated(std::string("\x32\x00", 2), 10'000)},
      {"empty imports", Repeated(std::string("\x1a\x00", 2), 10'000)},
      {"public imports", Repeated(std::string("\x50\x00", 2), 10'000)},
      {"unknown numbers", Repeated(std::string("\x78\x00", 2), 10'000)},
      {"unknown texts", Repeated(std::string("\x7a\x00", 2), 10'000)},
      {"fields of one message", "\x22\xa0\x9c\x01" + Repeated(std::string("\x12\x00", 2), 10'000)},
      {"a packed path", "\x4a\x94\x4e\x0a\x91\x4e\x0a\x8e\x4e" + std::string(9'998, '\x01')},
  };
  for (const Row& row : rows) {
    FileDescriptorProto file;
    ASSERT_TRUE(file.ParsePartialFromString(row.bytes)) << row.what;
    const auto scan = ScanDescriptor(row.bytes, kNoLimit);
    ASSERT_TRUE(scan.has_value()) << row.what;
    EXPECT_GE(scan->parsed_bytes * 5 / 4, file.SpaceUsedLong()) << row.what;
  }
}

TEST(ScanDescriptor, StopsWhereItIsTooMuch) {
  const std::string bytes = Repeated(std::string("\x1a\x00", 2), 1'000'000);
  const auto scan = ScanDescriptor(bytes, 100'000);
  ASSERT_TRUE(scan.has_value());
  EXPECT_GT(scan->parsed_bytes, 100'000u);
  EXPECT_LT(scan->parsed_bytes, 101'000u);
  EXPECT_TRUE(scan->imports.empty());
}

TEST(ScanDescriptor, WhatProtobufWouldNotParseIsDamaged) {
  const std::string rows[] = {"\xff", std::string("\x22\x05", 2), Nested(101), Nested(5'000)};
  for (const std::string& bytes : rows) {
    FileDescriptorProto file;
    EXPECT_FALSE(file.ParseFromString(bytes)) << bytes.size();
    EXPECT_FALSE(ScanDescriptor(bytes, kNoLimit).has_value()) << bytes.size();
  }
  EXPECT_TRUE(ScanDescriptor(Nested(99), kNoLimit).has_value());
}

// A custom option of proto2 may be a group, which the reader of the scan does not know.
TEST(ScanDescriptor, OptionsMayBeGroups) {
  const std::string group = "\x42\x06\xc3\x3e\x08\x01\xc4\x3e";  // options { 1000: group { 1: 1 } }
  FileDescriptorProto file;
  ASSERT_TRUE(file.ParseFromString(group));
  EXPECT_TRUE(ScanDescriptor(group, kNoLimit).has_value());
}

}  // namespace
}  // namespace bridge::upstream
