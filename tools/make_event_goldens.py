#!/usr/bin/env python3
"""Writes tests/tensorboard/golden/events.tfrecord with TensorBoard's own messages and record writer (pip install
tensorboard): what EventFile must write for the same values, byte for byte, times aside."""
import pathlib

from tensorboard.compat.proto import event_pb2, graph_pb2, summary_pb2, types_pb2
from tensorboard.plugins.hparams import api_pb2, plugin_data_pb2
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.summary.writer.record_writer import RecordWriter

events = []


def add(step=0, **what):
    events.append(event_pb2.Event(step=step, **what))


def values(step, *entries):
    add(step, summary=summary_pb2.Summary(value=entries))


Value = summary_pb2.Summary.Value

add(file_version="brain.Event:2")
add(8, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START))

graph = graph_pb2.GraphDef()
graph.versions.producer = 22
for name, op, inputs, shape, attributes in [
    ("input", "Placeholder", [], [-1, 227, 227, 3], {}),
    ("conv1/conv1", "conv", ["input"], [-1, 57, 57, 96], {"setting": "11x11 / 4"}),
]:
    node = graph.node.add(name=name, op=op, input=inputs)
    node.attr["dtype"].type = types_pb2.DT_FLOAT
    sizes = node.attr["_output_shapes"].list.shape.add()
    for extent in shape:
        sizes.dim.add(size=extent)
    for key, text in attributes.items():
        node.attr[key].s = text.encode()
add(graph_def=graph.SerializeToString(deterministic=True))

values(3, Value(tag="step/loss", simple_value=2.5), Value(tag="step/lr", simple_value=0.01))

histogram = Value(tag="weights/conv1")
histogram.histo.min, histogram.histo.max, histogram.histo.num = -1, 2, 3
histogram.histo.sum, histogram.histo.sum_squares = 1.5, 5.25
histogram.histo.bucket_limit.extend([-0.5, 1, 2.5])
histogram.histo.bucket.extend([1, 1, 1])
values(4, histogram)

sheet = Value(tag="images/filters")
sheet.image.width, sheet.image.height, sheet.image.colorspace = 7, 5, 3
sheet.image.encoded_image_string = b"\x89PNG"
values(5, sheet)

text = Value(tag="configuration")
text.metadata.plugin_data.plugin_name = "text"
text.tensor.dtype = types_pb2.DT_STRING
text.tensor.tensor_shape.SetInParent()
text.tensor.string_val.append(b"# configuration")
values(0, text)


def hyperparameters(tag, data):
    # TensorBoard fills in the plugin's name and version.
    value = Value(tag=tag, metadata=hparams_metadata.create_summary_metadata(data))
    value.tensor.CopyFrom(hparams_metadata.NULL_TENSOR)
    return value


experiment = plugin_data_pb2.HParamsPluginData()
experiment.experiment.hparam_infos.add(name="lr", type=api_pb2.DATA_TYPE_FLOAT64)
experiment.experiment.hparam_infos.add(name="schedule", type=api_pb2.DATA_TYPE_STRING)
experiment.experiment.metric_infos.add(name=api_pb2.MetricName(tag="best/top1"), display_name="best top-1")
start = plugin_data_pb2.HParamsPluginData()
start.session_start_info.hparams["lr"].number_value = 0.01
start.session_start_info.hparams["schedule"].string_value = "cosine"
values(
    0,
    hyperparameters(hparams_metadata.EXPERIMENT_TAG, experiment),
    hyperparameters(hparams_metadata.SESSION_START_INFO_TAG, start),
)
end = plugin_data_pb2.HParamsPluginData()
end.session_end_info.status = api_pb2.STATUS_SUCCESS
values(0, hyperparameters(hparams_metadata.SESSION_END_INFO_TAG, end))

golden = pathlib.Path(__file__).parent.parent / "tests/tensorboard/golden"
golden.mkdir(exist_ok=True)
with open(golden / "events.tfrecord", "wb") as file:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString(deterministic=True))
    writer.flush()
