// Layers from the definition of a network that is a chain.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/model.h"
#include "formats/caffe/binary.h"
#include "formats/caffe/message.h"

namespace alexnet::caffe {

/// How a parameter of the network is made from a blob.
struct WeightSource {
  std::string parameter;  ///< name in parameters(spec)
  Shape shape;            ///< canonical
  std::string layer;      ///< in the file; empty: `otherwise` in all places
  std::size_t blob = 0;
  bool transposed = false;               ///< the blob is [in, out]
  std::optional<std::size_t> divisor{};  ///< blob whose only value divides all
  float otherwise = 0;
};

/// What a data layer says of images; nothing where it is silent.
struct StatedInput {
  int crop = 0, new_height = 0, new_width = 0;  ///< 0: unknown
  std::vector<float> mean;                      ///< 0 to 255; one for all channels or one for each
  std::string mean_file;                        ///< as it stands there; empty: none
  std::optional<float> scale;
  std::optional<bool> mirror;
  bool stated = false;  ///< there is a data layer with such parameters
  bool operator==(const StatedInput&) const = default;
};

struct ReadNetwork {
  NetworkSpec spec;
  std::vector<WeightSource> weights;  ///< in the order of parameters(spec)
  StatedInput input;
  std::vector<Assumption> assumptions;  ///< on the network
};

/// What is known of weights while the network is read: the shape of a blob, empty if there is none.
class Blobs {
 public:
  explicit Blobs(const std::map<std::string, std::vector<StoredBlob>>& stored) : stored_(stored) {}
  const StoredBlob* find(const std::string& layer, std::size_t blob) const;

 private:
  const std::map<std::string, std::vector<StoredBlob>>& stored_;
};

/// Reads a network as Caffe's tests of it are: layers of the phase TEST. The data layer may be one of the
/// phase TRAIN if there is no other. DataError naming the file, the layer, and what of it is not supported.
ReadNetwork read_network(const Message& network, const Blobs& blobs, const std::string& where);

/// What the data layer says, alone.
StatedInput read_stated_input(const Message& network, const std::string& where);

}  // namespace alexnet::caffe
