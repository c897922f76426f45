// Whether a model came back from a file as it was written.
#pragma once

#include <gtest/gtest.h>

#include <cstring>

#include "alexnet/model.h"

namespace alexnet {

/// Bit by bit, apart from the name of the file.
inline void expect_equal(const Model& back, const Model& model) {
  EXPECT_EQ(back.spec, model.spec);
  EXPECT_EQ(back.classes, model.classes);
  EXPECT_EQ(back.preprocessing, model.preprocessing);
  EXPECT_EQ(back.provenance, model.provenance);
  ASSERT_EQ(back.weights.size(), model.weights.size());
  for (const auto& [name, tensor] : model.weights) {
    const TensorView& other = back.weights.at(name);
    ASSERT_EQ(other.shape, tensor.shape) << name;
    EXPECT_EQ(std::memcmp(other.values.data(), tensor.values.data(), tensor.values.size_bytes()), 0) << name;
  }
}

}  // namespace alexnet
