#include "bridge/transcode/codec.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/transcode/codec_case.h"

namespace bridge::transcode {
namespace {

constexpr const char* kShop = R"(
syntax = "proto3";
package shop;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
enum Color { COLOR_UNSPECIFIED = 0; RED = 1; GREEN = 2; }
message Line { string sku = 1; int32 quantity = 2; double price = 3; }
message Order {
  int64 id = 1;
  string display_name = 2;
  repeated Line lines = 3;
  map<string, string> labels = 4;
  map<int32, Line> by_number = 5;
  Color color = 6;
  optional int32 count = 7;
  oneof payment { string iban = 8; Line card = 9; }
  repeated int32 numbers = 10;
  google.protobuf.Timestamp created = 11;
  google.protobuf.Duration ttl = 12;
  google.protobuf.FieldMask mask = 13;
  google.protobuf.Struct attributes = 14;
  google.protobuf.Value extra = 15;
  google.protobuf.Any detail = 16;
  google.protobuf.Int64Value limit = 17;
  google.protobuf.Empty nothing = 18;
  bytes blob = 19;
  bool done = 20;
  float ratio = 21;
  uint64 big = 22;
  repeated Color colors = 23;
  google.protobuf.ListValue list = 24;
  repeated google.protobuf.Timestamp times = 25;
  map<bool, Color> flags = 26;
  map<int64, bool> wide = 27;
}
)";

TEST(CodecTest, RoundTripsEveryShape) {
  const CodecCase shop(kShop);
  const std::string_view rows[] = {
      R"({})",
      R"({"id":"9007199254740993"})",
      R"({"id":"-9223372036854775808","big":"18446744073709551615"})",
      R"({"displayName":"a\"b\n\u0000 é"})",
      R"({"lines":[{"sku":"a","quantity":-1,"price":19.99},{}]})",
      R"({"labels":{"a":"b","":""}})",
      R"({"byNumber":{"-3":{"sku":"x"},"7":{}}})",
      R"({"color":"RED","count":0})",
      R"({"color":99})",
      R"({"iban":""})",
      R"({"card":{}})",
      R"({"numbers":[1,0,-2147483648]})",
      R"({"created":"1969-12-31T23:59:59.999999999Z","ttl":"-1.500s"})",
      R"({"created":"1970-01-01T00:00:00Z","ttl":"0s"})",
      R"({"mask":"fooBar,baz.quxA"})",
      R"({"attributes":{"a":null,"b":[1.5,"x",{"c":true}],"d":{}}})",
      R"({"extra":null})",
      R"({"extra":[[],{}]})",
      R"({"detail":{"@type":"type.googleapis.com/shop.Line","sku":"s"}})",
      R"({"detail":{"@type":"type.googleapis.com/google.protobuf.Timestamp","value":"2025-01-31T12:00:00Z"}})",
      R"({"detail":{"@type":"x/google.protobuf.Any","value":{"@type":"y/shop.Line","price":1}}})",
      R"({"detail":{"@type":"x/google.protobuf.Empty"}})",
      R"({"detail":{}})",
      R"({"limit":"0","nothing":{}})",
      R"({"blob":"AP+A","done":true,"ratio":"NaN"})",
      R"({"ratio":0.1,"colors":["RED","COLOR_UNSPECIFIED",7]})",
      R"({"list":[null,[null]],"times":["0001-01-01T00:00:00Z","9999-12-31T23:59:59.999999999Z"]})",
      R"({"flags":{"true":"GREEN","false":"COLOR_UNSPECIFIED"},"wide":{"-9223372036854775808":true}})",
  };
  for (const std::string_view json : rows) EXPECT_EQ(shop.Round("shop.Order", json), json);
}

}  // namespace
}  // namespace bridge::transcode
