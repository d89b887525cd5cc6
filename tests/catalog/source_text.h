// Descriptors from their text form, and what became of them.
#pragma once

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bridge/catalog/catalog.h"

namespace bridge::catalog {

inline std::string FromText(const std::string& text) {
  google::protobuf::FileDescriptorProto file;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &file)) << text;
  return file.SerializeAsString();
}

inline std::vector<std::string> ToolNames(const Catalog& catalog) {
  std::vector<std::string> names;
  for (const Tool& tool : catalog.tools()) names.push_back(tool.text.name);
  return names;
}

}  // namespace bridge::catalog
