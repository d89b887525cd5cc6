#include "bridge/telemetry/span.h"

namespace bridge::telemetry {

std::string Resource::service_name() const {
  for (const Attribute& attribute : attributes) {
    if (attribute.key != "service.name") continue;
    if (const auto* name = std::get_if<std::string>(&attribute.value)) return *name;
  }
  return "unknown_service";
}

}  // namespace bridge::telemetry
