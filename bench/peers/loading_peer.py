"""Reading images: JPEG files of class folders, short side to 256, a random crop of 227, mirrored half of the time, normalised, batched.

  loading_peer.py torchvision|keras FOLDER [--workers N] [--images N]
"""
import argparse, itertools, json, os, time

parser = argparse.ArgumentParser()
parser.add_argument("peer", choices=["torchvision", "keras"]); parser.add_argument("folder")
parser.add_argument("--workers", type=int, default=2); parser.add_argument("--images", type=int, default=3000)
o = parser.parse_args()
if o.peer == "torchvision":
    import torch, torchvision, torchvision.transforms.v2 as T
    torch.set_num_threads(1)
    prepare = T.Compose([T.Resize(256), T.RandomCrop(227), T.RandomHorizontalFlip(), T.ToImage(), T.ToDtype(torch.float32, True), T.Normalize([.485, .456, .406], [.229, .224, .225])])
    loader = torch.utils.data.DataLoader(torchvision.datasets.ImageFolder(o.folder, prepare), 128, True, num_workers=o.workers, drop_last=True, persistent_workers=True)
    if not len(loader): raise SystemExit(f"{o.folder} has fewer images than a batch of 128")
    batches = (batch for epoch in itertools.count() for batch in loader)
    name = "torchvision " + torchvision.__version__.split("+")[0]
else:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras, tensorflow as tf
    data = keras.utils.image_dataset_from_directory(o.folder, image_size=(256, 256), crop_to_aspect_ratio=True, batch_size=128, verbose=False)
    data = data.map(lambda x, y: (tf.image.random_flip_left_right(tf.image.random_crop(x, [tf.shape(x)[0], 227, 227, 3])) / 255., y), num_parallel_calls=tf.data.AUTOTUNE).prefetch(2)
    batches, name = iter(data.repeat()), "Keras " + keras.__version__
next(batches); start = time.perf_counter(); images = 0
while images < o.images: images += len(next(batches)[1])
print(json.dumps({"peer": name, "images_per_s": images / (time.perf_counter() - start)}))
os._exit(0)  # the workers are still reading ahead
