#!/usr/bin/env python3
"""Prints the expected values of tests/studies/statistics_test.cpp (pip install scipy)."""
import numpy
from scipy import stats

for freedom in (1, 2, 3, 4, 5, 9, 30, 1000):
    print(f"t {freedom}: {stats.t.ppf(0.975, freedom):.12f}")

VALUES = [0.7131, 0.7042, 0.7215, 0.6988]
BASE = [0.7003, 0.6991, 0.7108, 0.6990]
EPOCHS, BASE_EPOCHS = [19.5, 22.25, 18.0], [5.5, 6.0, 4.75]


def interval(name, values):
    values = numpy.array(values)
    low, high = stats.t.interval(0.95, len(values) - 1, loc=values.mean(), scale=stats.sem(values))
    print(f"{name}: {values.mean():.12f} {values.std(ddof=1):.12f} {low:.12f} {high:.12f}")


interval("values", VALUES)
paired = stats.ttest_rel(VALUES, BASE).confidence_interval(0.95)
print(f"paired: {paired.low:.12f} {paired.high:.12f}")
logarithms = numpy.log(EPOCHS) - numpy.log(BASE_EPOCHS)
low, high = stats.ttest_1samp(logarithms, 0).confidence_interval(0.95)
print(f"ratio: {stats.gmean(numpy.array(EPOCHS) / BASE_EPOCHS):.12f} {numpy.exp(low):.12f} {numpy.exp(high):.12f}")
