"""Writes tests/formats/golden/keras with the packages keras, tf_keras (Keras 2) and tensorflow-cpu: small networks, and
Keras's answers. Checks a file that this program exported (exported.keras, of tests/inference/golden/small.safetensors)."""
import os
import pathlib

os.environ["TF_USE_LEGACY_KERAS"] = "0"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy
import tf_keras

ROOT = pathlib.Path(__file__).resolve().parent.parent / "tests"
GOLDEN = ROOT / "formats/golden/keras"
RANDOM = numpy.random.default_rng(4)


def formula(shape):
    """The input of the tests: see keras_test.cpp."""
    return ((numpy.arange(numpy.prod(shape)) * 7 % 13 - 6) / 8).astype(numpy.float32).reshape(shape)


def give_values(model):
    """Also to biases and statistics, which start as 0 and 1."""
    values = []
    for weight in model.weights:
        value = RANDOM.standard_normal(weight.shape).astype(numpy.float32) * 0.5
        values.append(numpy.abs(value) + 0.5 if "variance" in weight.name else value)
    model.set_weights(values)


def answers(model):
    """Without the layers in front that prepare images."""
    layers = [layer for layer in model.layers
              if type(layer).__name__ not in ("InputLayer", "Rescaling", "Normalization", "RandomFlip")]
    values = formula([2, *model.input_shape[1:]])
    for layer in layers:
        values = layer(values, training=False)
    return numpy.asarray(values)


def sequential(k):
    """Layers of most classes; names that are not those of groups in the file."""
    L = k.layers
    return k.Sequential([
        k.Input((15, 13, 4)), L.RandomFlip("horizontal"), L.Rescaling(1 / 127.5, -1),
        L.Conv2D(6, (3, 4), strides=2, padding="same", groups=2, name="conv2d_7",
                 kernel_regularizer=k.regularizers.L2(0.01)),
        L.Activation("relu"), L.BatchNormalization(momentum=0.9, epsilon=0.01), L.MaxPooling2D(3, 1),
        L.Conv2D(4, 3, activation="tanh", use_bias=False, padding="same"),
        L.AveragePooling2D(2, padding="same"), L.Dropout(0.25), L.Flatten(),
        L.BatchNormalization(), L.Dense(7, activation="sigmoid"), L.BatchNormalization(scale=False, center=False),
        L.Dense(5, kernel_regularizer=k.regularizers.L2(0.5)), L.Softmax()], name="small")


def functional(k):
    """Padding of its own, global pooling, a list without Flatten; statistics of a Normalization in the file."""
    L = k.layers
    image = k.Input((9, 12, 3), name="photo")
    normal = L.Normalization()
    normal.adapt(RANDOM.uniform(0, 255, (50, 9, 12, 3)).astype(numpy.float32))
    x = L.ZeroPadding2D(((1, 0), (2, 1)))(normal(image))
    x = L.Conv2D(4, (3, 4), strides=(1, 2))(x)
    x = L.ReLU()(x)
    x = L.ZeroPadding2D(1)(x)
    x = L.MaxPooling2D(3, strides=2)(x)
    x = L.ZeroPadding2D((1, 0))(x)
    x = L.AveragePooling2D(2, strides=1)(x)
    x = L.Conv2D(5, 1, activation="relu")(x)
    x = L.GlobalAveragePooling2D()(x)
    x = L.Dense(3)(x)
    x = L.Activation("log_softmax")(x)
    return k.Model(image, x, name="chain")


def save(model, name, *more):
    numpy.save(GOLDEN / f"{name}.npy", answers(model))
    for ending in more:
        save_weights = ending == ".weights.h5"
        (model.save_weights if save_weights else model.save)(GOLDEN / f"{name}{ending}")


def exported():
    """What PyTorch says of the same network is in tests/inference/golden."""
    file = GOLDEN / "exported.keras"
    if not file.exists():
        return print("no", file)
    model = keras.saving.load_model(file)
    images = numpy.load(ROOT / "inference/golden/input.npy")
    expected = numpy.load(ROOT / "inference/golden/output.prob.npy")
    numpy.testing.assert_allclose(model.predict(images, verbose=0), expected, atol=1e-6)


GOLDEN.mkdir(parents=True, exist_ok=True)
for make in (sequential, functional):
    keras.utils.clear_session()
    net = make(keras)
    if make is sequential:
        give_values(net)
    save(net, f"{make.__name__}3", ".keras", *([".h5", ".weights.h5"] if make is sequential else []))
    keras.utils.clear_session()
    old = make(tf_keras)
    if make is sequential:
        give_values(old)
    save(old, f"{make.__name__}2", ".h5")
exported()
