// What the library shows to programs that are linked with it. Everything else stays hidden in it.
#pragma once

#if defined(__GNUC__)
#define ALEXNET_API __attribute__((visibility("default")))
#else
#define ALEXNET_API
#endif
