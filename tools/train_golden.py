#!/usr/bin/env python3
"""Expected values for tests/train: Keras's and PyTorch's SGD, PyTorch's AdamW, AveragedModel, ReduceLROnPlateau.

  python tools/train_golden.py keras|torch

prints the values that optimizer_test.cpp, weight_average_test.cpp and schedule_test.cpp of tests/train hold. One library at a time: two of
them in one process do not get on.
"""
import sys

import numpy as np

WEIGHTS = np.array([0.5, -1.25, 2.0, -0.03125, 0.0], np.float32)
GRADIENTS = np.array([[0.1, -0.2, 0.3, -0.4, 0.5], [0.5, 0.25, -0.125, 1.0, -2.0], [-0.3, 0.7, 0.01, 0.0, 1.5]], np.float32)
RATE, MOMENTUM, L2 = 0.05, 0.9, 0.01


def keras_sgd():
    import keras

    w = keras.Variable(WEIGHTS)
    sgd = keras.optimizers.SGD(learning_rate=RATE, momentum=MOMENTUM)
    for g in GRADIENTS:
        sgd.apply([keras.ops.convert_to_tensor(g) + 2 * L2 * w.value], [w])
    return np.asarray(w.value)


def torch_sgd():
    import torch

    w = torch.nn.Parameter(torch.tensor(WEIGHTS))
    sgd = torch.optim.SGD([w], lr=RATE, momentum=MOMENTUM, weight_decay=2 * L2)
    for g in GRADIENTS:
        w.grad = torch.tensor(g)
        sgd.step()
    return w.detach().numpy()


def torch_sgd_with_rates():
    """A kernel at half the rate with decay, a bias at twice, gradients clipped together."""
    import torch

    w, b = (torch.nn.Parameter(torch.tensor(WEIGHTS)) for _ in range(2))
    sgd = torch.optim.SGD([{"params": [w], "lr": 0.5 * RATE, "weight_decay": 0.02}, {"params": [b], "lr": 2 * RATE}],
                          lr=RATE, momentum=MOMENTUM)
    for g in GRADIENTS:
        w.grad, b.grad = torch.tensor(g), torch.tensor(g)
        torch.nn.utils.clip_grad_norm_([w, b], 1.0)
        sgd.step()
    return w.detach().numpy(), b.detach().numpy()


def torch_adamw():
    """A kernel at half the rate with decay, a bias at twice without, gradients clipped together; and what the last
    step changed, as lengths."""
    import torch

    w, b = (torch.nn.Parameter(torch.tensor(WEIGHTS)) for _ in range(2))
    adamw = torch.optim.AdamW([{"params": [w], "lr": 0.5 * RATE, "weight_decay": 0.3}, {"params": [b], "lr": 2 * RATE}],
                              lr=RATE, betas=(0.8, 0.95), eps=1e-3, weight_decay=0)
    for g in GRADIENTS:
        before = [p.detach().clone() for p in (w, b)]
        w.grad, b.grad = torch.tensor(g), torch.tensor(g)
        torch.nn.utils.clip_grad_norm_([w, b], 1.0)
        adamw.step()
    changes = [(p.detach() - q).double().norm().item() for p, q in zip((w, b), before)]
    return w.detach().numpy(), b.detach().numpy(), changes


def torch_average(decay, average):
    """Weights after each of five steps of SGD without momentum, averaged."""
    import torch

    layer = torch.nn.Linear(5, 1, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(WEIGHTS)[None])
    averaged = torch.optim.swa_utils.AveragedModel(layer, multi_avg_fn=average(decay))
    for step in range(5):
        with torch.no_grad():
            layer.weight -= RATE * torch.tensor(GRADIENTS[step % 3])
        averaged.update_parameters(layer)
    return averaged.module.weight.detach().numpy()[0]


def rising(decay):
    import torch

    def average(averaged, current, number):
        d = min(decay, (1 + int(number)) / (10 + int(number)))
        torch._foreach_lerp_(averaged, current, 1 - d)

    return average


def torch_plateau():
    import torch

    p = torch.nn.Parameter(torch.zeros(1))
    sgd = torch.optim.SGD([p], lr=1.0)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(sgd, factor=0.5, patience=2)
    rates = []
    for loss in [3.0, 2.0, 2.1, 2.0, 1.99995, 2.5, 1.5, 1.6, 1.7, 1.8, 1.9, 1.9, 1.9]:
        schedule.step(loss)
        rates.append(sgd.param_groups[0]["lr"])
    return rates


if sys.argv[1:] == ["keras"]:
    print("SGD", ", ".join(f"{x:.9g}" for x in keras_sgd()))
else:
    print("SGD", ", ".join(f"{x:.9g}" for x in torch_sgd()))
    for name, values in zip(("kernel", "bias"), torch_sgd_with_rates()):
        print("SGD with rates,", name, ", ".join(f"{x:.9g}" for x in values))
    kernel, bias, changes = torch_adamw()
    print("AdamW, kernel", ", ".join(f"{x:.9g}" for x in kernel))
    print("AdamW, bias", ", ".join(f"{x:.9g}" for x in bias))
    print("AdamW, lengths of the last change", ", ".join(f"{x:.9g}" for x in changes))
    from torch.optim.swa_utils import get_ema_multi_avg_fn
    print("average 0.15", ", ".join(f"{x:.9g}" for x in torch_average(0.15, get_ema_multi_avg_fn)))
    print("average 0.9, rising", ", ".join(f"{x:.9g}" for x in torch_average(0.9, rising)))
    print("ReduceLROnPlateau", torch_plateau())
