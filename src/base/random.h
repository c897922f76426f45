// Randomness as a function, not a state: every draw is Philox4x32-10 (Salmon et al., "Parallel random
// numbers: as easy as 1, 2, 3", SC11; Random123) of (seed, purpose, step, index). No draw depends on which
// thread made it, on how many were made before, or on where a run was interrupted.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace alexnet {

/// What a draw is for; draws for different purposes are independent.
enum class Purpose : std::uint32_t {
  kInitialWeights = 1,
  kShuffle = 2,
  kCrop = 3,
  kMirror = 4,
  kDropout = 5,
  kSubstitute = 6,  // which good image stands in for an unreadable one
  kSplit = 7,       // which images are held out for validation
  kColour = 8,
  kSample = 9,  // a sample of a set, e.g. for measuring mean and standard deviation
  kJitter = 10,
  kCutout = 11,
  kMixup = 12,
};

/// 128 random bits: block `block` of the stream named by the other arguments.
std::array<std::uint32_t, 4> random_block(std::uint64_t seed, Purpose purpose, std::uint32_t step,
                                          std::uint64_t index, std::uint32_t block);

/// A stream of draws for one (seed, purpose, step, index). Cheap to make; make one per item drawn for.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, Purpose purpose, std::uint32_t step, std::uint64_t index)
      : seed_(seed), index_(index), purpose_(purpose), step_(step) {}

  std::uint32_t next();
  /// Uniform in [0, 1), 24 bits.
  float uniform();
  /// Uniform in [0, n); n > 0. Without modulo bias.
  std::uint32_t below(std::uint32_t n);
  /// Standard normal (Box-Muller).
  float normal();
  /// Every order of them alike (Fisher-Yates).
  void shuffle(std::span<std::uint32_t> items);

 private:
  std::uint64_t seed_, index_;
  Purpose purpose_;
  std::uint32_t step_;
  std::uint32_t block_ = 0;
  unsigned used_ = 4;
  std::array<std::uint32_t, 4> bits_{};
};

/// The 16-bit draw that decides whether dropout keeps an element: the element stays when
/// draw >= dropout_threshold(rate), and is then scaled by 1 / (1 - rate).
///
/// `element` counts in the order [n][c / 16][h][w][c % 16] (channels padded up to a multiple of 16), the
/// order in which the fast engine keeps activations, so that it can draw 8 neighbours from each Philox block.
/// A flat layer of C channels is the same with h = w = 1. Block element / 8, 16-bit lane element % 8 (low
/// half of word 0 first); `layer` is the index of the layer in its NetworkSpec and `step` the training step.
std::uint32_t dropout_draw(std::uint64_t seed, std::uint32_t step, std::uint32_t layer,
                           std::uint64_t element);
std::uint32_t dropout_threshold(float rate);

/// The Philox counter of a block: the layout that vectorised generators must follow.
///   key = {seed low, seed high}; counter = {block, index low, index high (24 bits) | purpose << 24, step}.
/// For dropout: block = low 32 bits of (element / 8), index = layer | (high bits of (element / 8)) << 16.

}  // namespace alexnet
