// The methods of MCP that this server has, as data: a row each. What is added is a row and the file
// of its function.
#pragma once

#include <string>
#include <string_view>

#include "bridge/mcp/operations.h"
#include "bridge/mcp/request.h"
#include "bridge/mcp/revision.h"

namespace bridge::mcp {

struct Method {
  std::string_view name;
  bool modern;
  bool legacy;
  std::string_view mirrored;    // the member of params that the header Mcp-Name mirrors, or empty
  std::string_view capability;  // what it declares: a member of capabilities as JSON, or empty
  // Answers now and returns null, or returns what is under way.
  Operation* (*run)(Request* request);
};

// Null if this era does not have it, whatever its params are.
const Method* FindMethod(const Revision& revision, std::string_view name);

// Of a closed set, so that a caller cannot flood the tracing system with names: "_OTHER" for null.
std::string_view SpanName(const Method* method);

// {"tools":{}}: what the methods of an era declare.
const std::string& Capabilities(const Revision& revision);

// The functions, each in the file of its feature.
Operation* Discover(Request* request);    // lifecycle.cc
Operation* Initialize(Request* request);  // lifecycle.cc
Operation* Ping(Request* request);        // lifecycle.cc
Operation* ListTools(Request* request);   // list_tools.cc
Operation* CallTool(Request* request);    // call_tool.cc

}  // namespace bridge::mcp
