"""Makes tests/formats/golden/caffe: small networks of Caffe, and what OpenCV computes with them.

  python make_caffe_goldens.py ../tests/formats/golden/caffe

Needs numpy, opencv-python-headless before 5, which no longer reads these files, and protobuf. protobuf writes the files, by a
part of Caffe's own messages (caffe.proto of BVLC/caffe). Each network is NAME.caffemodel, NAME.input.npy ([n, height, width,
channels]) and NAME.output.npy, the values of its last layer. Those that need a NAME.prototxt have one; "v2" has a mean image.
"""
import pathlib
import sys
import tempfile

import cv2
import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

I, F, B, S = 5, 2, 8, 9  # int32, float, bool, string
KINDS_V1 = {"CONVOLUTION": 4, "DATA": 5, "DROPOUT": 6, "IMAGE_DATA": 12, "INNER_PRODUCT": 14, "LRN": 15, "POOLING": 17, "RELU": 18, "SOFTMAX": 20, "SOFTMAX_LOSS": 21, "ACCURACY": 1}
ENUMS = {"Phase": {"TRAIN": 0, "TEST": 1}, "Kind": KINDS_V1, "PoolMethod": {"MAX": 0, "AVE": 1}, "NormRegion": {"ACROSS_CHANNELS": 0, "WITHIN_CHANNEL": 1}}
PARAMS = {"transform_param": (100, 36, "Transform"), "convolution_param": (106, 10, "Convolution"), "dropout_param": (108, 12, "DropoutP"), "image_data_param": (115, 15, "ImageData"), "inner_product_param": (117, 17, "InnerProduct"), "lrn_param": (118, 18, "Lrn"), "pooling_param": (121, 19, "Pooling"), "batch_norm_param": (139, None, "BatchNorm"), "scale_param": (142, None, "Scale"), "input_param": (143, None, "InputP")}
# name: (number, type, repeated)
MESSAGES = {
    "Shape": {"dim": (1, I, True)},
    "Blob": {"num": (1, I, False), "channels": (2, I, False), "height": (3, I, False), "width": (4, I, False), "data": (5, F, "packed"), "shape": (7, "Shape", False)},
    "Rule": {"phase": (1, "Phase", False)},
    "Transform": {"scale": (1, F, False), "mirror": (2, B, False), "crop_size": (3, I, False), "mean_file": (4, S, False), "mean_value": (5, F, True)},
    "Convolution": {"num_output": (1, I, False), "bias_term": (2, B, False), "pad": (3, I, True), "kernel_size": (4, I, True), "group": (5, I, False), "stride": (6, I, True), "pad_h": (9, I, False), "pad_w": (10, I, False), "kernel_h": (11, I, False), "kernel_w": (12, I, False), "stride_h": (13, I, False), "stride_w": (14, I, False)},
    "DropoutP": {"dropout_ratio": (1, F, False)},
    "ImageData": {"batch_size": (4, I, False), "new_height": (9, I, False), "new_width": (10, I, False)},
    "InnerProduct": {"num_output": (1, I, False), "bias_term": (2, B, False)},
    "Lrn": {"local_size": (1, I, False), "alpha": (2, F, False), "beta": (3, F, False), "norm_region": (4, "NormRegion", False), "k": (5, F, False)},
    "Pooling": {"pool": (1, "PoolMethod", False), "kernel_size": (2, I, False), "stride": (3, I, False), "pad": (4, I, False), "kernel_h": (5, I, False), "kernel_w": (6, I, False), "stride_h": (7, I, False), "stride_w": (8, I, False), "pad_h": (9, I, False), "pad_w": (10, I, False), "global_pooling": (12, B, False)},
    "BatchNorm": {"eps": (3, F, False)},
    "Scale": {"bias_term": (4, B, False)},
    "InputP": {"shape": (1, "Shape", True)},
    "Layer": {"name": (1, S, False), "type": (2, S, False), "bottom": (3, S, True), "top": (4, S, True), "blobs": (7, "Blob", True), "include": (8, "Rule", True), **{name: (new, kind, False) for name, (new, _, kind) in PARAMS.items()}},
    "LayerV1": {"bottom": (2, S, True), "top": (3, S, True), "name": (4, S, False), "type": (5, "Kind", False), "blobs": (6, "Blob", True), "include": (32, "Rule", True), **{name: (old, kind, False) for name, (_, old, kind) in PARAMS.items() if old}},
    "Net": {"name": (1, S, False), "layers": (2, "LayerV1", True), "input": (3, S, True), "input_dim": (4, I, True), "layer": (100, "Layer", True)},
}


def messages():
    file = descriptor_pb2.FileDescriptorProto(name="caffe.proto", package="caffe", syntax="proto2")
    for name, values in ENUMS.items():
        enum = file.enum_type.add(name=name)
        for value, number in sorted(values.items(), key=lambda item: item[1]):
            enum.value.add(name=value, number=number)
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, kind, repeated) in fields.items():
            added = message.field.add(name=field, number=number, label=3 if repeated else 1)
            if isinstance(kind, int):
                added.type = kind
            else:
                added.type, added.type_name = (14 if kind in ENUMS else 11), ".caffe." + kind
            if repeated == "packed":
                added.options.packed = True
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return lambda name: message_factory.GetMessageClass(pool.FindMessageTypeByName("caffe." + name))()


new = messages()
random = np.random.default_rng(2014)


def add_blobs(layer, *arrays, old=False):
    for array in arrays:
        blob = layer.blobs.add(data=array.astype(np.float32).ravel())
        if old:
            blob.num, blob.channels, blob.height, blob.width = (1,) * (4 - array.ndim) + array.shape
        else:
            blob.shape.dim.extend(array.shape)


def weights(*shape):
    return random.normal(0, 0.4, shape)


def deploy(net, height, width):
    """The same network with a plain input, of the layers that tests have."""
    result = new("Net")
    result.CopyFrom(net)
    result.input.append("data")
    result.input_dim.extend((1, 3, height, width))
    for layers in (result.layers, result.layer):
        kept = [layer for layer in layers if layer.type not in (5, 12, 1, "Data", "Accuracy")]
        copies = [type(layer)() for layer in kept]
        for copy, layer in zip(copies, kept):
            copy.CopyFrom(layer)
            copy.ClearField("blobs")
            copy.ClearField("include")
            if copy.type == KINDS_V1["SOFTMAX_LOSS"]:
                copy.type = KINDS_V1["SOFTMAX"]
                del copy.bottom[1:]
        del layers[:]
        layers.extend(copies)
    return text_format.MessageToString(result)


def save(folder, name, net, height, width, images, own_text=False):
    (folder / f"{name}.caffemodel").write_bytes(net.SerializeToString())
    text = deploy(net, height, width)
    if own_text:
        (folder / f"{name}.prototxt").write_text(text)
    values = random.uniform(-2, 2, (images, 3, height, width)).astype(np.float32)
    with tempfile.TemporaryDirectory() as place:
        definition = pathlib.Path(place, "net.prototxt")
        definition.write_text(text)
        program = cv2.dnn.readNetFromCaffe(str(definition), str(folder / f"{name}.caffemodel"))
    program.enableFusion(False)
    program.setInput(values)
    output = program.forward()
    np.save(folder / f"{name}.input.npy", np.ascontiguousarray(values.transpose(0, 2, 3, 1)))
    np.save(folder / f"{name}.output.npy", np.ascontiguousarray(output.reshape(images, -1)))


def v1():
    net = new("Net")
    net.name = "old"
    for phase in (0, 1):
        data = net.layers.add(name="data", type="IMAGE_DATA", top=["data", "label"])
        data.include.add(phase=phase)
        data.transform_param.MergeFrom(text_format.Parse("crop_size: 13 mean_value: 104 mean_value: 117 mean_value: 123 scale: 0.5 mirror: true", new("Transform")))
        data.image_data_param.new_height = data.image_data_param.new_width = 16
    conv = net.layers.add(name="conv1", type="CONVOLUTION", bottom=["data"], top=["conv1"])
    conv.convolution_param.num_output = 4
    conv.convolution_param.kernel_size.append(3)
    add_blobs(conv, weights(4, 3, 3, 3), weights(4), old=True)
    net.layers.add(name="relu1", type="RELU", bottom=["conv1"], top=["conv1"])
    norm = net.layers.add(name="norm1", type="LRN", bottom=["conv1"], top=["norm1"])
    norm.lrn_param.local_size, norm.lrn_param.alpha = 3, 0.5
    pool = net.layers.add(name="pool1", type="POOLING", bottom=["norm1"], top=["pool1"])
    pool.pooling_param.kernel_size, pool.pooling_param.stride = 3, 2
    dropout = net.layers.add(name="drop1", type="DROPOUT", bottom=["pool1"], top=["pool1"])
    dropout.dropout_param.dropout_ratio = 0.3
    dense = net.layers.add(name="fc2", type="INNER_PRODUCT", bottom=["pool1"], top=["fc2"])
    dense.inner_product_param.num_output = 5
    add_blobs(dense, weights(5, 4 * 5 * 5), weights(5), old=True)
    net.layers.add(name="accuracy", type="ACCURACY", bottom=["fc2", "label"], top=["accuracy"]).include.add(phase=1)
    net.layers.add(name="loss", type="SOFTMAX_LOSS", bottom=["fc2", "label"], top=["loss"])
    return net


def v2(folder):
    net = new("Net")
    net.name = "new"
    data = net.layer.add(name="data", type="Data", top=["data", "label"])
    data.transform_param.crop_size, data.transform_param.mean_file = 13, "data/ilsvrc12/v2_mean.binaryproto"
    for name, below, outputs, group in (("a/conv1", "data", 4, 1), ("conv2", "a/conv1", 6, 2)):
        conv = net.layer.add(name=name, type="Convolution", bottom=[below], top=[name])
        conv.convolution_param.num_output, conv.convolution_param.group = outputs, group
        conv.convolution_param.kernel_size.append(3)
        conv.convolution_param.pad.append(1)
        conv.convolution_param.stride.append(2)
        add_blobs(conv, weights(outputs, (3 if below == "data" else 4) // group, 3, 3), weights(outputs))
    dense = net.layer.add(name="fc3", type="InnerProduct", bottom=["conv2"], top=["fc3"])
    dense.inner_product_param.num_output, dense.inner_product_param.bias_term = 5, False
    add_blobs(dense, weights(5, 6 * 4 * 4))
    mean = new("Blob")
    mean.num, mean.channels, mean.height, mean.width = 1, 3, 16, 18
    mean.data.extend(np.arange(3 * 16 * 18) % 256)
    (folder / "v2_mean.binaryproto").write_bytes(mean.SerializeToString())
    return net


def windows():
    net = new("Net")
    net.name = "windows"
    conv = net.layer.add(name="conv1", type="Convolution", bottom=["data"], top=["conv1"])
    conv.convolution_param.MergeFrom(text_format.Parse("num_output: 4 kernel_h: 3 kernel_w: 5 stride_h: 1 stride_w: 2 pad_h: 1 pad_w: 2", new("Convolution")))
    add_blobs(conv, weights(4, 3, 3, 5), weights(4))
    for name, below, parameters in (("pool1", "conv1", "pool: AVE kernel_size: 3 stride: 2 pad: 1"),
                                    ("pool2", "pool1", "pool: MAX kernel_h: 2 kernel_w: 3 stride_h: 2 stride_w: 1 pad_h: 0 pad_w: 1")):
        net.layer.add(name=name, type="Pooling", bottom=[below], top=[name]).pooling_param.MergeFrom(text_format.Parse(parameters, new("Pooling")))
    norm = net.layer.add(name="norm2", type="LRN", bottom=["pool2"], top=["norm2"])
    norm.lrn_param.MergeFrom(text_format.Parse("local_size: 3 alpha: 0.7 norm_region: WITHIN_CHANNEL", new("Lrn")))
    net.layer.add(name="all", type="Pooling", bottom=["norm2"], top=["all"]).pooling_param.MergeFrom(text_format.Parse("pool: AVE global_pooling: true", new("Pooling")))
    net.layer.add(name="tanh", type="TanH", bottom=["all"], top=["tanh"])
    net.layer.add(name="prob", type="Softmax", bottom=["tanh"], top=["prob"])
    return net


def batch_norm():
    net = new("Net")
    net.name = "batch_norm"
    conv = net.layer.add(name="conv1", type="Convolution", bottom=["data"], top=["conv1"])
    conv.convolution_param.num_output, conv.convolution_param.bias_term = 4, False
    conv.convolution_param.kernel_size.append(4)
    add_blobs(conv, weights(4, 3, 4, 4))
    norm = net.layer.add(name="conv1/bn", type="BatchNorm", bottom=["conv1"], top=["conv1"])
    norm.batch_norm_param.eps = 1e-4
    add_blobs(norm, weights(4), 2 + np.abs(weights(4)), np.array([2.5]))
    scale = net.layer.add(name="conv1/scale", type="Scale", bottom=["conv1"], top=["conv1"])
    scale.scale_param.bias_term = True
    add_blobs(scale, weights(4), weights(4))
    net.layer.add(name="sigmoid", type="Sigmoid", bottom=["conv1"], top=["sigmoid"])
    net.layer.add(name="flat", type="Flatten", bottom=["sigmoid"], top=["flat"])
    return net


def main(folder):
    save(folder, "v1", v1(), 13, 13, 7)
    save(folder, "v2", v2(folder), 13, 13, 1)
    save(folder, "windows", windows(), 11, 14, 4, own_text=True)
    save(folder, "batch_norm", batch_norm(), 7, 6, 4, own_text=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
