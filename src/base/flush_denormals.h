// Denormal numbers as zero, while a network computes or learns: processors are slow at them.
#pragma once

namespace alexnet {

/// From construction to destruction, on all compute threads; then each has its own way again.
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned before_ = 0;  // of the thread that made it
};

}  // namespace alexnet
