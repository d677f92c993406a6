"""The peer's side of each benchmark: peer.py NAME [TEXT]. Prints one JSON line: {"seconds": S}.

Two worker processes of one thread each, as on our side. The cluster is started before the clock, as is ours; one
warm-up call goes first. What is timed is building the work and computing it.
"""
import json
import os
import sys
import time
import warnings
from collections import Counter

import bags

warnings.filterwarnings("ignore")


def inc(x):
    return x + 1


def add(x, y):
    return x + y


def cluster():
    import logging

    from distributed import Client, LocalCluster
    logging.getLogger("distributed").setLevel(logging.ERROR)
    return Client(LocalCluster(n_workers=2, threads_per_worker=1, processes=True, memory_limit="9GB",
                               dashboard_address=None))


def seconds(work, expected):
    start = time.perf_counter()
    result = work()
    took = time.perf_counter() - start
    assert result == expected, f"wrong result: {str(result)[:200]}"
    return took


def futures_10k(client):
    return seconds(lambda: sum(client.gather(client.map(inc, range(10_000), pure=False))), 50_005_000)


def tree(leaves):
    from dask import delayed
    d_inc, d_add = delayed(inc), delayed(add)
    level = [d_inc(k) for k in range(leaves)]
    while len(level) > 1:
        level = [d_add(level[k], level[k + 1]) if k + 1 < len(level) else level[k]
                 for k in range(0, len(level), 2)]
    return level[0]


def tree_100k(client):
    leaves = 50_000
    return seconds(lambda: tree(leaves).compute(), leaves * (leaves + 1) // 2)


def roundtrip(client):
    took = []
    for k in range(500):
        took.append(seconds(lambda: client.submit(inc, k, pure=False).result(), k + 1))
    return sorted(took)[len(took) // 2]


LARGE_BYTES = 100_000_000


def large_data(k):
    """A NumPy array, which the peer sends and names much faster than plain bytes."""
    import numpy as np
    data = np.full(LARGE_BYTES, k + 1, dtype="uint8")
    data[-1] = 7
    return data


def scatter_100m(client):
    took = []
    for k in range(5):
        data = large_data(k)
        start = time.perf_counter()
        future = client.scatter(data)
        took.append(time.perf_counter() - start)
        seen = client.submit(lambda b: (len(b), b[0], b[-1]), future, pure=False).result()
        assert seen == (LARGE_BYTES, k + 1, 7), f"wrong data: {seen}"
        del future
    return sorted(took)[2]


def gather_100m(client):
    from distributed import wait
    took = []
    for k in range(5):
        made = client.submit(large_data, k, pure=False)
        wait([made])
        start = time.perf_counter()
        [data] = client.gather([made])
        took.append(time.perf_counter() - start)
        assert (len(data), data[0], data[-1]) == (LARGE_BYTES, k + 1, 7), "wrong data"
        del made
    return sorted(took)[2]


def top10(text):
    with open(text + ".json") as f:
        return [tuple(pair) for pair in json.load(f)["top10"]]


def wordcount(client, text):
    import dask.bag as db
    return seconds(
        lambda: [tuple(p) for p in db.read_text(text, blocksize="32MB").map(str.split).flatten()
                 .frequencies().topk(10, key=1).compute()], top10(text))


def whole_lines(path, offset, size):
    """The lines whose first byte lies in [offset, offset + size)."""
    with open(path, "rb") as f:
        if offset:
            f.seek(offset - 1)
            f.readline()
        start = f.tell()
        if start >= offset + size:
            return b""
        data = f.read(offset + size - start)
        if not data.endswith(b"\n"):
            data += f.readline()
        return data


def count_block(path, offset, size):
    return Counter(whole_lines(path, offset, size).decode().split())


def merge(counters):
    total = Counter()
    for counter in counters:
        total.update(counter)
    return total


def wordcount_futures(client, text, block=32_000_000):
    """What an expert writes by hand on futures: one Counter per block, merged eight at a time on the workers."""
    def work():
        size = os.path.getsize(text)
        parts = [client.submit(count_block, text, o, block, pure=False) for o in range(0, size, block)]
        groups = [client.submit(merge, parts[i:i + 8], pure=False) for i in range(0, len(parts), 8)]
        return client.submit(lambda gs: merge(gs).most_common(10), groups, pure=False).result()
    return seconds(work, top10(text))


def json_lines(client, path):
    import dask.bag as db
    with open(path + ".json") as f:
        counts = json.load(f)["counts"]
    return seconds(
        lambda: dict(db.read_text(path, blocksize="32MB").map(json.loads).filter(lambda r: r["status"] >= 500)
                     .pluck("path").frequencies().compute()), counts)


def main():
    import dask
    name, text = sys.argv[1], (sys.argv[2:] + [None])[0]
    if name == "futures-10k-saturated":
        dask.config.set({"distributed.scheduler.worker-saturation": float("inf")})
    client = cluster()
    client.submit(inc, 1).result()
    took = {
        "futures-10k": futures_10k,
        "futures-10k-saturated": futures_10k,
        "tree-100k": tree_100k,
        "scatter-100m": scatter_100m,
        "gather-100m": gather_100m,
        "roundtrip": roundtrip,
        "wordcount-1g": lambda c: wordcount(c, text),
        "wordcount-1g-futures": lambda c: wordcount_futures(c, text),
        "jsonlines-500m": lambda c: json_lines(c, text),
        **bags.WORK,
    }[name](client)
    print(json.dumps({"seconds": took}), flush=True)
    client.shutdown()


if __name__ == "__main__":
    main()
