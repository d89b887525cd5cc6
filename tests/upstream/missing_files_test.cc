// Files that a server does not have, or has under another name, and types that it is asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/upstream/reflection_server.h"

namespace bridge::upstream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What servers send for a file that they do not have, and that only options need.
TEST(B7MissingFile, EmptyFilesAreNoFiles) {
  FileDescriptorProto placeholder;
  placeholder.set_name("options.proto");
  FileDescriptorProto older_go = placeholder;
  older_go.set_syntax("<unknown:0>");
  FileDescriptorProto nameless;
  for (const auto& empty : {placeholder, older_go, nameless}) {
    for (const bool whole_closure : {false, true}) {
      ReflectionServer server({.whole_closure = whole_closure,
                               .files = {File("a.proto", {"options.proto", "b.proto"}, "A"), empty,
                                         File("b.proto", {})}});
      const auto found = Reflect(server.target());
      ASSERT_TRUE(found.ok()) << found.status();
      EXPECT_THAT(FileNames(*found), ElementsAre("a.proto", "b.proto"));
    }
  }
}

TEST(B7MissingFile, HoweverAServerRefusesIt) {
  for (const auto code :
       {::grpc::StatusCode::NOT_FOUND, ::grpc::StatusCode::UNKNOWN,
        ::grpc::StatusCode::INVALID_ARGUMENT, ::grpc::StatusCode::UNIMPLEMENTED}) {
    ReflectionServer server(
        {.ends_on_unknown = true,
         .unknown = code,
         .files = {File("a.proto", {"options.proto", "b.proto"}, "A"), File("b.proto", {})}});
    const auto found = Reflect(server.target());
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_THAT(FileNames(*found), ElementsAre("a.proto", "b.proto"));
    EXPECT_THAT(found->problems, ElementsAre("import options.proto: not known here"));
  }
}

// A file that declares nothing may still pass its imports on.
TEST(B7MissingFile, AFileOfImportsOnlyIsFollowed) {
  FileDescriptorProto forward;
  forward.set_name("forward.proto");
  forward.add_dependency("b.proto");
  ReflectionServer server(
      {.files = {File("a.proto", {"forward.proto"}, "A"), forward, File("b.proto", {})}});
  const auto found = Reflect(server.target());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(FileNames(*found), ElementsAre("a.proto", "forward.proto", "b.proto"));
}

// The importer says validate/validate.proto, the server has it under the path it was built from.
TEST(B8OtherPath, ATypeIsAskedForByItsName) {
  FileDescriptorProto service = File("a.proto", {"v/v.proto", "enums.proto", "t.proto"}, "A");
  AddField(&service, "Request", ".v.Rules");
  AddField(&service, "Second", ".v.Level");
  auto* method = service.mutable_service(0)->add_method();
  method->set_name("Do");
  method->set_input_type(".t.Request");
  method->set_output_type(".r.Reply");
  FileDescriptorProto rules = File("src/v/v.proto", {"other/deep.proto"});
  rules.set_package("v");
  AddField(&rules, "Rules", ".deep.Rule");
  FileDescriptorProto deep = File("src/other/deep.proto", {});
  deep.set_package("deep");
  AddField(&deep, "Rule", "");
  FileDescriptorProto level = File("src/enums.proto", {});
  level.set_package("v");
  level.clear_message_type();
  level.add_enum_type()->set_name("Level");
  FileDescriptorProto reply = File("src/reply.proto", {});
  reply.set_package("r");
  AddField(&reply, "Reply", "");
  for (const bool ends : {false, true}) {
    ReflectionServer server(
        {.ends_on_unknown = ends, .files = {service, rules, deep, level, reply}});
    const auto found = Reflect(server.target());
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_THAT(FileNames(*found),
                ::testing::UnorderedElementsAre("a.proto", "src/v/v.proto", "src/other/deep.proto",
                                                "src/enums.proto", "src/reply.proto"));
  }
}

// Servers on @grpc/grpc-js tell no imports, so nothing says that one is missing.
TEST(B8OtherPath, WithoutImportsToo) {
  FileDescriptorProto service = File("a.proto", {}, "A");
  AddField(&service, "Request", ".v.Rules");
  FileDescriptorProto rules = File("v.proto", {});
  rules.set_package("v");
  AddField(&rules, "Rules", "");
  ReflectionServer server({.files = {service, rules}});
  const auto found = Reflect(server.target());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(FileNames(*found), ElementsAre("a.proto", "v.proto"));
}

TEST(B8OtherPath, ATypeThatIsNowhereIsAskedForOnce) {
  FileDescriptorProto service = File("a.proto", {"x.proto"}, "A");
  for (int i = 0; i < 30; ++i) AddField(&service, "M" + std::to_string(i), ".x.Nowhere");
  ReflectionServer server({.files = {service}});
  const auto found = Reflect(server.target());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->problems,
              ElementsAre("import x.proto: not known here", "type x.Nowhere: not known here"));
}

// An extension of options is read by number, so its type is not missed.
TEST(B8OtherPath, WhatOptionsNeedIsNotAskedFor) {
  FileDescriptorProto service = File("a.proto", {"x.proto"}, "A");
  auto* extension = service.add_extension();
  extension->set_name("rules");
  extension->set_extendee(".google.protobuf.FieldOptions");
  extension->set_type_name(".x.Nowhere");
  ReflectionServer server({.files = {service}});
  const auto found = Reflect(server.target());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->problems, ElementsAre("import x.proto: not known here"));
}

TEST(B10FurtherTypes, AreDescribedWithAllTheyNeed) {
  FileDescriptorProto event = File("event.proto", {"part.proto"});
  event.set_package("e");
  AddField(&event, "Event", ".p.Part");
  FileDescriptorProto part = File("part.proto", {});
  part.set_package("p");
  AddField(&part, "Part", "");
  ReflectionServer server({.files = {File("a.proto", {}, "A"), event, part}});
  EXPECT_THAT(FileNames(*Reflect(server.target())), ElementsAre("a.proto"));
  const std::vector<std::string> types = {"e.Event", "e.Nowhere"};
  const auto found = Reflect(server.target(), {}, nullptr, types);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(FileNames(*found), ElementsAre("a.proto", "event.proto", "part.proto"));
  EXPECT_THAT(found->types, ElementsAre("e.Event"));
  EXPECT_THAT(found->problems, ElementsAre("type e.Nowhere: not known here"));
}

TEST(B10FurtherTypes, NeverCostWhatServicesNeed) {
  FileDescriptorProto huge = File("huge.proto", {});
  huge.set_package("h");
  for (int i = 0; i < 1'000; ++i) AddField(&huge, "M" + std::to_string(i), "");
  ReflectionServer server({.files = {File("a.proto", {}, "A"), huge}});
  const std::vector<std::string> types = {"h.M7"};
  const auto found = Reflect(server.target(), {.bytes = 1'000}, nullptr, types);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(FileNames(*found), ElementsAre("a.proto"));
  EXPECT_THAT(found->problems, ElementsAre(HasSubstr("type h.M7: ")));

  GenericServer ends([](const Received& call) {
    if (call.request.find("h.M7") != std::string::npos) {
      return Answer{.status = {::grpc::StatusCode::INTERNAL, "no such thing"}};
    }
    return bridge::testing::AnswerReflection(call, {File("a.proto", {}, "A")}, {"t.A"}, false);
  });
  const auto whole = Reflect(*ParseTarget("up=" + ends.target()), {}, nullptr, types);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_THAT(FileNames(*whole), ElementsAre("a.proto"));
  EXPECT_THAT(whole->types, ElementsAre());
}

}  // namespace
}  // namespace bridge::upstream
