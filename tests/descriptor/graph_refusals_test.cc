#include <string>
#include <vector>

#include "bridge/descriptor/graph.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/descriptor/graph_source.h"

namespace bridge::descriptor {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Graph, BrokenDescriptorsAreRefusedByName) {
  struct Row {
    const char* text;
    const char* expected;
  };
  const Row rows[] =
      {
          {R"pb(name: "a"
                package: "p/q"
                message_type { name: "M" })pb",
           "package"},
          {R"pb(name: "a"
                package: "p..q"
                message_type { name: "M" })pb",
           "package"},
          {R"pb(name: "a"
                syntax: "proto4"
                message_type { name: "M" })pb",
           "syntax"},
          {R"pb(name: "a"
                message_type { name: "M/N" })pb",
           "message name"},
          {R"pb(name: "a"
                message_type { name: "" })pb",
           "message name"},
          {R"pb(name: "a"
                enum_type { name: "E" })pb",
           "without values"},
          {R"pb(name: "a"
                enum_type {
                  name: "E"
                  value { name: "A B" number: 0 }
                })pb",
           "enum value"},
          {R"pb(name: "a"
                enum_type {
                  name: "E"
                  value { name: "A" number: 0 }
                  value { name: "A" number: 1 }
                })pb",
           "E.A: is declared twice"},
          {R"pb(name: "a"
                service { name: "S\r\nX" })pb",
           "service name"},
          {R"pb(name: "a"
                message_type { name: "M" }
                service {
                  name: "S"
                  method { name: "a/../b" input_type: "M" output_type: "M" }
                })pb",
           "method name"},
          {R"pb(name: "a"
                message_type { name: "M" }
                service {
                  name: "S"
                  method { name: "Do" input_type: "M" output_type: "N" }
                })pb",
           "S.Do: its type \"N\""},
          {R"pb(name: "a"
                message_type { name: "M" }
                message_type {
                  name: "M"
                  field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 }
                })pb",
           "declares this name differently"},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field { name: "x" number: 0 label: LABEL_OPTIONAL type: TYPE_INT32 }
                })pb",
           "M.x: its number is out of range"},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field { name: "x" number: 536870912 label: LABEL_OPTIONAL type: TYPE_INT32 }
                })pb",
           "out of range"},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 }
                  field { name: "y" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 }
                })pb",
           "M.y: its number belongs to another field too"},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 }
                  field { name: "x" number: 2 label: LABEL_OPTIONAL type: TYPE_INT32 }
                })pb",
           "same name"},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field {
                    name: "x"
                    number: 1
                    label: LABEL_OPTIONAL
                    type: TYPE_INT32
                    json_name: "a\nb"
                  }
                })pb",
           "json_name"},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field {
                    name: "x"
                    number: 1
                    label: LABEL_OPTIONAL
                    type: TYPE_INT32
                    oneof_index: 3
                  }
                })pb",
           "oneof"},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field {
                    name: "x"
                    number: 1
                    label: LABEL_OPTIONAL
                    type: TYPE_ENUM
                    type_name: ".M"
                  }
                })pb",
           "another kind"},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field {
                    name: "x"
                    number: 1
                    label: LABEL_REPEATED
                    type: TYPE_MESSAGE
                    type_name: ".M.E"
                  }
                  nested_type {
                    name: "E"
                    options { map_entry: true }
                  }
                })pb",
           "map entry"},
          {R"pb(name: "a"
                service { name: "S" }
                message_type { name: "S" })pb",
           "differently"},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field {
                    name: "x"
                    number: 1
                    label: LABEL_OPTIONAL
                    type: TYPE_INT32
                    oneof_index: 0
                  }
                  field {
                    name: "y"
                    number: 2
                    label: LABEL_OPTIONAL
                    type: TYPE_INT32
                    oneof_index: 1
                  }
                  oneof_decl { name: "o" }
                  oneof_decl { name: "o" }
                })pb",
           "M.o: is declared twice"},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field {
                    name: "x"
                    number: 1
                    label: LABEL_OPTIONAL
                    type: TYPE_INT32
                    oneof_index: 0
                  }
                  oneof_decl { name: "o o" }
                })pb",
           "name of a oneof"},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field {
                    name: "x"
                    number: 1
                    label: LABEL_REPEATED
                    type: TYPE_INT32
                    oneof_index: 0
                  }
                  oneof_decl { name: "o" }
                })pb",
           "legal member of a oneof"},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  nested_type {
                    name: "E"
                    options { map_entry: true }
                    field { name: "key" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 }
                    field {
                      name: "value"
                      number: 2
                      label: LABEL_OPTIONAL
                      type: TYPE_INT32
                      oneof_index: 0
                    }
                    oneof_decl { name: "o" }
                  }
                })pb",
           "map entry"},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field {
                    name: "x"
                    number: 1
                    label: LABEL_OPTIONAL
                    type: TYPE_MESSAGE
                    type_name: ".E"
                  }
                }
                message_type {
                  name: "E"
                  options { map_entry: true }
                  field { name: "key" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 }
                  field { name: "value" number: 2 label: LABEL_OPTIONAL type: TYPE_INT32 }
                })pb",
           "M.x: uses a map entry outside a map"},
          {R"pb(name: "a"
                message_type {
                  name: "E"
                  options { map_entry: true }
                  field { name: "key" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 }
                  field { name: "value" number: 2 label: LABEL_OPTIONAL type: TYPE_INT32 }
                }
                service {
                  name: "S"
                  method { name: "Do" input_type: "E" output_type: "E" }
                })pb",
           "S.Do: uses a map entry outside a map"},
          {R"pb(name: "a"
                message_type { name: "M" }
                service {
                  name: "S"
                  method { name: "Do" input_type: "M" output_type: "M" }
                  method { name: "Do" input_type: "M" output_type: "M" }
                })pb",
           "S.Do: is declared twice"},
          {R"pb(name: "a"
                message_type { name: "M" }
                extension {
                  name: "x"
                  number: 5
                  label: LABEL_OPTIONAL
                  type: TYPE_INT32
                  extendee: ".M"
                }
                extension {
                  name: "x"
                  number: 6
                  label: LABEL_OPTIONAL
                  type: TYPE_INT32
                  extendee: ".M"
                })pb",
           "M: has two extensions of the name x"},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field { name: "f" number: 5 label: LABEL_OPTIONAL type: TYPE_INT32 }
                }
                extension {
                  name: "x"
                  number: 5
                  label: LABEL_OPTIONAL
                  type: TYPE_INT32
                  extendee: ".M"
                })pb",
           "x: its number in M is taken"},
          {R"pb(name: "a"
                message_type { name: "M" }
                extension {
                  name: "x"
                  number: 5
                  label: LABEL_OPTIONAL
                  type: TYPE_INT32
                  extendee: ".M"
                }
                extension {
                  name: "y"
                  number: 5
                  label: LABEL_OPTIONAL
                  type: TYPE_INT32
                  extendee: ".M"
                })pb",
           "y: its number in M is taken"},
          {R"pb(name: "a"
                extension {
                  name: "x"
                  number: 5
                  label: LABEL_OPTIONAL
                  type: TYPE_INT32
                  extendee: ".N"
                })pb",
           "x: its type \".N\""},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field {
                    name: "x"
                    number: 1
                    label: LABEL_OPTIONAL
                    type: TYPE_GROUP
                    type_name: ".E"
                  }
                }
                enum_type {
                  name: "E"
                  value { name: "A" number: 0 }
                })pb",
           "M.x: its type \".E\" is of another kind"},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_MESSAGE }
                })pb",
           "M.x: its type \"\""},
          {R"pb(name: "a"
                message_type {
                  name: "M"
                  field { name: "x" number: -1 label: LABEL_OPTIONAL type: TYPE_INT32 }
                })pb",
           "out of range"},
      };
  for (const Row& row : rows) {
    const auto graph = Graph::Build(PointersTo({FromText(row.text)}));
    ASSERT_EQ(graph.status().code(), absl::StatusCode::kInvalidArgument) << row.text;
    EXPECT_THAT(std::string(graph.status().message()),
                AllOf(HasSubstr("file \"a\""), HasSubstr(row.expected)));
    EXPECT_EQ(graph.status().message().find('\n'), absl::string_view::npos) << row.text;
  }
}

}  // namespace
}  // namespace bridge::descriptor
