// What is in a photo: classify_photo MODEL PHOTO...
#include <alexnet/alexnet.h>

#include <filesystem>
#include <iostream>
#include <vector>

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: classify_photo MODEL PHOTO...\n";
    return 2;
  }
  try {
    alexnet::Classifier classifier(alexnet::load_model(argv[1]));
    const std::vector<std::filesystem::path> photos(argv + 2, argv + argc);
    int unreadable = 0;
    for (const alexnet::Classification& photo : classifier.classify(photos)) {
      std::cout << photo.file << '\n';
      if (!photo.error.empty()) std::cout << "  " << photo.error << '\n', ++unreadable;
      for (const alexnet::Prediction& seen : photo.predictions)
        std::cout << "  " << seen.probability << "  " << seen.name << '\n';
    }
    return unreadable == 0 ? 0 : 3;
  } catch (const alexnet::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
