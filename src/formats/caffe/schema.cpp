#include "formats/caffe/schema.h"

#include <algorithm>
#include <array>
#include <utility>

namespace alexnet::caffe {
namespace {

using enum Type;

constexpr std::string_view kPhases[] = {"TRAIN", "TEST"};
constexpr std::string_view kPoolings[] = {"MAX", "AVE", "STOCHASTIC"};
constexpr std::string_view kRoundings[] = {"CEIL", "FLOOR"};
constexpr std::string_view kRegions[] = {"ACROSS_CHANNELS", "WITHIN_CHANNEL"};
constexpr std::string_view kEngines[] = {"DEFAULT", "CAFFE", "CUDNN"};

/// V1LayerParameter.LayerType, and the name of today.
constexpr std::pair<std::string_view, std::string_view> kV1Kinds[] = {
    {"NONE", ""},
    {"ACCURACY", "Accuracy"},
    {"BNLL", "BNLL"},
    {"CONCAT", "Concat"},
    {"CONVOLUTION", "Convolution"},
    {"DATA", "Data"},
    {"DROPOUT", "Dropout"},
    {"EUCLIDEAN_LOSS", "EuclideanLoss"},
    {"FLATTEN", "Flatten"},
    {"HDF5_DATA", "HDF5Data"},
    {"HDF5_OUTPUT", "HDF5Output"},
    {"IM2COL", "Im2col"},
    {"IMAGE_DATA", "ImageData"},
    {"INFOGAIN_LOSS", "InfogainLoss"},
    {"INNER_PRODUCT", "InnerProduct"},
    {"LRN", "LRN"},
    {"MULTINOMIAL_LOGISTIC_LOSS", "MultinomialLogisticLoss"},
    {"POOLING", "Pooling"},
    {"RELU", "ReLU"},
    {"SIGMOID", "Sigmoid"},
    {"SOFTMAX", "Softmax"},
    {"SOFTMAX_LOSS", "SoftmaxWithLoss"},
    {"SPLIT", "Split"},
    {"TANH", "TanH"},
    {"WINDOW_DATA", "WindowData"},
    {"ELTWISE", "Eltwise"},
    {"POWER", "Power"},
    {"SIGMOID_CROSS_ENTROPY_LOSS", "SigmoidCrossEntropyLoss"},
    {"HINGE_LOSS", "HingeLoss"},
    {"MEMORY_DATA", "MemoryData"},
    {"ARGMAX", "ArgMax"},
    {"THRESHOLD", "Threshold"},
    {"DUMMY_DATA", "DummyData"},
    {"SLICE", "Slice"},
    {"MVN", "MVN"},
    {"ABSVAL", "AbsVal"},
    {"SILENCE", "Silence"},
    {"CONTRASTIVE_LOSS", "ContrastiveLoss"},
    {"EXP", "Exp"},
    {"DECONVOLUTION", "Deconvolution"}};

constexpr auto kV1Types = [] {
  std::array<std::string_view, std::size(kV1Kinds)> names;
  std::ranges::transform(kV1Kinds, names.begin(), [](const auto& kind) { return kind.first; });
  return names;
}();

constexpr FieldType kShapeFields[] = {{"dim", kShapeDim, kInt}};
constexpr MessageType kShape{kShapeFields};

constexpr FieldType kRuleFields[] = {{"phase", 1, kEnum, nullptr, kPhases},
                                     {"min_level", 2, kInt},
                                     {"max_level", 3, kInt},
                                     {"stage", 4, kText},
                                     {"not_stage", 5, kText}};
constexpr MessageType kRule{kRuleFields};

constexpr FieldType kTransformFields[] = {
    {"scale", 1, kFloat},      {"mirror", 2, kBool},      {"crop_size", 3, kInt},  {"mean_file", 4, kText},
    {"mean_value", 5, kFloat}, {"force_color", 6, kBool}, {"force_gray", 7, kBool}};
constexpr MessageType kTransform{kTransformFields};

constexpr FieldType kFillerFields[] = {{"type", 1, kText}, {"value", 2, kFloat}, {"std", 6, kFloat}};
constexpr MessageType kFiller{kFillerFields, false};

constexpr FieldType kConvolutionFields[] = {{"num_output", 1, kInt},
                                            {"bias_term", 2, kBool},
                                            {"pad", 3, kInt},
                                            {"kernel_size", 4, kInt},
                                            {"group", 5, kInt},
                                            {"stride", 6, kInt},
                                            {"weight_filler", 7, kMessage, &kFiller},
                                            {"bias_filler", 8, kMessage, &kFiller},
                                            {"pad_h", 9, kInt},
                                            {"pad_w", 10, kInt},
                                            {"kernel_h", 11, kInt},
                                            {"kernel_w", 12, kInt},
                                            {"stride_h", 13, kInt},
                                            {"stride_w", 14, kInt},
                                            {"engine", 15, kEnum, nullptr, kEngines},
                                            {"axis", 16, kInt},
                                            {"force_nd_im2col", 17, kBool},
                                            {"dilation", 18, kInt}};
constexpr MessageType kConvolution{kConvolutionFields};

constexpr FieldType kPoolingFields[] = {{"pool", 1, kEnum, nullptr, kPoolings},
                                        {"kernel_size", 2, kInt},
                                        {"stride", 3, kInt},
                                        {"pad", 4, kInt},
                                        {"kernel_h", 5, kInt},
                                        {"kernel_w", 6, kInt},
                                        {"stride_h", 7, kInt},
                                        {"stride_w", 8, kInt},
                                        {"pad_h", 9, kInt},
                                        {"pad_w", 10, kInt},
                                        {"engine", 11, kEnum, nullptr, kEngines},
                                        {"global_pooling", 12, kBool},
                                        {"round_mode", 13, kEnum, nullptr, kRoundings}};
constexpr MessageType kPooling{kPoolingFields};

constexpr FieldType kInnerProductFields[] = {{"num_output", 1, kInt},
                                             {"bias_term", 2, kBool},
                                             {"weight_filler", 3, kMessage, &kFiller},
                                             {"bias_filler", 4, kMessage, &kFiller},
                                             {"axis", 5, kInt},
                                             {"transpose", 6, kBool}};
constexpr MessageType kInnerProduct{kInnerProductFields};

constexpr FieldType kLrnFields[] = {{"local_size", 1, kInt}, {"alpha", 2, kFloat},
                                    {"beta", 3, kFloat},     {"norm_region", 4, kEnum, nullptr, kRegions},
                                    {"k", 5, kFloat},        {"engine", 6, kEnum, nullptr, kEngines}};
constexpr MessageType kLrn{kLrnFields};

constexpr FieldType kDropoutFields[] = {{"dropout_ratio", 1, kFloat}};
constexpr MessageType kDropout{kDropoutFields};

constexpr FieldType kBatchNormFields[] = {
    {"use_global_stats", 1, kBool}, {"moving_average_fraction", 2, kFloat}, {"eps", 3, kFloat}};
constexpr MessageType kBatchNorm{kBatchNormFields};

constexpr FieldType kScaleFields[] = {{"axis", 1, kInt},
                                      {"num_axes", 2, kInt},
                                      {"filler", 3, kMessage, &kFiller},
                                      {"bias_term", 4, kBool},
                                      {"bias_filler", 5, kMessage, &kFiller}};
constexpr MessageType kScale{kScaleFields};

constexpr FieldType kReluFields[] = {{"negative_slope", 1, kFloat}, {"engine", 2, kEnum, nullptr, kEngines}};
constexpr MessageType kRelu{kReluFields};

constexpr FieldType kSoftmaxFields[] = {{"engine", 1, kEnum, nullptr, kEngines}, {"axis", 2, kInt}};
constexpr MessageType kSoftmax{kSoftmaxFields};

constexpr FieldType kFlattenFields[] = {{"axis", 1, kInt}, {"end_axis", 2, kInt}};
constexpr MessageType kFlatten{kFlattenFields};

constexpr FieldType kInputFields[] = {{"shape", 1, kMessage, &kShape}};
constexpr MessageType kInput{kInputFields};

// What prepares images stood here before there was a TransformationParameter.
constexpr FieldType kDataFields[] = {
    {"scale", 2, kFloat}, {"mean_file", 3, kText}, {"crop_size", 5, kInt}, {"mirror", 6, kBool}};
constexpr MessageType kData{kDataFields, false};
constexpr FieldType kImageDataFields[] = {
    {"scale", 2, kFloat},    {"mean_file", 3, kText}, {"crop_size", 5, kInt}, {"mirror", 6, kBool},
    {"new_height", 9, kInt}, {"new_width", 10, kInt}, {"is_color", 11, kBool}};
constexpr MessageType kImageData{kImageDataFields, false};
constexpr FieldType kMemoryDataFields[] = {{"channels", 2, kInt}, {"height", 3, kInt}, {"width", 4, kInt}};
constexpr MessageType kMemoryData{kMemoryDataFields, false};

constexpr FieldType kLayerFields[] = {{"name", 1, kText},
                                      {"type", 2, kText},
                                      {"bottom", 3, kText},
                                      {"top", 4, kText},
                                      {"blobs", kBlobs, kBlob},
                                      {"include", 8, kMessage, &kRule},
                                      {"exclude", 9, kMessage, &kRule},
                                      {"transform_param", 100, kMessage, &kTransform},
                                      {"convolution_param", 106, kMessage, &kConvolution},
                                      {"data_param", 107, kMessage, &kData},
                                      {"dropout_param", 108, kMessage, &kDropout},
                                      {"image_data_param", 115, kMessage, &kImageData},
                                      {"inner_product_param", 117, kMessage, &kInnerProduct},
                                      {"lrn_param", 118, kMessage, &kLrn},
                                      {"memory_data_param", 119, kMessage, &kMemoryData},
                                      {"pooling_param", 121, kMessage, &kPooling},
                                      {"relu_param", 123, kMessage, &kRelu},
                                      {"softmax_param", 125, kMessage, &kSoftmax},
                                      {"flatten_param", 135, kMessage, &kFlatten},
                                      {"batch_norm_param", 139, kMessage, &kBatchNorm},
                                      {"scale_param", 142, kMessage, &kScale},
                                      {"input_param", 143, kMessage, &kInput}};
constexpr MessageType kLayerMessage{kLayerFields, false};

// A layer within a layer: those of the format before V1.
constexpr MessageType kLayerV0{{}, false};
constexpr FieldType kLayerV1Fields[] = {{"layer", 1, kMessage, &kLayerV0},
                                        {"bottom", 2, kText},
                                        {"top", 3, kText},
                                        {"name", 4, kText},
                                        {"type", 5, kEnum, nullptr, kV1Types},
                                        {"blobs", 6, kBlob},
                                        {"convolution_param", 10, kMessage, &kConvolution},
                                        {"data_param", 11, kMessage, &kData},
                                        {"dropout_param", 12, kMessage, &kDropout},
                                        {"image_data_param", 15, kMessage, &kImageData},
                                        {"inner_product_param", 17, kMessage, &kInnerProduct},
                                        {"lrn_param", 18, kMessage, &kLrn},
                                        {"pooling_param", 19, kMessage, &kPooling},
                                        {"memory_data_param", 22, kMessage, &kMemoryData},
                                        {"relu_param", 30, kMessage, &kRelu},
                                        {"include", 32, kMessage, &kRule},
                                        {"exclude", 33, kMessage, &kRule},
                                        {"transform_param", 36, kMessage, &kTransform},
                                        {"softmax_param", 39, kMessage, &kSoftmax}};
constexpr MessageType kLayerV1Message{kLayerV1Fields, false};

constexpr FieldType kNetFields[] = {{"name", kNetName, kText},
                                    {"layers", kLayersV1, kMessage, &kLayerV1Message},
                                    {"input", 3, kText},
                                    {"input_dim", 4, kInt},
                                    {"input_shape", 8, kMessage, &kShape},
                                    {"layer", kLayer, kMessage, &kLayerMessage}};

}  // namespace

constexpr MessageType kNetParameter{kNetFields, false};

std::string_view kind_of_v1(std::string_view type) {
  const auto found = std::ranges::find(kV1Kinds, type, &std::pair<std::string_view, std::string_view>::first);
  return found == std::end(kV1Kinds) ? std::string_view() : found->second;
}

}  // namespace alexnet::caffe
