#!/usr/bin/env python3
"""Prints the expected values of tests/report/assessment_test.cpp: intervals by statsmodels, calibration by
torchmetrics, McNemar's statistic by statsmodels (pip install statsmodels torchmetrics)."""
import numpy
import torch
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint
from torchmetrics.functional.classification import multiclass_calibration_error

for hits, images in [(0, 10), (10, 10), (1, 2), (2808, 3925), (9, 10000)]:
    low, high = proportion_confint(hits, images, alpha=0.05, method="wilson")
    print(f"wilson {hits} of {images}: {low:.12f} {high:.12f}")


def judgements(seed, count, classes):
    """A small generator that the test has too."""
    state = seed
    for _ in range(count):
        draws = []
        for _ in range(3):
            state = (state * 1103515245 + 12345) % 2**31
            draws.append(state >> 8)
        truth, predicted = draws[0] % classes, draws[1] % classes
        confidence = (draws[2] % 997 + 1.5) / 1000
        yield truth, predicted, confidence


made = list(judgements(1, 500, 3))
# Of each row only the greatest probability and its class matter.
rows = numpy.zeros((500, 1000), dtype=numpy.float32)
for row, (truth, predicted, confidence) in zip(rows, made):
    row[:] = (1 - confidence) / 999
    row[predicted] = confidence
error = multiclass_calibration_error(
    torch.tensor(rows), torch.tensor([truth for truth, _, _ in made]), num_classes=1000, n_bins=15, norm="l1"
)
print(f"calibration error: {error.item():.7f}")

first = [t == p for t, p, _ in judgements(1, 500, 3)]
second = [t == p for t, p, _ in judgements(7, 500, 3)]
table = [
    [sum(a and b for a, b in zip(first, second)), sum(a and not b for a, b in zip(first, second))],
    [sum(b and not a for a, b in zip(first, second)), sum(not a and not b for a, b in zip(first, second))],
]
print(f"mcnemar {table}: {mcnemar(table, exact=False, correction=False).statistic:.9f}")
