// What a conversion costs grows with its text, not with the text times its nesting: the same
// megabyte far inside and right at the top. CPU time, with much room: a square is a factor of
// forty.

#include <algorithm>
#include <ctime>
#include <functional>
#include <string>

#include "bridge/transcode/scratch.h"
#include "gtest/gtest.h"
#include "tests/transcode/codec_case.h"
#include "tests/transcode/wire_bytes.h"

namespace bridge::transcode {
namespace {

constexpr size_t kFiller = 1u << 20;
constexpr double kMuch = 12;

constexpr char kNode[] = R"(
syntax = "proto3";
package t;
import "google/protobuf/any.proto";
import "google/protobuf/struct.proto";
message Node {
  Node node = 1;
  string text = 2;
  google.protobuf.Any any = 3;
  google.protobuf.Struct dynamic = 4;
  map<string, Node> nodes = 5;
  int32 number = 6;
}
)";

// Groups in groups, as many levels as protoc takes.
std::string GroupsProto(int levels) {
  std::string groups;
  for (int i = 0; i < levels; ++i) {
    groups =
        "optional group G = 1 { " + groups + " optional int32 n = 2; optional string text = 3; }";
  }
  return "syntax = \"proto2\"; package t; message Tree { " + groups +
         " optional string text = 3; }";
}

double CpuSeconds(const std::function<void()>& work) {
  double least = 1e9;
  for (int round = 0; round < 3; ++round) {
    timespec begin{};
    timespec end{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    work();
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    least = std::min(least, static_cast<double>(end.tv_sec - begin.tv_sec) +
                                1e-9 * static_cast<double>(end.tv_nsec - begin.tv_nsec));
  }
  return least;
}

// `make` gives an input whose filler lies so many levels deep; `convert` must be done with it.
void ExpectLinear(int depth, const std::function<std::string(int)>& make,
                  const std::function<void(const std::string&)>& convert) {
  const std::string flat = make(1);
  const std::string deep = make(depth);
  ASSERT_LT(deep.size(), 2 * flat.size());
  const double shallow = CpuSeconds([&] { convert(flat); });
  const double nested = CpuSeconds([&] { convert(deep); });
  EXPECT_LT(nested, kMuch * shallow + 0.005) << shallow << " s flat";
}

std::string Around(int depth, const std::string& open, std::string text, const std::string& close) {
  std::string all;
  for (int i = 0; i < depth; ++i) all += open;
  all += text;
  for (int i = 0; i < depth; ++i) all += close;
  return all;
}

const std::string& Filler() {
  static const std::string filler(kFiller, 'x');
  return filler;
}

class A4Linear : public testing::Test {
 protected:
  // Arguments that come back as they were written.
  void ExpectArguments(const char* message, int depth, const std::string& open,
                       const std::string& inner, const std::string& close) {
    ExpectLinear(
        depth, [&](int levels) { return Around(levels, open, inner, close); },
        [&](const std::string& json) {
          const std::string wire = nodes_.Arguments(message, json);
          ASSERT_FALSE(wire.starts_with("$")) << wire;
          ASSERT_GT(wire.size(), kFiller);
        });
  }

  const CodecCase nodes_{kNode};
};

TEST_F(A4Linear, TypeLast) {
  ExpectArguments("google.protobuf.Any", 45, R"({"any":)",
                  R"({"text":")" + Filler() + R"(","@type":"x/t.Node"})",
                  R"(,"@type":"x/t.Node"})");
}

TEST_F(A4Linear, NestedAnyTypeLast) {
  // Only Anys between the message and the text.
  ExpectLinear(
      88,
      [](int levels) {
        return R"({"any":)" +
               Around(levels, R"({"value":)",
                      R"({"text":")" + Filler() + R"(","@type":"x/t.Node"})",
                      R"(,"@type":"x/google.protobuf.Any"})") +
               "}";
      },
      [this](const std::string& json) {
        const std::string wire = nodes_.Arguments("t.Node", json);
        ASSERT_FALSE(wire.starts_with("$")) << wire;
      });
}

TEST_F(A4Linear, TypeLastIsReadAsTypeFirst) {
  const std::string last =
      R"({"any":{"any":{"number":5,"any":{"@type":"x/t.Node"},"@type":"x/t.Node"},"text":"a","\u0040type":"x/t.Node"},"number":7})";
  const std::string first =
      R"({"any":{"@type":"x/t.Node","any":{"@type":"x/t.Node","number":5,"any":{"@type":"x/t.Node"}},"text":"a"},"number":7})";
  EXPECT_EQ(nodes_.Arguments("t.Node", last), nodes_.Arguments("t.Node", first));
  int repairs = 0;
  EXPECT_EQ(
      nodes_.Arguments(
          "t.Node",
          R"({"any":{"any":"{\"number\":5,\"any\":{\"@type\":\"x/t.Node\"},\"@type\":\"x/t.Node\"}","text":"a","@type":"x/t.Node"},"number":7})",
          &repairs),
      nodes_.Arguments("t.Node", first));
  EXPECT_EQ(repairs, 1);
  EXPECT_EQ(nodes_.Arguments("t.Node", R"({"any":{"text":"a","any":{"@type":"x/t.Node"}}})"),
            "$.any: expected a member \"@type\" with a type URL");
  EXPECT_EQ(
      nodes_.Arguments("t.Node", R"({"any":{"text":"a","@type":"x/t.Node","@type":"x/t.Node"}})"),
      "$.any: duplicate member \"@type\"");
  EXPECT_EQ(nodes_.Arguments("t.Node", R"({"any":{"text":"a","number":01,"@type":"x/t.Node"}})"),
            "$.any: invalid JSON at byte 28: leading zero in number");
}

TEST_F(A4Linear, NestedMessages) {
  ExpectArguments("t.Node", 95, R"({"node":)", R"({"text":")" + Filler() + "\"}", "}");
}

TEST_F(A4Linear, NestedStructs) {
  ExpectLinear(
      95,
      [](int levels) {
        return R"({"dynamic":)" + Around(levels, R"({"a":)", '"' + Filler() + '"', "}") + "}";
      },
      [this](const std::string& json) {
        const std::string wire = nodes_.Arguments("t.Node", json);
        ASSERT_EQ(nodes_.Answer("t.Node", wire), json);
      });
}

// Each Any takes back what the one inside has written, until that is more than an answer may have.
TEST_F(A4Linear, AnyThatCannotBeReadAtEachLevel) {
  const std::string cut = WireTag(1, 2) + WireVarint(8);
  ExpectLinear(
      40,
      [&](int levels) {
        std::string message = WireBytes(2, Filler());
        for (int i = 0; i <= levels; ++i) {
          message = WireBytes(3, WireBytes(1, "x/t.Node") + WireBytes(2, message)) + cut;
        }
        return WireBytes(3, WireBytes(1, "x/t.Node") + WireBytes(2, message));
      },
      [this](const std::string& wire) { ASSERT_FALSE(nodes_.Answer("t.Node", wire).empty()); });
}

TEST_F(A4Linear, LengthsOfLargeMessages) {
  // Around 4 KiB, where lengths get their room late, and with several inside of one.
  for (const size_t size : {100u, 127u, 128u, 4000u, 4090u, 4096u, 16383u, 16384u, 70000u}) {
    const std::string leaf = R"({"text":")" + std::string(size, 'x') + "\"}";
    const std::string json = R"({"node":{"node":)" + leaf + R"(,"nodes":{"a":)" + leaf +
                             R"(,"b":{"node":)" + leaf + R"(}},"number":5},"text":"end"})";
    const std::string wire = nodes_.Arguments("t.Node", json);
    EXPECT_EQ(nodes_.Answer("t.Node", wire), json) << size;
    // As a serializer would have it: the codec's own careful reader takes each length at its word.
    const std::string inner = WireBytes(2, std::string(size, 'x'));
    const std::string entries = WireBytes(5, WireBytes(1, "a") + WireBytes(2, inner)) +
                                WireBytes(5, WireBytes(1, "b") + WireBytes(2, WireBytes(1, inner)));
    EXPECT_EQ(wire,
              WireBytes(1, WireBytes(1, inner) + entries + WireNumber(6, 5)) + WireBytes(2, "end"))
        << size;
  }
}

TEST_F(A4Linear, AFaultFarInside) {
  const std::string inner = R"({"number":"x","text":")" + Filler() + "\"}";
  ExpectLinear(
      95, [&](int levels) { return Around(levels, R"({"node":)", inner, "}"); },
      [this](const std::string& json) {
        ASSERT_TRUE(nodes_.Arguments("t.Node", json).starts_with("$.node.")) << json.size();
      });
}

TEST_F(A4Linear, AFaultFarInsideOfAnysInAnys) {
  const std::string inner = R"({"@type":"x/t.Node","number":"x","text":")" + Filler() + "\"}";
  ExpectLinear(
      45,
      [&](int levels) {
        return R"({"any":)" +
               Around(levels,
                      R"({"@type":"x/t.Node","any":{"@type":"x/google.protobuf.Any","value":)",
                      inner, "}}") +
               "}";
      },
      [this](const std::string& json) {
        ASSERT_TRUE(nodes_.Arguments("t.Node", json).starts_with("$.any.any.")) << json.size();
      });
}

TEST_F(A4Linear, FaultsBeforeInsideAndBehind) {
  std::string wire;
  CodecError error;
  EXPECT_FALSE(nodes_.codec().ArgumentsToWire(
      nodes_.plan("t.Node"),
      R"({"number":"a","node":{"node":{"number":"b","text":"fine"},"nodes":{"k":{"number":"c"}}},)"
      R"("any":{"@type":"x/google.protobuf.Any","value":{"@type":"x/t.Node","number":"d"}},"nope":1})",
      &wire, &error));
  std::string places = error.path;
  for (const CodecError& more : error.more) places += " " + more.path;
  EXPECT_EQ(places, "$.number $.node.node.number $.node.nodes.k.number $.any.value.number $");
}

TEST_F(A4Linear, StrictMapsValueFirst) {
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(kNode));
  const auto codec = Codec::Make(graph, {}, ArgumentForm::kStrict);
  const Plan& plan = *codec->Compile(*graph->FindMessage("t.Node"));
  std::string wire;
  CodecError error;
  ExpectLinear(
      45,
      [](int levels) {
        return Around(levels, R"({"nodes":[{"value":)", R"({"text":")" + Filler() + "\"}",
                      R"(,"key":"k"}]})");
      },
      [&](const std::string& json) {
        wire.clear();
        ASSERT_TRUE(codec->ArgumentsToWire(plan, json, &wire, &error)) << error.message;
      });
  wire.clear();
  ASSERT_TRUE(codec->ArgumentsToWire(
      plan,
      R"({"nodes":[{"value":{"nodes":[{"value":{"number":1},"key":"b"},{"key":"c","value":{"number":2}}]},"key":"a"},{"value":{"number":3},"key":5}]})",
      &wire, &error))
      << error.message;
  EXPECT_EQ(nodes_.Answer("t.Node", wire),
            R"({"nodes":{"a":{"nodes":{"b":{"number":1},"c":{"number":2}}},"5":{"number":3}}})");
}

TEST_F(A4Linear, JsonInStringsEndsAtThree) {
  const auto quote = [](const std::string& json) {
    std::string text = "\"";
    for (const char c : json)
      text += (c == '"' || c == '\\') ? std::string("\\") + c : std::string(1, c);
    return text + "\"";
  };
  std::string json = R"({"number":5})";
  int repairs = 0;
  for (int levels = 1; levels <= 3; ++levels) {
    json = R"({"node":)" + quote(json) + "}";
    EXPECT_FALSE(nodes_.Arguments("t.Node", json, &repairs).starts_with("$")) << levels;
    EXPECT_EQ(repairs, levels);
  }
  json = R"({"node":)" + quote(json) + "}";
  EXPECT_TRUE(nodes_.Arguments("t.Node", json, &repairs)
                  .starts_with("$.node.node.node.node: expected an object with \"node\""));
}

class A4Groups : public testing::Test {
 protected:
  static constexpr int kLevels = 30;

  // `inner` is in so many groups; what is behind comes at the end of the outermost message.
  void ExpectAnswers(const std::string& inner, const std::string& behind) {
    ExpectLinear(
        kLevels,
        [&](int levels) {
          std::string wire = inner;
          for (int i = 0; i < levels; ++i) wire = WireGroup(1, wire);
          return wire + behind;
        },
        [this](const std::string& wire) {
          const std::string json = trees_.Answer("t.Tree", wire);
          ASSERT_TRUE(json.starts_with(R"({"g":{)") && json.ends_with(R"(,"text":"end"})"))
              << json.substr(0, 200);
        });
  }

  // Small records, which a skip has to look at one by one.
  static std::string Many(const std::string& records) {
    std::string many;
    while (many.size() < kFiller) many += records;
    return many;
  }

  const CodecCase trees_{GroupsProto(kLevels)};
};

TEST_F(A4Groups, InOrder) {
  ExpectAnswers(Many(WireNumber(99, 1)) + WireBytes(3, "x"), WireBytes(3, "end"));
}

TEST_F(A4Groups, InAnyOrder) {
  ExpectAnswers(Many(WireBytes(3, "x") + WireNumber(2, 1)), WireBytes(3, "end") + WireGroup(1, ""));
}

TEST_F(A4Groups, UnknownOnesInside) {
  std::string unknown = Many(WireNumber(5, 1));
  for (int i = 0; i < 50; ++i) unknown = WireGroup(77, unknown);
  ExpectAnswers(unknown, WireBytes(3, "end"));
}

TEST_F(A4Groups, HaveTheirOwnFields) {
  const std::string wire =
      WireGroup(
          1, WireBytes(3, "a") + WireNumber(2, 1) + WireGroup(9, WireBytes(1, "unknown")) +
                 WireGroup(1, WireNumber(2, 5) + WireGroup(1, WireBytes(3, std::string(40, 'x'))) +
                                  WireBytes(3, "b"))) +
      WireGroup(1, WireNumber(2, 2)) + WireBytes(3, "end");
  EXPECT_EQ(trees_.Answer("t.Tree", wire),
            R"({"g":{"g":{"g":{"text":")" + std::string(40, 'x') +
                R"("},"n":5,"text":"b"},"n":2,"text":"a"},"text":"end"})");
  EXPECT_EQ(trees_.Answer("t.Tree", WireTag(1, 3) + WireTag(1, 3) + WireTag(2, 4)),
            "$: the bytes are not an encoded t.Tree: truncated, or of another type");
}

// An object costs what it has, not what its type could have.
TEST(A4WideTypes, ListsOfEmptyObjects) {
  std::string wide = "syntax = \"proto3\"; package t; message One { int32 a = 1; }\nmessage Wide {";
  for (int i = 1; i <= 7000; ++i) {
    wide += " int32 f" + std::to_string(i) + " = " + std::to_string(i) + ";";
  }
  for (int i = 0; i < 900; ++i) {
    const std::string n = std::to_string(i);
    wide += " oneof o" + n + " { int32 x" + n + " = " + std::to_string(20000 + 2 * i) +
            "; int32 y" + n + " = " + std::to_string(20001 + 2 * i) + "; }";
  }
  const CodecCase types(wide + "} message Lists { repeated One one = 1; repeated Wide wide = 2; }");
  std::string items = "{}";
  for (int i = 1; i < 100'000; ++i) items += ",{}";
  const auto arguments = [&](const std::string& name) {
    return types.Arguments("t.Lists", "{\"" + name + "\":[" + items + "]}");
  };
  const double narrow = CpuSeconds([&] { ASSERT_EQ(arguments("one").size(), 200'000u); });
  EXPECT_LT(CpuSeconds([&] { ASSERT_EQ(arguments("wide").size(), 200'000u); }), kMuch * narrow);
  // Behind a field of a larger number the careful pass reads them.
  const std::string one = arguments("one");
  const std::string many = arguments("wide") + WireBytes(1, "");
  const double few = CpuSeconds([&] { types.Answer("t.Lists", one); });
  EXPECT_LT(CpuSeconds([&] { ASSERT_GT(types.Answer("t.Lists", many).size(), 300'000u); }),
            kMuch * few);
  EXPECT_EQ(types.Tool("t.Lists", R"({"wide":[{"f6999":1,"f1":2,"x7":3},{"y899":4}]})"),
            R"({"wide":[{"f1":2,"f6999":1,"x7":3},{"y899":4}]})");
  EXPECT_EQ(types.Tool("t.Lists", R"({"wide":[{"f5":1,"f6000":1,"f5":2}]})"),
            "$.wide[0].f5: duplicate field \"f5\"; it may be given only once");
  EXPECT_EQ(types.Tool("t.Lists", R"({"wide":[{"x8":1,"x7":2,"y8":3}]})"),
            "$.wide[0].y8: \"x8\" and \"y8\" can not both be set: they are alternatives of \"o8\"");
}

TEST(A4ManyRecords, AreSortedByField) {
  const CodecCase node(kNode);
  std::string wire;
  for (int i = 0; i < 1000; ++i) wire += WireNumber(6, i) + WireBytes(2, std::to_string(i));
  wire += WireBytes(1, WireNumber(6, 1)) + WireNumber(6, 7) + WireBytes(1, WireBytes(2, "x"));
  EXPECT_EQ(node.Answer("t.Node", wire),
            R"({"node":{"text":"x","number":1},"text":"999","number":7})");
}

// A type of many fields costs what is sent of it.
TEST(A4Wide, ObjectsInStringsAreReadWithoutNamingAllFields) {
  std::string proto = "syntax = \"proto3\"; package t; message Wide { ";
  for (int i = 1; i <= 9000; ++i) {
    proto += "int32 f" + std::to_string(i) + " = " + std::to_string(i) + "; ";
  }
  const CodecCase codec(proto + "} message Few { repeated Wide wides = 1; }");
  const auto list = [](const std::string& element) {
    std::string text = "{\"wides\":[" + element;
    for (int i = 0; i < 2000; ++i) text += "," + element;
    return text + "]}";
  };
  const auto read = [&](const std::string& text) {
    int repairs = 0;
    return CpuSeconds([&] { EXPECT_EQ(codec.Arguments("t.Few", text, &repairs).size(), 4002u); });
  };
  const double plain = read(list("{}"));
  EXPECT_LT(read(list(R"("{}")")), kMuch * plain + 0.005) << plain << " s as objects";
}

// To look for the nearest of very many names takes milliseconds, for each fault.
TEST(A4Wide, TheNearestOfVeryManyNamesIsNotLookedFor) {
  std::string proto = "syntax = \"proto3\"; package t; enum E { ";
  for (int i = 0; i <= 1000; ++i) {
    proto += "V" + std::to_string(i) + " = " + std::to_string(i) + "; ";
  }
  const CodecCase codec(proto + "} message M { E e = 1; }");
  EXPECT_EQ(codec.Arguments("t.M", R"({"e":"V77x"})"),
            R"($.e: unknown enum value "V77x"; expected "V0", "V1", "V2", "V3", "V4", "V5", "V6", )"
            R"("V7", "V8", "V9" and 991 more)");
}

TEST(A4Wide, WhatALargeAnswerNeededIsGivenBack) {
  Scratch scratch;
  scratch.records.resize(Scratch::kKept + 1);
  scratch.entries.resize(Scratch::kKept + 1);
  scratch.key_slots.resize(Scratch::kKept + 1);
  scratch.lengths.resize(Scratch::kKept + 1);
  scratch.Shrink();
  EXPECT_EQ(scratch.records.capacity() + scratch.entries.capacity() + scratch.key_slots.capacity() +
                scratch.lengths.capacity(),
            0u);
}

}  // namespace
}  // namespace bridge::transcode
