// What the kernel says of this process, under the names that Prometheus' own clients use.
#pragma once

#include "bridge/metrics/page.h"

namespace bridge::metrics {

// Reads /proc/self; what cannot be read is left out.
void AppendProcess(Page* page);

}  // namespace bridge::metrics
