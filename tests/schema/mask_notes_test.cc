// What a model reads of masks.
#include <string>
#include <vector>

#include "bridge/schema/tool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

constexpr char kBook[] = R"(
  syntax = "proto3"; package p;
  import "google/protobuf/field_mask.proto";
  import "google/protobuf/timestamp.proto";
  import "test_options.proto";
  message Money { int64 amount = 1; string currency_code = 2; }
  message Book {
    string name = 1 [(test.field_behavior) = IDENTIFIER];
    string title = 2;
    string shelf = 3 [(test.field_behavior) = IMMUTABLE];
    repeated Money offers = 4;
    google.protobuf.Timestamp due_date = 5;
    Money list_price = 6;
    string made = 7 [(test.field_behavior) = OUTPUT_ONLY];
    string secret = 8 [(test.field_behavior) = INPUT_ONLY];
  }
  message Empty {}
  message BookResponse { Book book = 1; }
  message ListBooksResponse { repeated Book books = 1; string next_page_token = 2; }
  message Operation { string name = 1; bool done = 2; }
)";

// The description of the argument `mask` of a method.
std::string MaskOf(const std::string& fields, const std::string& method,
                   const SchemaOptions& options = {}) {
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(
      kBook + ("message M { " + fields + " } service S { rpc " + method + "; }")));
  const std::string schema =
      MakeTool(graph->services().front().methods.front(), options).input_schema;
  const Json properties = Json::parse(schema)["properties"];
  for (const char* name : {"updateMask", "readMask", "fieldMask", "mask", "priceUpdateMask"}) {
    if (properties.contains(name)) return properties[name]["description"];
  }
  return "no mask in " + schema;
}

constexpr char kUpdate[] = "Book book = 1; google.protobuf.FieldMask update_mask = 2;";
constexpr char kPaths[] =
    "Comma-separated paths: title, offers, dueDate, listPrice, secret. Nested ones as "
    "listPrice.amount. A listed field that is not given is cleared.";

TEST(B44Masks, AnUpdateMaskHasThePathsOfItsResource) {
  const std::string comment = "Book book = 1;\n// Which. ";
  const std::string mask = "\ngoogle.protobuf.FieldMask update_mask = 2";
  struct Row {
    std::string fields, expected;
  };
  for (const Row& row : {
           Row{kUpdate, std::string(kPaths) + " If omitted, every field given is changed."},
           Row{"Book book = 1; google.protobuf.FieldMask update_mask = 2 "
               "[(test.field_behavior) = REQUIRED];",
               kPaths},
           // Its own words about leaving it out come first, wherever they stand.
           Row{comment + "If empty, nothing changes." + mask + ";",
               "Which. " + std::string(kPaths) + " If empty, nothing changes."},
           Row{comment + std::string(160, 'X') + ". Without it all is replaced." + mask + ";",
               "Which. " + std::string(kPaths) + " Without it all is replaced."},
           // No half of a comment.
           Row{comment + "One of the many fields that books have." + mask + ";",
               std::string(kPaths) + " If omitted, every field given is changed."},
           Row{"Money price = 1; google.protobuf.FieldMask update_mask = 2;",
               "Comma-separated paths: amount, currencyCode. A listed field that is not given "
               "is cleared. If omitted, every field given is changed."},
           // Of several messages the one that is returned, or called like the mask.
           Row{"Money price = 1; Book book = 3; google.protobuf.FieldMask update_mask = 2;",
               std::string(kPaths) + " If omitted, every field given is changed."},
           Row{"Money price = 1; Book book = 3; google.protobuf.FieldMask price_update_mask = 2;",
               "Comma-separated paths: amount, currencyCode. A listed field that is not given "
               "is cleared. If omitted, every field given is changed."},
           // Spelled as answers have them, and as arguments find them.
           Row{"message Line { string line_1 = 1; string kind = 2 [json_name = \"lineKind\"]; "
               "string odd = 3 [json_name = \"odd.name\"]; } Line line = 1; "
               "google.protobuf.FieldMask update_mask = 2;",
               "Comma-separated paths: line1, lineKind, odd. A listed field that is not given is "
               "cleared. If omitted, every field given is changed."},
           // Of what it is nobody can tell.
           Row{"Money a = 1; Money b = 3; google.protobuf.FieldMask update_mask = 2;",
               "Comma-separated lowerCamelCase paths, nested ones with dots."},
           Row{"string name = 1; google.protobuf.FieldMask update_mask = 2;",
               "Comma-separated lowerCamelCase paths, nested ones with dots."},
       }) {
    for (const SchemaProfile profile :
         {SchemaProfile::kPortable, SchemaProfile::kStandard, SchemaProfile::kOpenAiStrict}) {
      SchemaOptions options;
      options.profile = profile;
      EXPECT_EQ(MaskOf(row.fields, "UpdateBook(M) returns (Book)", options), row.expected);
    }
  }
}

TEST(B44Masks, AReadMaskHasExamplesFromWhatIsReturned) {
  struct Row {
    std::string field, method, expected;
  };
  const std::string book =
      "Comma-separated paths of Book, e.g. \"title,listPrice.amount\". If omitted, all fields are "
      "returned.";
  const std::string generic = "Comma-separated lowerCamelCase paths, nested ones with dots.";
  for (const Row& row : {
           Row{"read_mask", "GetBook(M) returns (Book)", book},
           Row{"field_mask", "GetBook(M) returns (Book)", book},
           Row{"mask", "SearchBooks(M) returns (ListBooksResponse)", book},
           Row{"read_mask", "GetBook(M) returns (BookResponse)", book},
           Row{"read_mask", "LendBook(M) returns (Book)", book},
           Row{"mask", "GetPrice(M) returns (Money)",
               "Comma-separated paths of Money, e.g. \"currencyCode\". If omitted, all fields are "
               "returned."},
           Row{"mask", "LendBook(M) returns (Book)", generic},
           Row{"mask", "GetMask(M) returns (M)", generic},
           Row{"read_mask", "GetBook(M) returns (Empty)", generic},
           Row{"read_mask", "StartLending(M) returns (Operation)", generic},
       }) {
    EXPECT_EQ(MaskOf("google.protobuf.FieldMask " + row.field + " = 1;", row.method), row.expected)
        << row.method;
  }
  EXPECT_EQ(MaskOf("\n// Fields to return. Without it all fields.\n"
                   "google.protobuf.FieldMask read_mask = 1;",
                   "GetBook(M) returns (Book)"),
            "Fields to return. Comma-separated paths of Book, e.g. \"title,listPrice.amount\". "
            "Without it all fields.");
}

TEST(B44Masks, KeepTheBudgetOfADescription) {
  std::string many = "message Many { ";
  for (int i = 1; i <= 200; ++i) {
    many += "string quite_a_long_name_" + std::to_string(i) + " = " + std::to_string(i) + "; ";
  }
  const std::string text =
      MaskOf(many + "} Many many = 1; google.protobuf.FieldMask update_mask = 2;",
             "UpdateMany(M) returns (Book)");
  EXPECT_LE(text.size(), 2 * SchemaOptions().max_field_description);
  EXPECT_THAT(text, HasSubstr("Comma-separated paths: quiteALongName1, quiteALongName2, "));
  EXPECT_THAT(text, HasSubstr(", …. "));
  EXPECT_THAT(text, HasSubstr("If omitted, every field given is changed."));
  EXPECT_THAT(text, Not(HasSubstr("displayName")));
}

}  // namespace
}  // namespace bridge::schema
