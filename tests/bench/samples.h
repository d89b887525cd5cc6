// The messages every benchmark uses: echo.proto, and the JSON texts beside it.
// For tests and benchmarks: a broken file is an exception.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>

#include <memory>
#include <string>
#include <vector>

namespace bridge::bench {

using Files = std::vector<::google::protobuf::FileDescriptorProto>;

// echo.proto and what it imports, imports first.
Files EchoFiles();
// stream.proto and what it imports.
Files StreamFiles();

// Services of at most 50 methods each, a file each: `count` methods named Method0000 and so on,
// each with a request and a response message of its own that have the fields of Small.
Files FurtherMethods(int count);

// One message three ways.
class Sample final {
 public:
  // `type` is the message's full name.
  Sample(const std::string& type, const std::string& json);

  const std::string& type() const { return type_; }
  const std::string& json() const { return json_; }
  const std::string& wire() const { return wire_; }
  // By protobuf's own JSON code; lives as long as the sample.
  const ::google::protobuf::Message& prototype() const { return *prototype_; }

 private:
  std::string type_;
  std::string json_;
  std::string wire_;
  ::google::protobuf::DescriptorPool pool_;
  ::google::protobuf::DynamicMessageFactory factory_;
  const ::google::protobuf::Message* prototype_ = nullptr;
};

// "small", "order", "order_1kb", or "orders_100", which has the third a hundred times: 114 kB.
const Sample& FindSample(const std::string& name);

}  // namespace bridge::bench
