// Makes a file descriptor again what its .proto file says, where servers are known to bend it.
//
// Servers on @grpc/grpc-js describe themselves (@grpc/reflection) from protobufjs's own model:
// * each extension stands a second time among the fields of the message it extends, under its full
//   name with a dot before it (".google.api.field_behavior" in google.protobuf.FieldOptions);
// * proto3_optional is not said: a proto3 `optional int32 x` is the only member of a oneof "_x";
// * every file is said to be proto3. A proto2 field is known by `packed = false`, which no compiler
//   says of a singular field; it gets back its explicit presence, so that a 0 is sent as a 0.
// * what it loaded from a descriptor set says map_entry of each message that has a map.
// What such a server leaves out (options, json_name, imports) cannot be known here. The file of a
// server that tells the truth is not changed.
#pragma once

namespace google::protobuf {
class FileDescriptorProto;
}

namespace bridge::descriptor {

void RepairFile(google::protobuf::FileDescriptorProto* file);

}  // namespace bridge::descriptor
