// Partial updates (AIP-134) for any message. Pure functions; any thread.
#pragma once

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include "server/errors.h"

namespace server {

// What is wrong with an update mask for messages like `resource`: paths that do not exist, or whose
// first field is set by the service only (field_behavior OUTPUT_ONLY, IDENTIFIER, IMMUTABLE).
Violations CheckUpdateMask(const google::protobuf::FieldMask& mask,
                           const google::protobuf::Message& resource);

// The mask of all fields that `resource` has a value for and a caller may change.
google::protobuf::FieldMask MakeMaskOfSetFields(const google::protobuf::Message& resource);

// Copies the masked fields. Those without a value in `source` are cleared; lists, maps and messages
// are replaced as a whole.
void CopyMasked(const google::protobuf::Message& source, const google::protobuf::FieldMask& mask,
                google::protobuf::Message* destination);

// What is wrong with a read mask for messages like `resource`.
Violations CheckReadMask(const google::protobuf::FieldMask& mask,
                         const google::protobuf::Message& resource);

}  // namespace server
