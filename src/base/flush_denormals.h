// Denormal numbers as zero, while a network computes or learns: processors are slow at them.
#pragma once

namespace alexnet {

/// How the calling thread treats denormal numbers: bits of its processor's floating-point control.
unsigned denormal_mode();
void set_denormal_mode(unsigned mode);

/// From construction to destruction, on the calling thread and on those that compute for it (compute_team.h).
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned before_;
};

}  // namespace alexnet
