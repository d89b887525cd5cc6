// What services say about their own tools reaches the catalog.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "bridge/catalog/catalog.h"

namespace bridge::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kToolOptions = 50627;

// Puts an option into `declaration`, as it is on the wire.
template <typename Declaration>
void SetOption(Declaration* declaration, const std::string& bytes) {
  auto* options = declaration->mutable_options();
  options->GetReflection()->MutableUnknownFields(options)->AddLengthDelimited(kToolOptions, bytes);
}

std::string Text(char number, const std::string& text) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(text.size())} + text;
}

std::string Flag(char number, bool value) {
  return {static_cast<char>(number << 3), static_cast<char>(value)};
}

class ShopFile final {
 public:
  ShopFile() {
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        R"pb(
          name: "shop.proto"
          syntax: "proto3"
          message_type {
            name: "M"
            field { name: "id" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
            field { name: "inner" number: 2 label: LABEL_OPTIONAL type: TYPE_STRING }
          }
          service {
            name: "ShopService"
            method { name: "GetOrder" input_type: "M" output_type: "M" }
            method { name: "Pay" input_type: "M" output_type: "M" }
            method { name: "Reset" input_type: "M" output_type: "M" }
          })pb",
        &file_));
  }
  google::protobuf::MethodDescriptorProto* method(int i) {
    return file_.mutable_service(0)->mutable_method(i);
  }
  google::protobuf::ServiceDescriptorProto* service() { return file_.mutable_service(0); }
  google::protobuf::FieldDescriptorProto* field(int i) {
    return file_.mutable_message_type(0)->mutable_field(i);
  }

  std::shared_ptr<const Catalog> Build() const {
    std::vector<std::string> problems;
    auto catalog = Build(&problems);
    EXPECT_THAT(problems, IsEmpty());
    return catalog;
  }
  std::shared_ptr<const Catalog> Build(std::vector<std::string>* problems) const {
    const Source source{
        .upstream = "up", .services = {"ShopService"}, .files = {file_.SerializeAsString()}};
    return Catalog::Make({&source, 1}, {}, {}, problems);
  }

 private:
  google::protobuf::FileDescriptorProto file_;
};

std::vector<std::string> NamesOf(const Catalog& catalog) {
  std::vector<std::string> names;
  for (const Tool& tool : catalog.tools()) names.push_back(tool.text.name);
  return names;
}

TEST(ToolOptions, NameTitleDescriptionAndHints) {
  ShopFile shop;
  SetOption(shop.method(0), Flag(6, true));
  SetOption(shop.method(1), Text(1, "pay-now") + Text(2, "Pay!") + Text(3, "Pays at once.") +
                                Flag(5, false) + Flag(8, true));
  SetOption(shop.method(2), Flag(5, true));
  SetOption(shop.service(), Text(1, "Store"));
  const auto catalog = shop.Build();
  EXPECT_THAT(NamesOf(*catalog), ElementsAre("Store_GetOrder", "Store_Reset", "pay-now"));
  const schema::Tool& pay = catalog->Find("pay-now")->text;
  EXPECT_EQ(pay.title, "Pay!");
  EXPECT_EQ(pay.description, "Pays at once.");
  EXPECT_EQ(pay.annotations.read_only, std::optional(false));
  EXPECT_EQ(pay.annotations.open_world, std::optional(true));
  EXPECT_EQ(pay.annotations.destructive, std::optional(true)) << "as MCP assumes";
  // What is said wins over what its name lets one guess.
  const auto& get = catalog->Find("Store_GetOrder")->text.annotations;
  EXPECT_EQ(get.read_only, std::optional(false));
  EXPECT_EQ(get.destructive, std::optional(true));
  EXPECT_EQ(catalog->Find("Store_Reset")->text.annotations.read_only, std::optional(true));
}

TEST(ToolOptions, ANameThatTwoAskForIsNobodys) {
  ShopFile shop;
  SetOption(shop.method(0), Text(1, "Pay"));
  SetOption(shop.method(1), Text(1, "pay"));
  const auto names = NamesOf(*shop.Build());
  EXPECT_THAT(names, Not(testing::Contains(testing::StrCaseEq("pay"))));
  EXPECT_EQ(names.size(), 3u);
  // Who is only named like it makes way.
  ShopFile other;
  SetOption(other.method(1), Text(1, "Shop_Reset"));
  const auto catalog = other.Build();
  ASSERT_NE(catalog->Find("Shop_Reset"), nullptr);
  EXPECT_EQ(catalog->Find("Shop_Reset")->method->name, "Pay");
  EXPECT_EQ(catalog->tools().size(), 3u);
}

TEST(ToolOptions, ABadNameIsSaidAndHidesNothing) {
  ShopFile shop;
  SetOption(shop.method(1), Text(1, "pay now!"));
  std::vector<std::string> problems;
  const auto catalog = shop.Build(&problems);
  EXPECT_THAT(NamesOf(*catalog), ElementsAre("Shop_GetOrder", "Shop_Pay", "Shop_Reset"));
  EXPECT_THAT(problems, ElementsAre(AllOf(HasSubstr("ShopService.Pay"), HasSubstr("pay now!"))));
}

TEST(ToolOptions, WhatIsHiddenIsNoToolAndInNoSchema) {
  ShopFile shop;
  SetOption(shop.method(2), Flag(4, true));
  SetOption(shop.field(1), Flag(3, true));
  const auto catalog = shop.Build();
  EXPECT_THAT(NamesOf(*catalog), ElementsAre("Shop_GetOrder", "Shop_Pay"));
  for (const Tool& tool : catalog->tools()) {
    for (const std::string& schema : {tool.text.input_schema, tool.text.output_schema}) {
      EXPECT_THAT(schema, HasSubstr("\"id\""));
      EXPECT_THAT(schema, Not(HasSubstr("inner")));
    }
    std::string wire;
    transcode::CodecError error;
    EXPECT_TRUE(tool.codec->ArgumentsToWire(*tool.input, R"({"inner":"x"})", &wire, &error))
        << error.message;
  }
  SetOption(shop.service(), Flag(2, true));
  SetOption(shop.method(0), Flag(4, false));
  EXPECT_THAT(NamesOf(*shop.Build()), ElementsAre("Shop_GetOrder"));
}

TEST(ToolOptions, AFieldIsDescribedAndItsValueKept) {
  ShopFile shop;
  SetOption(shop.field(0), Text(1, "The order.") + Text(2, "\"a-1\"") + Flag(4, true));
  const auto catalog = shop.Build();
  const Tool& tool = *catalog->Find("Shop_Pay");
  EXPECT_THAT(tool.text.input_schema, HasSubstr("a-1"));
  std::string wire;
  transcode::CodecError error;
  EXPECT_FALSE(tool.codec->ArgumentsToWire(*tool.input, R"({"id":4711})", &wire, &error));
  EXPECT_THAT(error.message, Not(HasSubstr("4711")));
}

}  // namespace
}  // namespace bridge::catalog
