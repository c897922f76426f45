"""How the peers' steps are timed."""
import statistics, time


def median_seconds(step, seconds, warm_up):
    """Of as many steps as fill `seconds`, three at least, after `warm_up` that do not count."""
    for _ in range(warm_up): step()
    times = []
    while sum(times) < seconds or len(times) < 3:
        start = time.perf_counter(); step(); times.append(time.perf_counter() - start)
    return statistics.median(times)
