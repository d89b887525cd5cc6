// A GenericServer that describes itself: reflection (v1) over the given files, the handler for all
// else.
#pragma once

#include <google/protobuf/descriptor.pb.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/generic_server.h"

namespace bridge::testing {

using Files = std::vector<::google::protobuf::FileDescriptorProto>;

// Answers one reflection request as a server of `files` does; `call` is for a path that contains
// "ServerReflection". `whole_closure`: send all files at once, as C++ and Java do.
Answer AnswerReflection(const Received& call, const Files& files,
                        const std::vector<std::string>& listed, bool whole_closure);

// Full names of all services in `files`.
std::vector<std::string> ServiceNames(const Files& files);

// One file: package "t", message Text {string text = 1;}, and per name a service with the unary
// methods, all of Text to Text.
::google::protobuf::FileDescriptorProto TextService(const std::string& service,
                                                    const std::vector<std::string>& methods);

// Text{text: value} on the wire.
std::string EncodeText(const std::string& value);

// A server of `files` with reflection.
GenericServer* StartDescribedServer(Files files, std::function<Answer(const Received&)> handler,
                                    const std::string& address = "127.0.0.1:0",
                                    std::chrono::milliseconds connection_age = {});

}  // namespace bridge::testing
