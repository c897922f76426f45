"""Outputs of the layers of a model of Keras, for 'alexnet import' and 'alexnet export' to compare with:
compare_keras.py MODEL INPUT.npy FOLDER

INPUT is float32 [n, channels, height, width], as it enters the first layer behind those that prepare images.
FOLDER/layers.json lists layers, "NAME:linear" for the output before the activation; the output of number i is written to
FOLDER/i.npy. Prints the version of Keras. Code that a file names is not run.
"""
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy

FRONT = ("InputLayer", "Rescaling", "Normalization", "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation",
         "RandomContrast", "RandomBrightness", "GaussianNoise")

weights, source, folder = sys.argv[1:]
folder = pathlib.Path(folder)
names = json.loads((folder / "layers.json").read_text())
try:
    model = keras.saving.load_model(weights, compile=False, safe_mode=True)
except Exception as error:
    sys.exit(f"Keras does not read this file: {str(error).splitlines()[0]}")
images = numpy.load(source).transpose(0, 2, 3, 1)
if len(model.input_shape) == 2:
    images = images.reshape(len(images), -1)
outputs = {name: [] for name in names}


def keep(name, values):
    if name in outputs:
        values = numpy.asarray(values)
        outputs[name].append(values.transpose(0, 3, 1, 2) if values.ndim == 4 else values)


for first in range(0, len(images), 64):
    values = images[first:first + 64]
    for layer in model.layers:
        if type(layer).__name__ in FRONT:
            continue
        if f"{layer.name}:linear" in outputs:
            activation, layer.activation = layer.activation, keras.activations.linear
            linear = layer(values, training=False)
            layer.activation = activation
            keep(f"{layer.name}:linear", linear)
            values = activation(linear)
        else:
            values = layer(values, training=False)
        keep(layer.name, values)
for number, name in enumerate(names):
    numpy.save(folder / f"{number}.npy", numpy.concatenate(outputs[name]))
print("Keras", keras.__version__)
