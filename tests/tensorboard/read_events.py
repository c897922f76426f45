"""Prints what TensorBoard's own loader finds in a folder of event files; ends with 77 where there is no TensorBoard."""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
try:
    from tensorboard.backend.event_processing import event_accumulator
    from tensorboard.compat.proto import graph_pb2
    from tensorboard.plugins.hparams import plugin_data_pb2
    from tensorboard.util import tensor_util
except ImportError:
    sys.exit(77)

run = event_accumulator.EventAccumulator(sys.argv[1], size_guidance={"tensors": 0})
run.Reload()
graph = graph_pb2.GraphDef()
if run.Tags()["graph"]:
    graph = run.Graph()
for node in graph.node:
    shape = [dim.size for dim in node.attr["_output_shapes"].list.shape[0].dim]
    print("graph", node.name, node.op, list(node.input), shape)
for tag in sorted(run.Tags()["scalars"]):
    for event in run.Scalars(tag):
        print("scalar", tag, event.step, event.value)
for tag in sorted(run.Tags()["histograms"]):
    for event in run.Histograms(tag):
        value = event.histogram_value
        print("histogram", tag, event.step, value.min, value.max, value.num, value.bucket_limit, value.bucket)
for tag in sorted(run.Tags()["images"]):
    for event in run.Images(tag):
        print("image", tag, event.step, event.width, event.height, len(event.encoded_image_string))
for tag in sorted(run.Tags()["tensors"]):
    plugin = run.SummaryMetadata(tag).plugin_data
    for event in run.Tensors(tag):
        if plugin.plugin_name == "text":
            print("text", tag, event.step, tensor_util.make_ndarray(event.tensor_proto).item().decode())
    if plugin.plugin_name == "hparams":
        data = plugin_data_pb2.HParamsPluginData.FromString(plugin.content)
        kind = data.WhichOneof("data")
        if kind == "experiment":
            print("hparams", kind, [i.name for i in data.experiment.hparam_infos])
        elif kind == "session_start_info":
            print("hparams", kind, sorted(data.session_start_info.hparams))
        else:
            print("hparams", kind, data.session_end_info.status)
