// Messages with a field of every kind, for the tests of the codec.
#pragma once

namespace bridge::transcode {

inline constexpr const char* kKindsProto = R"(
syntax = "proto3";
package t;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

enum Color { option allow_alias = true; COLOR_NONE = 0; RED = 1; CRIMSON = 1; BLUE = -2; }
message Leaf { int32 a = 1; string b = 2; Leaf leaf = 3; repeated int32 list = 4; }
message Kinds {
  double f_double = 1;
  float f_float = 2;
  int32 f_int32 = 3;
  int64 f_int64 = 4;
  uint32 f_uint32 = 5;
  uint64 f_uint64 = 6;
  sint32 f_sint32 = 7;
  sint64 f_sint64 = 8;
  fixed32 f_fixed32 = 9;
  fixed64 f_fixed64 = 10;
  sfixed32 f_sfixed32 = 11;
  sfixed64 f_sfixed64 = 12;
  bool f_bool = 13;
  string f_string = 14;
  bytes f_bytes = 15;
  Color f_color = 16;
  Leaf f_leaf = 17;
  optional int32 o_int32 = 18;
  optional string o_string = 19;
  oneof choice {
    int32 c_int32 = 20;
    string c_string = 21;
    Leaf c_leaf = 22;
    google.protobuf.NullValue c_null = 23;
    Leaf c_other = 24;
  }
  repeated double r_double = 31;
  repeated float r_float = 32;
  repeated int32 r_int32 = 33;
  repeated int64 r_int64 = 34;
  repeated uint32 r_uint32 = 35 [packed = false];
  repeated sint64 r_sint64 = 36;
  repeated fixed32 r_fixed32 = 37;
  repeated bool r_bool = 38;
  repeated string r_string = 39;
  repeated bytes r_bytes = 40;
  repeated Color r_color = 41;
  repeated Leaf r_leaf = 42;
  map<string, string> m_string = 51;
  map<int32, int32> m_int32 = 52;
  map<int64, string> m_int64 = 53;
  map<uint32, bool> m_uint32 = 54;
  map<uint64, double> m_uint64 = 55;
  map<bool, Leaf> m_bool = 56;
  map<sint32, Color> m_sint32 = 57;
  map<fixed64, bytes> m_fixed64 = 58;
  google.protobuf.Timestamp w_time = 71;
  google.protobuf.Duration w_duration = 72;
  google.protobuf.FieldMask w_mask = 73;
  google.protobuf.Struct w_struct = 74;
  google.protobuf.Value w_value = 75;
  google.protobuf.ListValue w_list = 76;
  google.protobuf.Any w_any = 77;
  google.protobuf.Empty w_empty = 78;
  google.protobuf.DoubleValue w_double = 79;
  google.protobuf.FloatValue w_float = 80;
  google.protobuf.Int64Value w_int64 = 81;
  google.protobuf.UInt64Value w_uint64 = 82;
  google.protobuf.Int32Value w_int32 = 83;
  google.protobuf.UInt32Value w_uint32 = 84;
  google.protobuf.BoolValue w_bool = 85;
  google.protobuf.StringValue w_string = 86;
  google.protobuf.BytesValue w_bytes = 87;
  google.protobuf.NullValue w_null = 88;
  repeated google.protobuf.Value rw_value = 91;
  repeated google.protobuf.Timestamp rw_time = 92;
  repeated google.protobuf.Any rw_any = 93;
  map<string, google.protobuf.Value> mw_value = 94;
  repeated google.protobuf.Int64Value rw_int64 = 95;
  string oddly_named = 101 [json_name = "@odd name"];
  int32 far_away = 500000;
}
)";

inline constexpr const char* kProto2 = R"(
syntax = "proto2";
package p2;
enum Level { LOW = 1; HIGH = 5; }
enum Flag { OFF = 0; ON = 5; }
message Old {
  required int32 id = 1;
  optional Level level = 2 [default = HIGH];
  repeated Level levels = 3;
  optional group Part = 4 { optional string name = 1; optional Old inner = 2; }
  repeated group Item = 5 { optional int32 n = 1; }
  map<string, Flag> by_name = 6;
  repeated int32 packed = 7 [packed = true];
  optional string text = 8;
  extensions 100 to max;
}
message Wide {
  repeated int32 unpacked = 1;
}
extend Old {
  optional int32 size = 100;
  repeated string tags = 101;
}
message Scope { extend Old { optional Old nested = 102; } }
)";

}  // namespace bridge::transcode
