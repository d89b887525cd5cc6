// A small service, and what a caller is told of calls to it that fail.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bridge/mcp/status_text.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/catalog/source_text.h"

namespace bridge::mcp {

constexpr char kOrdersFile[] = R"(
  name: "t.proto" package: "t" syntax: "proto3"
  dependency: "google/protobuf/field_mask.proto"
  message_type {
    name: "Line"
    field { name: "unit_price" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
  }
  message_type {
    name: "Order"
    field { name: "line_items" number: 1 type: TYPE_MESSAGE type_name: ".t.Line" label: LABEL_REPEATED }
    field { name: "id" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "parent" number: 3 type: TYPE_MESSAGE type_name: ".t.Order" label: LABEL_OPTIONAL }
  }
  message_type {
    name: "ListRequest"
    field { name: "page_size" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
    field { name: "filter" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "read_mask" number: 3 type: TYPE_MESSAGE type_name: ".google.protobuf.FieldMask" label: LABEL_OPTIONAL }
  }
  message_type {
    name: "Denied"
    field { name: "limit" number: 1 type: TYPE_INT64 label: LABEL_OPTIONAL }
    field { name: "hint" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
  }
  service {
    name: "Orders"
    method { name: "Place" input_type: ".t.Order" output_type: ".t.Order" }
    method { name: "Get" input_type: ".t.Order" output_type: ".t.Order" options { idempotency_level: NO_SIDE_EFFECTS } }
    method { name: "Put" input_type: ".t.Order" output_type: ".t.Order" options { idempotency_level: IDEMPOTENT } }
    method { name: "List" input_type: ".t.ListRequest" output_type: ".t.Order" options { idempotency_level: NO_SIDE_EFFECTS } }
    method { name: "Export" input_type: ".t.ListRequest" output_type: ".t.Order" }
  })";

struct Told {
  std::string text;
  nlohmann::json meta;
};

class FailedCall {
 public:
  upstream::CallResult result;  // what came of it
  std::string tool = "Orders_Place";
  bool show_internal_errors = false;
  std::string missing;

  FailedCall(upstream::StatusCode code, std::string message, std::string details = "")
      : message_(std::move(message)), details_(std::move(details)) {
    result.code = code;
    result.number = static_cast<int>(code);
  }

  Told Tell() {
    result.message = message_;
    result.details = details_;
    return Read(ToStatusText(result, Facts()));
  }
  std::string Meta() const { return ToStatusText(result, Facts()).meta; }
  Told TellUnreadable(const transcode::CodecError& error) {
    return Read(UnreadableAnswer(error, Facts()));
  }
  static Told TellNoRoom(const std::string& tool, size_t bytes) {
    return Read(AnswerWithoutRoom(bytes, *Orders().Find(tool)->method));
  }

 private:
  CallFacts Facts() const {
    return {.tool = *Orders().Find(tool),
            .trace_id = "abc",
            .timeout_ms = 250,
            .missing = missing,
            .show_internal_errors = show_internal_errors};
  }
  static Told Read(const StatusText& text) {
    return {text.text, nlohmann::json::parse(text.meta, nullptr, false)};
  }
  static const catalog::Catalog& Orders() {
    static const auto& catalog = *new std::shared_ptr<const catalog::Catalog>([] {
      const catalog::Source source{
          .upstream = "t", .services = {"t.Orders"}, .files = {catalog::FromText(kOrdersFile)}};
      std::vector<std::string> problems;
      auto made = catalog::Catalog::Make({&source, 1}, {}, {}, &problems);
      EXPECT_TRUE(problems.empty()) << problems[0];
      return made;
    }());
    return *catalog;
  }

  std::string message_, details_;
};

template <typename... Details>
std::string Pack(const Details&... details) {
  google::rpc::Status status;
  (status.add_details()->PackFrom(details), ...);
  return status.SerializeAsString();
}

// One detail of a type that this program does not have.
inline std::string PackAs(const std::string& type, const std::string& bytes) {
  google::rpc::Status status;
  auto* any = status.add_details();
  any->set_type_url("type.googleapis.com/" + type);
  any->set_value(bytes);
  return status.SerializeAsString();
}

}  // namespace bridge::mcp
