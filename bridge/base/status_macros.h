// Early return on absl::Status and absl::StatusOr, which the packaged Abseil lacks.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define RETURN_IF_ERROR(expression)                                         \
  do {                                                                      \
    if (absl::Status status_ = (expression); !status_.ok()) return status_; \
  } while (false)

#define ASSIGN_OR_RETURN(declaration, expression) \
  ASSIGN_OR_RETURN_NAMED_(BRIDGE_CONCAT_(status_or_, __LINE__), declaration, expression)
#define ASSIGN_OR_RETURN_NAMED_(name, declaration, expression) \
  auto name = (expression);                                    \
  if (!name.ok()) return name.status();                        \
  declaration = *std::move(name)
#define BRIDGE_CONCAT_(a, b) BRIDGE_CONCAT_INNER_(a, b)
#define BRIDGE_CONCAT_INNER_(a, b) a##b
