// Texts, bounds and marks of OpenAPI annotations, by number:
// grpc.gateway.protoc_gen_openapiv2.options (1042; JSONSchema and Operation of openapiv2.proto) and
// openapi.v3 of gnostic (1143; Schema and Operation of OpenAPIv3.proto). Validation rules win over
// their bounds.
#pragma once

#include <string_view>

#include "bridge/descriptor/graph.h"
#include "bridge/descriptor/rules.h"

namespace bridge::descriptor {

// Adds to `field` and `rules` what encoded FieldOptions say; the field has its kind already. True
// if they say anything.
bool ApplyOpenApi(std::string_view options, Field* field, FieldRules* rules);

// Of encoded MethodOptions: summary, description and deprecated.
void ApplyOpenApi(std::string_view options, Method* method);

// Of encoded MessageOptions: description and which properties are required.
void ApplyOpenApi(std::string_view options, Message* message);

}  // namespace bridge::descriptor
