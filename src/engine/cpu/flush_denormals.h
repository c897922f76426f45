// Denormal numbers as zero, while a network computes.
#pragma once

namespace alexnet::cpu {

/// Sets it for all compute threads; the calling thread has its own way again at the end of the scope.
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned before_ = 0;
};

}  // namespace alexnet::cpu
