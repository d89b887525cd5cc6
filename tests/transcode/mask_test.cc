// Paths of masks by the fields of what they are about.

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/transcode/codec_case.h"
#include "tests/transcode/wire_bytes.h"

namespace bridge::transcode {
namespace {

constexpr char kShop[] = R"(
syntax = "proto3";
package t;
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
message Address { string address_line_1 = 1; string zip_code = 2; string x = 3 [json_name = "odd.name"]; }
message Customer {
  string display_name = 1;
  Address home = 2;
  repeated Address others = 3;
  map<string, Address> by_label = 4;
  map<string, string> labels = 5;
  google.protobuf.Struct extra_data = 6;
  string line2_text = 7;
}
message UpdateRequest { Customer customer = 1; google.protobuf.FieldMask update_mask = 2; bool check = 3; }
message TwoRequest { Customer customer = 1; Address address = 2; google.protobuf.FieldMask update_mask = 3;
  google.protobuf.FieldMask address_mask = 4; }
message BatchRequest { repeated Customer customers = 1; google.protobuf.FieldMask update_mask = 2; }
message GetRequest { string name = 1; google.protobuf.FieldMask read_mask = 2; }
message ListRequest { google.protobuf.FieldMask read_mask = 1; }
message ListAnswer { repeated Customer customers = 1; string next_page_token = 2; }
message SharedRequest { google.protobuf.FieldMask read_mask = 1; }
message Loose { google.protobuf.FieldMask mask = 1; }
service Shop {
  rpc Update(UpdateRequest) returns (Customer);
  rpc Two(TwoRequest) returns (Address);
  rpc Batch(BatchRequest) returns (ListAnswer);
  rpc Get(GetRequest) returns (Customer);
  rpc List(ListRequest) returns (ListAnswer);
  rpc SharedA(SharedRequest) returns (Customer);
  rpc SharedB(SharedRequest) returns (Address);
}
)";

class B13Mask : public testing::Test {
 protected:
  // The paths that the service gets, joined by a space; or "path: message".
  std::string Sent(const std::string& message, const std::string& field,
                   const std::string& mask) const {
    const std::string wire = shop_.Arguments(message, "{\"" + field + "\":\"" + mask + "\"}");
    if (wire.starts_with("$")) return wire;
    std::string paths;
    // The request has nothing else: tag, length, then path after path.
    for (size_t at = 2; at < wire.size();) {
      const auto size = static_cast<size_t>(wire[at + 1]);
      paths += (paths.empty() ? "" : " ") + wire.substr(at + 2, size);
      at += 2 + size;
    }
    return paths;
  }
  std::string Update(const std::string& mask) const {
    return Sent("t.UpdateRequest", "updateMask", mask);
  }

  const CodecCase shop_{kShop};
};

TEST_F(B13Mask, BothSpellingsOfAName) {
  EXPECT_EQ(Update("home.addressLine1"), "home.address_line_1");
  EXPECT_EQ(Update("home.address_line_1"), "home.address_line_1");
  EXPECT_EQ(Update("displayName,home.zipCode"), "display_name home.zip_code");
  EXPECT_EQ(Update("display_name, home.zip_code "), "display_name home.zip_code");
  EXPECT_EQ(Update("line2Text"), "line2_text");
  EXPECT_EQ(Update("customer.displayName"), "customer.display_name");  // not a field of Customer
}

TEST_F(B13Mask, ListsMapsAndStars) {
  EXPECT_EQ(Update("*"), "*");
  EXPECT_EQ(Update("others.*.zipCode"), "others.*.zip_code");
  EXPECT_EQ(Update("others.addressLine1"), "others.address_line_1");
  EXPECT_EQ(Update("byLabel.myKey.zipCode"), "by_label.myKey.zip_code");
  EXPECT_EQ(Update("labels.my_Key-2"), "labels.my_Key-2");
  EXPECT_EQ(Update("byLabel.`a.b,c`.addressLine1,labels"),
            "by_label.`a.b,c`.address_line_1 labels");
  EXPECT_EQ(Update("extraData.fooBar"), "extra_data.foo_bar");  // a Struct has any names
}

TEST_F(B13Mask, WhatIsNotKnownPasses) {
  EXPECT_EQ(Update("notThere"), "not_there");
  EXPECT_EQ(Update("home.notThere.atAll"), "home.not_there.at_all");
  EXPECT_EQ(Update("not_there_1"), "not_there_1");
  EXPECT_EQ(Sent("t.Loose", "mask", "addressLine1"), "address_line1");
  EXPECT_EQ(Sent("t.Loose", "mask", "address_line_1"), "address_line_1");
  EXPECT_EQ(Sent("t.Loose", "mask", ""), "");
  constexpr std::string_view kRefused =
      "expected a string of comma-separated lowerCamelCase paths, such as \"displayName,labels\", "
      "found ";
  for (const std::string mask : {"a b", "a..b", "a.", "home.", ".a", "a$", "-", "labels..x"}) {
    EXPECT_EQ(Update(mask), "$.updateMask: " + std::string(kRefused) + "\"" + mask + "\"");
  }
  EXPECT_EQ(Update("displayName,"), "$.updateMask: " + std::string(kRefused) + "\"displayName,\"");
  EXPECT_EQ(Update("a,,b"), "$.updateMask: " + std::string(kRefused) + "\"\"");
}

TEST_F(B13Mask, WhatItIsAbout) {
  // Of two messages the one that the method returns, or whose name the mask has.
  EXPECT_EQ(Sent("t.TwoRequest", "updateMask", "addressLine1"), "address_line_1");
  EXPECT_EQ(Sent("t.TwoRequest", "addressMask", "addressLine1"), "address_line_1");
  EXPECT_EQ(Sent("t.TwoRequest", "updateMask", "home.addressLine1"), "home.address_line1");
  EXPECT_EQ(Sent("t.BatchRequest", "updateMask", "home.addressLine1"), "home.address_line_1");
  EXPECT_EQ(Sent("t.GetRequest", "readMask", "home.addressLine1"), "home.address_line_1");
  // Of a list: its own fields, or those of its elements.
  EXPECT_EQ(Sent("t.ListRequest", "readMask",
                 "home.addressLine1,customers.home.addressLine1,nextPageToken"),
            "home.address_line_1 customers.home.address_line_1 next_page_token");
  // Two methods that return different things.
  EXPECT_EQ(Sent("t.SharedRequest", "readMask", "addressLine1"), "address_line1");
}

TEST_F(B13Mask, AnswersHaveTheNamesThatArgumentsTake) {
  const struct {
    std::string_view path;
    std::string_view shown;
  } rows[] = {
      {"home.address_line_1", "home.addressLine1"},
      {"others.*.zip_code", "others.*.zipCode"},
      {"by_label.my_key.address_line_1", "byLabel.my_key.addressLine1"},
      {"labels.my_Key", "labels.my_Key"},
      {"home.x", "home.x"},  // its JSON name has a point
      {"not_there", "notThere"},
      {"not_there_1", "not_there_1"},
      {"*", "*"},
  };
  for (const auto& row : rows) {
    const std::string path(row.path);
    const std::string json = R"({"updateMask":")" + std::string(row.shown) + "\"}";
    const std::string wire = WireBytes(2, WireBytes(1, path));
    EXPECT_EQ(shop_.Answer("t.UpdateRequest", wire), json);
    EXPECT_EQ(shop_.Arguments("t.UpdateRequest", json), wire);
  }
}

TEST_F(B13Mask, ThePlainCodecSpellsByRule) {
  EXPECT_EQ(shop_.Wire("t.UpdateRequest", R"({"updateMask":"home.addressLine1"})"),
            WireBytes(2, WireBytes(1, "home.address_line1")));
  EXPECT_EQ(shop_.Wire("t.UpdateRequest", R"({"updateMask":"address_line"})").substr(0, 1), "$");
  EXPECT_EQ(shop_.Json("t.UpdateRequest", WireBytes(2, WireBytes(1, "address_line_1"))),
            "$.updateMask: a path of the field mask has no lowerCamelCase form");
}

}  // namespace
}  // namespace bridge::transcode
