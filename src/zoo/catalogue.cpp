#include <algorithm>
#include <sstream>
#include <string>

#include "alexnet/zoo.h"
#include "zoo/imagenet_classes.h"

namespace alexnet {
namespace {

std::vector<std::string> imagenet_classes() {
  std::istringstream text{std::string(kImagenetClasses)};
  std::vector<std::string> classes;
  for (std::string line; std::getline(text, line);) classes.push_back(line);
  return classes;
}

/// torchvision.models.AlexNet_Weights.IMAGENET1K_V1; the file is named after the start of its digest.
ZooNetwork torchvision() {
  return {.name = "torchvision",
          .about = "AlexNet of 2014 (preset owt), trained on ImageNet-1k for torchvision",
          .source = "https://pytorch.org/vision/stable/models/alexnet.html",
          .licence = "BSD-3-Clause",
          .preset = "owt",
          .top1 = 0.56522,
          .top5 = 0.79066,
          .tested_on = "ImageNet-1k",
          .file = {.name = "alexnet-owt-7be5be79.pth",
                   .url = "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
                   .digest = "sha256:7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02",
                   .bytes = 244'408'911},
          .classes = imagenet_classes()};
}

/// The names are torchvision's for these classes of ImageNet, so that its AlexNet can be evaluated on them.
ZooDataset imagenette() {
  return {.name = "imagenette",
          .about = "photos of ten classes of ImageNet: 9,469, and 3,925 to test on",
          .source = "https://github.com/fastai/imagenette",
          .licence = "Apache-2.0; the photos: terms of ImageNet",
          .files = {{.name = "imagenette2-320.tgz",
                     .url = "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-320.tgz",
                     .digest = "md5:3df6f0d01a2c9592104656642f5e78a3",
                     .bytes = 341'663'724}},
          .folder = "imagenette2-320",
          .classes = {{"n01440764", "tench"},
                      {"n02102040", "English springer"},
                      {"n02979186", "cassette player"},
                      {"n03000684", "chain saw"},
                      {"n03028079", "church"},
                      {"n03394916", "French horn"},
                      {"n03417042", "garbage truck"},
                      {"n03425413", "gas pump"},
                      {"n03445777", "golf ball"},
                      {"n03888257", "parachute"}}};
}

ZooDataset cifar(const std::string& classes, const std::string& about, const std::string& folder,
                 const std::string& md5, std::uint64_t bytes) {
  const std::string file = "cifar-" + classes + "-binary.tar.gz";
  return {.name = "cifar" + classes,
          .about = about,
          .source = "https://www.cs.toronto.edu/~kriz/cifar.html",
          .licence = "none stated; cite Krizhevsky 2009",
          .files = {{.name = file,
                     .url = "https://www.cs.toronto.edu/~kriz/" + file,
                     .digest = "md5:" + md5,
                     .bytes = bytes}},
          .folder = folder,
          .classes = {}};
}

struct IdxFile {
  const char *name, *md5;
  std::uint64_t bytes;
};

std::vector<ZooFile> idx_files(const std::string& address, const std::vector<IdxFile>& files,
                               const std::string& prefix) {
  std::vector<ZooFile> all;
  for (const IdxFile& file : files)
    all.push_back({prefix + file.name, address + file.name, std::string("md5:") + file.md5, file.bytes});
  return all;
}

ZooDataset mnist() {
  return {.name = "mnist",
          .about = "handwritten digits, 28x28 gray: 60,000, and 10,000 to test on",
          .source = "http://yann.lecun.com/exdb/mnist/",
          .licence = "CC-BY-SA-3.0",
          .files = idx_files("https://ossci-datasets.s3.amazonaws.com/mnist/",
                             {{"train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873", 9'912'422},
                              {"train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432", 28'881},
                              {"t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3", 1'648'877},
                              {"t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c", 4'542}},
                             "mnist-"),
          .folder = "",
          .classes = {}};
}

ZooDataset fashion_mnist() {
  return {.name = "fashion-mnist",
          .about = "kinds of clothing, 28x28 gray: 60,000, and 10,000 to test on",
          .source = "https://github.com/zalandoresearch/fashion-mnist",
          .licence = "MIT",
          .files = idx_files("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                             {{"train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26'421'880},
                              {"train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe", 29'515},
                              {"t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79", 4'422'102},
                              {"t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310", 5'148}},
                             "fashion-mnist-"),
          .folder = "",
          .classes = {}};
}

template <class Entry>
const Entry* find(const std::vector<Entry>& entries, const std::string& name) {
  const auto found = std::ranges::find(entries, name, &Entry::name);
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace

const std::vector<ZooNetwork>& zoo_networks() {
  static const std::vector<ZooNetwork> networks = {torchvision()};
  return networks;
}

const std::vector<ZooDataset>& zoo_datasets() {
  static const std::vector<ZooDataset> datasets = {
      imagenette(),
      cifar("10", "photos of ten classes, 32x32: 50,000, and 10,000 to test on", "cifar-10-batches-bin",
            "c32a1d4ab5d03f1284b67883e8d87530", 170'052'171),
      cifar("100", "photos of 100 classes, 32x32: 50,000, and 10,000 to test on", "cifar-100-binary",
            "03b5dce01913d631647c71ecec9e9cb8", 168'513'733),
      mnist(), fashion_mnist()};
  return datasets;
}

const ZooNetwork* find_zoo_network(const std::string& name) { return find(zoo_networks(), name); }

const ZooDataset* find_zoo_dataset(const std::string& name) { return find(zoo_datasets(), name); }

}  // namespace alexnet
