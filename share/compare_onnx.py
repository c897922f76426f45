"""Outputs of an ONNX file's layers, computed by ONNX Runtime, for 'alexnet import' and 'alexnet export' to compare with:
compare_onnx.py FILE INPUT.npy FOLDER

INPUT is float32 [n, channels, height, width]. FOLDER/layers.json lists values of the graph; those of number i are written to
FOLDER/i.npy. Prints the version of ONNX Runtime.
"""
import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime

file, source, folder = sys.argv[1:]
folder = pathlib.Path(folder)
names = json.loads((folder / "layers.json").read_text())
model = onnx.load(file)
there = {output.name for output in model.graph.output}
model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in dict.fromkeys(names) if name not in there)
options = onnxruntime.SessionOptions()
options.log_severity_level = 3
session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

images = numpy.load(source)
taken = session.get_inputs()[0]
batch, *sizes = taken.shape
if len(sizes) == 3 and tuple(sizes) != images.shape[1:]:
    images = images.transpose(0, 2, 3, 1)  # channels last
images = images.reshape(len(images), *sizes)
# A file may be for a fixed number of images.
step = batch if isinstance(batch, int) else min(len(images), 64)
parts = [images[first:first + step] for first in range(0, len(images), step)]
if isinstance(batch, int) and len(parts[-1]) < batch:
    parts[-1] = numpy.concatenate([parts[-1], numpy.zeros((batch - len(parts[-1]), *sizes), numpy.float32)])
results = [session.run(names, {taken.name: part}) for part in parts]
for number in range(len(names)):
    numpy.save(folder / f"{number}.npy", numpy.concatenate([result[number] for result in results])[:len(images)])
print("ONNX Runtime", onnxruntime.__version__)
