// The product's version, as CMake's project() states it.
#pragma once

#ifndef BRIDGE_VERSION
#error "BRIDGE_VERSION is defined by the build"
#endif
