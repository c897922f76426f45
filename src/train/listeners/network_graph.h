// A network as a graph for TensorBoard.
#pragma once

#include <vector>

#include "alexnet/network.h"
#include "tensorboard/event_file.h"

namespace alexnet {

/// A node per layer, in groups: a block is a convolution or dense layer (and the flattening before it) with
/// all that follows up to the next, and has the name of that layer. Shapes are batch x height x width x
/// channels, as the article writes them.
std::vector<GraphNode> network_graph(const NetworkSpec& spec);

}  // namespace alexnet
