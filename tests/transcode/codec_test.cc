#include "bridge/transcode/codec.h"

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/transcode/codec_case.h"
#include "tests/transcode/kinds_proto.h"

namespace {

thread_local uint64_t allocations = 0;

}  // namespace

// Counts what the codec allocates; malloc stays with the sanitizer.
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (void* const p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* p) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, size_t) noexcept {
  std::free(p);
}

namespace bridge::transcode {
namespace {

const CodecCase& Kinds() {
  static const CodecCase kinds(kKindsProto);
  return kinds;
}

constexpr std::string_view kEverything =
    R"({"fDouble":0.1,"fFloat":-1.5,"fInt32":-7,"fInt64":"9007199254740993","fUint32":7,)"
    R"("fUint64":"18446744073709551615","fSint32":-8,"fSint64":"-9","fFixed32":10,"fFixed64":"11",)"
    R"("fSfixed32":-12,"fSfixed64":"-13","fBool":true,"fString":"text \"with\" escapes\n",)"
    R"("fBytes":"AQID","fColor":"RED","fLeaf":{"a":1,"leaf":{"b":"deep"}},"oInt32":0,"oString":"",)"
    R"("cLeaf":{"list":[1,2,3]},"rDouble":[1.5,"NaN"],"rInt32":[1,-1],"rString":["a",""],)"
    R"("rLeaf":[{},{"a":2}],"mString":{"a":"b","c":"d"},"mInt32":{"1":2,"-1":0},)"
    R"("mBool":{"true":{"a":1},"false":{}},"wTime":"2025-01-31T12:00:00.500Z","wDuration":"-1.500s",)"
    R"("wMask":"fooBar,baz","wStruct":{"a":[1,null,{"b":"c"}]},"wValue":true,"wList":[[],{}],)"
    R"("wAny":{"@type":"type.googleapis.com/t.Leaf","b":"any"},"wEmpty":{},"wInt64":"5","wString":""})";

TEST(CodecTest, RoundTripsEverything) {
  EXPECT_EQ(Kinds().Round("t.Kinds", kEverything), kEverything);
}

TEST(CodecTest, AppendsAndLeavesTheOutputAloneOnFailure) {
  const Plan& plan = Kinds().plan("t.Leaf");
  std::string wire = "before";
  CodecError error;
  EXPECT_TRUE(Kinds().codec().JsonToWire(plan, R"({"a":1})", {}, &wire, &error));
  EXPECT_EQ(wire, "before\x08\x01");
  EXPECT_FALSE(Kinds().codec().JsonToWire(plan, R"({"b":"x","a":true})", {}, &wire, &error));
  EXPECT_EQ(wire, "before\x08\x01");
  std::string json = "before";
  EXPECT_TRUE(Kinds().codec().WireToJson(plan, "\x08\x01", &json, &error));
  EXPECT_FALSE(Kinds().codec().WireToJson(plan, "\x08\x01\x08", &json, &error));
  EXPECT_EQ(json, R"(before{"a":1})");
}

TEST(CodecTest, NothingIsAllocatedInSteadyState) {
  const Plan& plan = Kinds().plan("t.Kinds");
  std::string wire;
  std::string json;
  CodecError error;
  for (int round = 0; round < 6; ++round) {
    wire.clear();
    json.clear();
    const bool ordered = round < 3;
    const uint64_t before = allocations;
    ASSERT_TRUE(Kinds().codec().JsonToWire(plan, kEverything, {}, &wire, &error)) << error.message;
    if (!ordered) wire.append("\x18\x01");  // a field with a smaller number than the last one
    ASSERT_TRUE(Kinds().codec().WireToJson(plan, wire, &json, &error)) << error.message;
    if (round % 3 > 0) {
      EXPECT_EQ(allocations, before);
    }
  }
}

TEST(CodecTest, RootsThatAreNotObjectsAreWrapped) {
  struct Row {
    std::string_view message;
    std::string_view arguments;
    std::string_view structured;  // or "path: message"
  };
  const Row rows[] = {
      {"google.protobuf.Timestamp", R"({"value":"1970-01-01T00:00:01Z"})",
       R"({"value":"1970-01-01T00:00:01Z"})"},
      {"google.protobuf.Timestamp", "", R"({"value":"1970-01-01T00:00:00Z"})"},
      {"google.protobuf.Duration", R"({"value":"1s"})", R"({"value":"1s"})"},
      {"google.protobuf.FieldMask", R"({"value":"aB"})", R"({"value":"aB"})"},
      {"google.protobuf.Value", R"({"value":null})", R"({"value":null})"},
      {"google.protobuf.Value", R"({"value":[1]})", R"({"value":[1]})"},
      {"google.protobuf.ListValue", R"({"value":[1]})", R"({"value":[1]})"},
      {"google.protobuf.Int64Value", R"({"value":7})", R"({"value":"7"})"},
      {"google.protobuf.Int64Value", R"({"value":null})", R"({"value":"0"})"},
      {"google.protobuf.StringValue", "{}", R"({"value":""})"},
      {"google.protobuf.Struct", R"({"value":1})", R"({"value":1})"},
      {"google.protobuf.Any", R"({"@type":"x/t.Leaf","a":1})", R"({"@type":"x/t.Leaf","a":1})"},
      {"google.protobuf.Empty", "", "{}"},
      {"t.Leaf", R"({"a":1})", R"({"a":1})"},
      {"google.protobuf.Int64Value", "7",
       "$: expected an object with the member \"value\", found a number (7)"},
      {"google.protobuf.Int64Value", R"({"val":7})",
       "$: unknown field \"val\"; the only field is \"value\""},
      {"google.protobuf.Int64Value", R"({"value":7,"value":7})", "$: duplicate field \"value\""},
      {"google.protobuf.Int64Value", R"({"value":7} 1)",
       "$: invalid JSON at byte 12: unexpected text after the value"},
      {"google.protobuf.Timestamp", R"({"value":7})",
       "$.value: expected an RFC 3339 timestamp with a time zone, such as "
       "\"2025-01-31T12:00:00Z\", found a number "
       "(7)"},
      {"t.Leaf", R"({"value":1})",
       "$: unknown field \"value\"; expected \"a\", \"b\", \"leaf\" or \"list\""},
  };
  for (const Row& row : rows) {
    const Plan& plan = Kinds().plan(row.message);
    std::string wire;
    std::string json;
    CodecError error;
    if (!Kinds().codec().ArgumentsToWire(plan, row.arguments, &wire, &error) ||
        !Kinds().codec().WireToStructured(plan, wire, &json, &error)) {
      json = error.path + ": " + error.message;
    }
    EXPECT_EQ(json, row.structured) << row.message << " " << row.arguments;
  }
}

std::string Nested(int depth, std::string_view open, std::string_view close) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += open;
  for (int i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(CodecLimitsTest, DepthIsTheSameInBothDirections) {
  const CodecCase deep(kKindsProto, {.max_depth = 200});
  const CodecCase shallow(kKindsProto, {.max_depth = 10});
  // Ten objects, the innermost empty.
  const std::string leaf10 = Nested(9, R"({"leaf":)", "}").insert(9 * 8, "{}");
  const std::string leaf11 = Nested(10, R"({"leaf":)", "}").insert(10 * 8, "{}");
  EXPECT_EQ(shallow.Round("t.Leaf", leaf10), leaf10);
  EXPECT_NE(shallow.Wire("t.Leaf", leaf11).find("nesting too deep"), std::string::npos);
  EXPECT_NE(shallow.Json("t.Leaf", deep.Wire("t.Leaf", leaf11)).find("nesting deeper than"),
            std::string::npos);

  const std::string list10 = Nested(10, "[", "]");
  const std::string list11 = Nested(11, "[", "]");
  EXPECT_EQ(shallow.Round("google.protobuf.Value", list10), list10);
  EXPECT_NE(shallow.Wire("google.protobuf.Value", list11).find("nesting too deep"),
            std::string::npos);
  EXPECT_NE(shallow.Json("google.protobuf.Value", deep.Wire("google.protobuf.Value", list11))
                .find("nesting deeper than"),
            std::string::npos);
  const std::string any =
      R"({"@type":"x/google.protobuf.Any","value":{"@type":"x/google.protobuf.Value","value":)";
  EXPECT_EQ(shallow.Round("google.protobuf.Any", any + Nested(8, "[", "]") + "}}"),
            any + Nested(8, "[", "]") + "}}");
  EXPECT_NE(shallow.Wire("google.protobuf.Any", any + Nested(9, "[", "]") + "}}")
                .find("nesting too deep"),
            std::string::npos);
  EXPECT_EQ(deep.Round("google.protobuf.Value", Nested(200, "[", "]")), Nested(200, "[", "]"));
}

TEST(CodecLimitsTest, SizeIsLimitedInBothDirections) {
  const CodecCase small(kKindsProto, {.max_json_bytes = 64, .max_wire_bytes = 64});
  const std::string fits(50, 'x');
  const std::string large(80, 'x');
  EXPECT_EQ(small.Round("t.Leaf", R"({"b":")" + fits + R"("})"), R"({"b":")" + fits + R"("})");
  EXPECT_EQ(small.Wire("t.Leaf", R"({"b":")" + large + R"("})"),
            "$: the encoded message is larger than the limit of 64 bytes");
  EXPECT_EQ(small.Json("t.Leaf", "\x12\x50" + large),
            "$: the JSON text is larger than the limit of 64 bytes");
  EXPECT_EQ(small.Json("t.Leaf", "\x22\x30" + std::string(48, '\1')),
            "$.list: the JSON text is larger than the limit of 64 bytes");
  std::string list = R"({"list":[1)";
  for (int i = 0; i < 100; ++i) list += ",1";
  EXPECT_EQ(small.Wire("t.Leaf", list + "]}"),
            "$.list: the encoded message is larger than the limit of 64 bytes");
}

TEST(CodecLimitsTest, ElementsOfAListOrMapAreLimited) {
  const auto list = [](std::string_view name, size_t count, std::string_view element) {
    std::string json = "{\"" + std::string(name) + "\":[" + std::string(element);
    for (size_t i = 1; i < count; ++i) json.append(",").append(element);
    return json + "]}";
  };
  const std::string booleans = list("rBool", 1'000'000, "true");
  EXPECT_TRUE(Kinds().Round("t.Kinds", booleans) == booleans);
  std::string map = R"({"mInt32":{"0":0)";
  for (int i = 1; i < 300'000; ++i) map += ",\"" + std::to_string(i) + "\":0";
  map += "}}";
  EXPECT_TRUE(Kinds().Round("t.Kinds", map) == map);
  const CodecCase few(kKindsProto, {.max_elements = 2});
  const std::string limit = "more than the limit of 2 elements; send fewer in one call";
  EXPECT_EQ(few.Wire("t.Kinds", list("rDouble", 3, "0")), "$.rDouble: " + limit);
  EXPECT_EQ(few.Wire("t.Kinds", R"({"mInt32":{"1":1,"2":1,"3":1}})"), "$.mInt32: " + limit);
  EXPECT_EQ(few.Wire("t.Kinds", list("wList", 3, "0")), "$.wList: " + limit);
  EXPECT_EQ(few.Wire("t.Kinds", R"({"wStruct":{"a":1,"b":1,"c":1}})"), "$.wStruct: " + limit);
  // Those of a result are bounded by its bytes.
  EXPECT_EQ(Kinds().Json("t.Kinds", "\xB2\x02\x80\x80\x80\x02" + std::string(4u << 20, '\0')),
            "$.rBool: the JSON text is larger than the limit of 16777216 bytes");
}

TEST(CodecTest, LengthsOfEverySizeArePatched) {
  for (const size_t size : {0, 100, 121, 122, 123, 127, 128, 16376, 16383, 16384, 2100000}) {
    const std::string json = R"({"leaf":{"leaf":{"b":")" + std::string(size, 'x') + R"("}}})";
    EXPECT_EQ(Kinds().Round("t.Leaf", json), size == 0 ? R"({"leaf":{"leaf":{}}})" : json) << size;
  }
}

TEST(CodecTest, ManyMapKeysAreToldApart) {
  std::string json = R"({"mString":{)";
  for (int i = 0; i < 5000; ++i) {
    json +=
        (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":\"" + std::string(i % 200, 'x') + '"';
  }
  EXPECT_EQ(Kinds().Round("t.Kinds", json + "}}"), json + "}}");
  EXPECT_EQ(Kinds().Wire("t.Kinds", json + R"(,"k7":""}})"),
            "$.mString.k7: duplicate map key; every key may be given only once");
}

TEST(CodecTest, NestedMapsDoNotDisturbEachOther) {
  std::string json = "{";
  for (int i = 0; i < 40; ++i) {
    json += (i == 0 ? "\"o" : ",\"o") + std::to_string(i) + "\":{";
    for (int k = 0; k < 40; ++k) {
      json += (k == 0 ? "\"i" : ",\"i") + std::to_string(k) + "\":" + std::to_string(k);
    }
    json += '}';
  }
  json += '}';
  EXPECT_EQ(Kinds().Round("google.protobuf.Struct", json), json);
}

TEST(CodecTest, MessagesWithManyFieldsAndOneofs) {
  std::string proto = "syntax = \"proto3\"; package w; message Wide {";
  std::string json = "{";
  const auto number = [](int i) { return std::to_string(i); };
  for (int i = 1; i <= 600; ++i) {
    const std::string n = number(i);
    proto.append(" optional int32 f").append(n).append(" = ").append(n).append(";");
    json.append(i == 1 ? "\"f" : ",\"f").append(n).append("\":").append(n);
  }
  for (int i = 1; i <= 20; ++i) {
    const std::string n = number(i);
    proto.append(" oneof o").append(n).append(" { int32 x").append(n).append(" = ");
    proto.append(number(1000 + i)).append("; int32 y").append(n).append(" = ");
    proto.append(number(2000 + i)).append("; }");
    json.append(",\"x").append(n).append("\":0");
  }
  const CodecCase wide(proto + "}");
  EXPECT_EQ(wide.Round("w.Wide", json + "}"), json + "}");
  EXPECT_EQ(wide.Wire("w.Wide", json + R"(,"f599":1})"),
            "$.f599: duplicate field \"f599\"; it may be given only once");
  EXPECT_EQ(wide.Wire("w.Wide", json + R"(,"y20":1})"),
            "$.y20: \"x20\" and \"y20\" can not both be set: they are alternatives of \"o20\"");
}

TEST(CodecTest, AnyNumberOfThreadsMayUseOne) {
  const CodecCase fresh(kKindsProto);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        if (fresh.Round("t.Kinds", kEverything) != kEverything) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace bridge::transcode
