#include "bridge/upstream/reflection.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/upstream/reflection_server.h"

namespace bridge::upstream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// peers.md 4.5, 1 and 2.
TEST(PeersAcceptance, No1_ServiceOfTwoFilesIsFoundWhole) {
  ReflectionServer server({.whole_closure = true});
  const auto found = Reflect(server.target());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->services, ElementsAre("t.A"));
  EXPECT_THAT(FileNames(*found), ElementsAre("a.proto", "b.proto"));
  EXPECT_THAT(found->problems, ElementsAre());
}

TEST(PeersAcceptance, No2_OneFilePerAnswerAsTonicSends) {
  ReflectionServer server({.whole_closure = false});
  const auto found = Reflect(server.target());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(FileNames(*found), ElementsAre("a.proto", "b.proto"));
}

TEST(PeersAcceptance, No2_AnImportTheServerDoesNotKnowIsNoFailure) {
  ReflectionServer server({.files = {File("a.proto", {"google/api/annotations.proto"}, "A")}});
  const auto found = Reflect(server.target());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(FileNames(*found), ElementsAre("a.proto"));
  EXPECT_THAT(found->problems, ElementsAre("import google/api/annotations.proto: not known here"));
}

TEST(PeersAcceptance, No2_AServerThatEndsTheStreamAtAnUnknownImportIsAskedOn) {
  ReflectionServer server(
      {.ends_on_unknown = true,
       .listed = {"t.A", "t.Broken"},
       .files = {File("a.proto", {"x.proto", "b.proto"}, "A"), File("b.proto", {})}});
  const auto found = Reflect(server.target());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(FileNames(*found), ElementsAre("a.proto", "b.proto"));
  EXPECT_THAT(found->problems,
              ElementsAre("import x.proto: not known here", "service t.Broken: not known here"));
}

TEST(PeersAcceptance, No14_InfrastructureServicesAreHidden) {
  ReflectionServer server({.listed = {"t.A", "grpc.reflection.v1.ServerReflection",
                                      "grpc.reflection.v1alpha.ServerReflection",
                                      "grpc.health.v1.Health", "grpc.channelz.v1.Channelz"}});
  EXPECT_THAT(Reflect(server.target())->services, ElementsAre("t.A"));
}

TEST(Reflect, FallsBackToV1alpha) {
  ReflectionServer server({.v1 = false});
  const auto found = Reflect(server.target());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(FileNames(*found), ElementsAre("a.proto", "b.proto"));
  EXPECT_THAT(server.received().front().path, HasSubstr("grpc.reflection.v1."));
  EXPECT_THAT(server.received().back().path, HasSubstr("grpc.reflection.v1alpha."));
}

TEST(Reflect, AServiceThatCannotBeDescribedIsAProblemAndTheOthersAreFound) {
  ReflectionServer server({.listed = {"t.A", "t.Broken"}});
  const auto found = Reflect(server.target());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->services, ElementsAre("t.A", "t.Broken"));
  EXPECT_THAT(FileNames(*found), ElementsAre("a.proto", "b.proto"));
  EXPECT_THAT(found->problems, ElementsAre("service t.Broken: not known here"));
}

TEST(Reflect, AServiceListedAHundredTimesIsOneService) {
  ReflectionServer server({.listed = std::vector<std::string>(100, "t.A")});
  const auto found = Reflect(server.target());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->services, ElementsAre("t.A"));
}

TEST(Reflect, AMissingImportIsAskedForOnce) {
  Behaviour behaviour{.files = {File("a.proto", {"missing.proto"}, "A")}};
  for (int i = 0; i < 50; ++i) {
    behaviour.files[0].add_dependency("f" + std::to_string(i));
    behaviour.files.push_back(File("f" + std::to_string(i), {"missing.proto"}));
  }
  behaviour.whole_closure = true;
  ReflectionServer server(behaviour);
  const auto found = Reflect(server.target());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->problems, ElementsAre("import missing.proto: not known here"));
}

TEST(Reflect, ProblemsAreFewAndOneLineEach) {
  Behaviour behaviour;
  behaviour.files[0].add_dependency("x\nok   other\r\x1b[31m");
  for (int i = 0; i < 50; ++i) behaviour.files[0].add_dependency("missing" + std::to_string(i));
  const auto found = Reflect(ReflectionServer(behaviour).target());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->problems.size(), 20u);
  EXPECT_THAT(found->problems, ::testing::Contains("import x ok other[31m: not known here"));

  GenericServer failing([](const Received&) {
    return Answer{.status = {::grpc::StatusCode::INTERNAL, "bad\nok   fake\x1b[31m"}};
  });
  EXPECT_THAT(std::string(Reflect(*ParseTarget("up=" + failing.target())).status().message()),
              ::testing::EndsWith("bad ok fake[31m"));
}

// Python and C++ servers can be told to pack all they send.
TEST(Reflect, PackedAnswersAreRead) {
  Behaviour behaviour;
  GenericServer server([&](const Received& call) {
    Answer answer =
        bridge::testing::AnswerReflection(call, behaviour.files, behaviour.listed, false);
    answer.gzip = true;
    return answer;
  });
  const auto found = Reflect(*ParseTarget("up=" + server.target()));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(FileNames(*found), ElementsAre("a.proto", "b.proto"));
}

TEST(Reflect, DescriptorsThatGrowInMemoryAreRefused) {
  Behaviour behaviour;
  for (int i = 0; i < 10'000; ++i) behaviour.files[1].add_message_type();
  ReflectionServer server(behaviour);
  const absl::Status status = Reflect(server.target(), {.parsed_bytes = 1'000'000}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("1000000 bytes of memory"));
}

TEST(Reflect, WithoutReflectionTheErrorSaysWhatToDo) {
  ReflectionServer server({.v1 = false, .v1alpha = false});
  const absl::Status status = Reflect(server.target()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(status.message()), HasSubstr("enable grpc.reflection.v1 in the server"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("upstream up ("));
}

TEST(Reflect, AHangingServerEndsAtTheDeadline) {
  GenericServer server([](const Received&) { return Answer{.hang = true}; });
  ReflectionLimits limits;
  limits.timeout = std::chrono::milliseconds(200);
  const auto found = Reflect(*ParseTarget("up=" + server.target()), limits);
  EXPECT_EQ(found.status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(Reflect, AHangingServerEndsAtOnceWhenCancelled) {
  GenericServer server([](const Received&) { return Answer{.hang = true}; });
  Cancellation cancellation;
  absl::StatusOr<Reflection> found = absl::UnknownError("");
  std::thread asking([&] {
    found = Reflect(*ParseTarget("up=" + server.target()), {.timeout = std::chrono::hours(1)},
                    &cancellation);
  });
  EXPECT_EQ(server.WaitForRequests(1), 1u);
  cancellation.Cancel();
  asking.join();
  EXPECT_EQ(found.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(Reflect(*ParseTarget(server.target()), {}, &cancellation).status().code(),
            absl::StatusCode::kCancelled);
}

// Servers that send the closure with each service repeat what these share.
TEST(Reflect, AFileCountsOnceHoweverOftenItIsSent) {
  Behaviour behaviour{.whole_closure = true};
  behaviour.listed.clear();
  behaviour.files.clear();
  for (int i = 0; i < 20; ++i) {
    const std::string name = "A" + std::to_string(i);
    behaviour.listed.push_back("t." + name);
    behaviour.files.push_back(File(name + ".proto", {}, name));
  }
  ReflectionServer server(behaviour);
  ReflectionLimits limits;
  limits.bytes = 20 * 40;
  const auto found = Reflect(server.target(), limits);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->files.size(), 20u);
}

TEST(Reflect, GarbageIsAnError) {
  GenericServer server([](const Received&) { return Answer{.response = "\xff\xff\xff"}; });
  EXPECT_EQ(Reflect(*ParseTarget("up=" + server.target())).status().code(),
            absl::StatusCode::kInternal);
}

TEST(Reflect, LimitsAreNamed) {
  Behaviour many;
  many.files = {File("a.proto", {"b.proto", "c.proto"}, "A"), File("b.proto", {}),
                File("c.proto", {})};
  ReflectionServer server(many);
  ReflectionLimits limits;
  limits.files = 2;
  EXPECT_THAT(std::string(Reflect(server.target(), limits).status().message()),
              HasSubstr("more than 2 files"));
  limits.files = 10;
  limits.files = 1;
  EXPECT_THAT(std::string(Reflect(server.target(), limits).status().message()),
              HasSubstr("more than 1 imports"));
  limits.files = 10;
  limits.bytes = 10;
  EXPECT_THAT(std::string(Reflect(server.target(), limits).status().message()),
              HasSubstr("more than 10 bytes of descriptors"));
  limits.services = 0;
  EXPECT_THAT(std::string(Reflect(server.target(), limits).status().message()),
              HasSubstr("more than 0 services"));
}

TEST(Reflect, NobodyThereIsUnavailable) {
  std::string target;
  {
    target = GenericServer([](const Received&) { return Answer{}; }).target();
  }
  EXPECT_EQ(Reflect(*ParseTarget(target)).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace bridge::upstream
