"""Outputs of the layers of a network of Caffe, for 'alexnet import' and 'alexnet export' to compare with:
compare_caffe.py WEIGHTS INPUT.npy FOLDER [NETWORK]

INPUT is float32 [n, channels, height, width]. FOLDER/layers.json lists layers; the output of number i is written to FOLDER/i.npy.
NETWORK is a .prototxt; else the one beside the weights. Caffe itself is rarely installed: OpenCV reads its files. Prints the
version of OpenCV.
"""
import json
import pathlib
import sys

import cv2
import numpy

weights, source, folder = sys.argv[1:4]
folder = pathlib.Path(folder)
network = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 else pathlib.Path(weights).with_suffix(".prototxt")
if not network.is_file():
    sys.exit("OpenCV reads Caffe's networks only with a .prototxt beside the weights")
if not hasattr(cv2.dnn, "readNetFromCaffe"):
    sys.exit(f"OpenCV {cv2.__version__} no longer reads Caffe's files; version 4 does")
net = cv2.dnn.readNetFromCaffe(str(network), weights)
net.enableFusion(False)
if hasattr(net, "enableWinograd"):
    net.enableWinograd(False)
names = json.loads((folder / "layers.json").read_text())
net.setInput(numpy.load(source))
for number, output in enumerate(net.forward(names)):
    numpy.save(folder / f"{number}.npy", output)
print("OpenCV", cv2.__version__)
