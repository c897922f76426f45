// Writes a small model that always sees a cat: zero weights, and a bias that decides.
#include <alexnet/alexnet.h>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  alexnet::Model model;
  model.spec = {
      "small",
      {3, 8, 8},
      {{"flatten", alexnet::Flatten{}}, {"fc", alexnet::Dense{.units = 3}}, {"prob", alexnet::Softmax{}}}};
  model.classes = {"bird", "cat", "dog"};
  model.preprocessing = {.resize = 10,
                         .crop_width = 8,
                         .crop_height = 8,
                         .mean = {0.5F, 0.5F, 0.5F},
                         .stddev = {0.25F, 0.25F, 0.25F}};
  model.weights["fc.weight"] = alexnet::TensorView::own(alexnet::Tensor({3, 3 * 8 * 8}));
  model.weights["fc.bias"] = alexnet::TensorView::own(alexnet::Tensor({3}, {0.0F, 4.0F, 0.0F}));
  alexnet::save_model(model, argv[1]);
}
