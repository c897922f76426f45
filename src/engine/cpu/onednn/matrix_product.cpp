#include "engine/cpu/onednn/matrix_product.h"

#include <dnnl.h>

#include "engine/cpu/onednn/one_thread.h"

namespace alexnet::cpu {

bool multiply(const MatrixView& a, const MatrixView& b, float* c, std::size_t c_row_length, std::size_t rows,
              std::size_t columns, std::size_t depth) {
  const OneThread alone;
  return dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', static_cast<dnnl_dim_t>(rows),
                    static_cast<dnnl_dim_t>(columns), static_cast<dnnl_dim_t>(depth), 1.0F, a.data,
                    static_cast<dnnl_dim_t>(a.row_length), b.data, static_cast<dnnl_dim_t>(b.row_length),
                    0.0F, c, static_cast<dnnl_dim_t>(c_row_length)) == dnnl_success;
}

}  // namespace alexnet::cpu
