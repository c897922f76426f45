// Variations of a network: what the paper of 2012 says made the difference, one function for each. They
// change the spec and nothing else, so that whatever reads specs (engines, model files, summaries) knows no
// more.
#pragma once

#include <optional>

#include "alexnet/network.h"

namespace alexnet {

/// What every unit computes (section 3.1).
void set_activation(NetworkSpec& spec, Activation::Kind kind);

/// The side of every pooling window; windows stay as far apart as they were, which is 2 in all presets: 3
/// overlap (section 3.4), 2 do not. Windows of 2 never hang over the border by more than one pixel, so these
/// are dropped. Sides stay as they were where Caffe's rounding made them, and where the side before was odd;
/// from an even one, windows of 2 without overlap give one pixel more.
void set_pooling(NetworkSpec& spec, int kernel);

/// What stands where the network normalises; an empty optional for nothing. A network that nowhere normalises
/// gets it where the paper has it: behind the activations of its first two convolutions (section 3.5). A
/// local response normalisation stays as it is where one is asked for, and does not stand behind dense
/// layers, whose units have no neighbours at the same place.
void set_normalisation(NetworkSpec& spec, const std::optional<LayerKind>& kind);

/// Groups of the second, fourth and fifth convolution, which the paper splits between two processors
/// (section 3.5, figure 2); all others see everything.
void set_towers(NetworkSpec& spec, int towers);

/// Multiplies the number of filters, and of units in hidden layers; multiples of 8 come out, so that all
/// towers fit.
void set_width(NetworkSpec& spec, double factor);

}  // namespace alexnet
