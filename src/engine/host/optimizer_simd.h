// The kernels of optimizer_kernels.h, compiled once for each instruction set (no include guard: see
// optimizer_kernels.cpp).
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "engine/host/optimizer_kernels.h"
#include "tensor/squares_inl.h"

HWY_BEFORE_NAMESPACE();
namespace alexnet {
namespace HWY_NAMESPACE {
namespace {

/// Calls move(w, states, g) for all values, vector by vector, and stores what it makes of w and the states.
/// Returns the sum of squares of w before.
template <std::size_t States, class Move>
double move_all(float* w, const std::array<float*, States>& states, const float* g, std::size_t count,
                const Move& move) {
  const D d;
  Squares squares;
  const auto block = [&](float* to, const std::array<float*, States>& kept, const float* from) HWY_ATTR {
    for (std::size_t part = 0; part < kParts; ++part) {
      const std::size_t at = part * kLanes;
      V weight = hn::LoadU(d, to + at);
      V state[States];
      for (std::size_t s = 0; s < States; ++s) state[s] = hn::LoadU(d, kept[s] + at);
      squares.add(part, weight);
      move(weight, state, hn::LoadU(d, from + at));
      hn::StoreU(weight, d, to + at);
      for (std::size_t s = 0; s < States; ++s) hn::StoreU(state[s], d, kept[s] + at);
    }
  };
  double sum = 0;
  for (std::size_t run = 0; run < count; run += kRun) {
    const std::size_t end = std::min(run + kRun, count);
    squares.clear();
    std::size_t i = run;
    for (; i + kBlock <= end; i += kBlock) {
      std::array<float*, States> kept = states;
      for (float*& state : kept) state += i;
      block(w + i, kept, g + i);
    }
    if (const std::size_t rest = end - i; rest > 0) {
      float copies[States + 2][kBlock] = {};
      std::array<float*, States> kept;
      for (std::size_t s = 0; s < States; ++s) {
        kept[s] = copies[s];
        std::copy_n(states[s] + i, rest, kept[s]);
      }
      std::copy_n(w + i, rest, copies[States]);
      std::copy_n(g + i, rest, copies[States + 1]);
      block(copies[States], kept, copies[States + 1]);
      std::copy_n(copies[States], rest, w + i);
      for (std::size_t s = 0; s < States; ++s) std::copy_n(kept[s], rest, states[s] + i);
    }
    sum += squares.total();
  }
  return sum;
}

double move_by_sgd_any(float* w, float* v, const float* g, std::size_t count, const SgdValues& values) {
  const D d;
  const V lr = hn::Set(d, values.lr), momentum = hn::Set(d, values.momentum);
  const V decay = hn::Set(d, values.decay), scale = hn::Set(d, values.scale);
  return move_all<1>(w, {v}, g, count, [&](V& weight, V(&state)[1], V gradient) HWY_ATTR {
    const V steered = hn::Add(hn::Mul(scale, gradient), hn::Mul(decay, weight));
    state[0] = hn::Sub(hn::Mul(momentum, state[0]), hn::Mul(lr, steered));
    weight = hn::Add(weight, state[0]);
  });
}

double move_by_adamw_any(float* w, float* m, float* v, const float* g, std::size_t count,
                         const AdamWValues& f) {
  const D d;
  const V scale = hn::Set(d, f.scale), decay = hn::Set(d, f.decay), new1 = hn::Set(d, f.new1);
  const V old2 = hn::Set(d, f.old2), new2 = hn::Set(d, f.new2), kept = hn::Set(d, f.kept);
  const V rate = hn::Set(d, f.rate), epsilon = hn::Set(d, f.epsilon);
  const V correction = hn::Set(d, f.root_correction);
  return move_all<2>(w, {m, v}, g, count, [&](V& weight, V(&state)[2], V own) HWY_ATTR {
    const V gradient = hn::Add(hn::Mul(scale, own), hn::Mul(decay, weight));
    state[0] = hn::Add(state[0], hn::Mul(new1, hn::Sub(gradient, state[0])));
    state[1] = hn::Add(hn::Mul(old2, state[1]), hn::Mul(hn::Mul(new2, gradient), gradient));
    const V root = hn::Add(hn::Mul(hn::Sqrt(state[1]), correction), epsilon);
    weight = hn::Sub(hn::Mul(kept, weight), hn::Mul(rate, hn::Div(state[0], root)));
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace alexnet
HWY_AFTER_NAMESPACE();
