// For processors that never have them, or none that this program would use.
#include "engine/cpu/kernels/amx/bf16_products.h"

namespace alexnet::cpu {

bool has_bf16_products() { return false; }
double multiply_bf16_in_registers(std::int64_t, float*) { return 0; }

}  // namespace alexnet::cpu
