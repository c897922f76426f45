// Trains on a folder that holds a folder of photos per class: train_photos PHOTOS RUN_FOLDER
#include <alexnet/alexnet.h>

#include <iostream>

namespace {

class Watcher : public alexnet::TrainObserver {
  void epoch_done(const alexnet::EpochMetrics& epoch, bool best) override {
    std::cout << "epoch " << epoch.epoch << ": loss " << epoch.train_loss << ", right of the photos held out "
              << epoch.val_top1.value_or(0) << (best ? " (best)" : "") << std::endl;
  }
  void note(const std::string& text) override { std::cout << text << std::endl; }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: train_photos PHOTOS RUN_FOLDER\n";
    return 2;
  }
  alexnet::TrainConfig config;
  config.data = argv[1];
  config.out = argv[2];
  config.validation_split = 0.1;
  try {
    Watcher watcher;
    const alexnet::TrainResult result = alexnet::train(config, watcher);
    std::cout << "The model is " << (result.run / "best.safetensors").string() << '\n';
    return 0;
  } catch (const alexnet::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
