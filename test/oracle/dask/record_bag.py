"""Records what Dask gives where the meaning of a verb could be disputed: python record_bag.py > bag.json,
then npx biome format --write bag.json.

Needs `pip install dask`. Every case is made by the same name in bag-dask.test.ts.
"""
import json
import sys

import dask
import dask.bag as db

dask.config.set(scheduler="sync")
NUMBERS = [(i * 7919 + 13) % 101 for i in range(200)]
PARTITIONS = [1, 2, 7, 32]


def add(a, b):
    return a + b


def bag(items, partitions):
    """As many partitions as asked for, also empty ones: from_sequence makes fewer of few items."""
    bounds = [len(items) * i // partitions for i in range(partitions + 1)]
    parts = [dask.delayed(items[a:b]) for a, b in zip(bounds, bounds[1:])]
    return db.from_delayed(parts)


def outcome(run):
    try:
        result = run()
    except Exception as error:  # What it is called differs; that it is an error does not.
        return {"error": type(error).__name__}
    return {"result": result}


def cases(items, partitions):
    b = bag(items, partitions)
    high = b.filter(lambda n: n > 90)
    yield "accumulate", lambda: b.accumulate(add).compute()
    yield "accumulate from 1000", lambda: b.accumulate(add, initial=1000).compute()
    yield "accumulate over empty partitions", lambda: high.accumulate(add).compute()
    yield "accumulate over empty partitions from 1", lambda: high.accumulate(add, initial=1).compute()
    for split in (None, 2, 3):
        yield f"foldby, split every {split}", lambda: sorted(
            b.foldby(lambda n: n % 4, add, 0, add, 0, split_every=split).compute())
        yield f"foldby without initial, split every {split}", lambda: sorted(
            b.foldby(lambda n: n % 4, add, split_every=split).compute())
        yield f"fold, split every {split}", lambda: b.fold(add, initial=0, split_every=split).compute()
        yield f"reduction, split every {split}", lambda: b.reduction(sum, sum, split_every=split).compute()
    yield "foldby counts", lambda: sorted(
        b.foldby(lambda n: n % 4, lambda total, _: total + 1, 0, add, 0).compute())
    yield "topk 5", lambda: b.topk(5).compute()
    yield "topk more than there are", lambda: b.topk(1000).compute()
    yield "topk 3 by remainder", lambda: [n % 10 for n in b.topk(3, key=lambda n: n % 10).compute()]
    yield "topk of counts", lambda: [n for _, n in b.frequencies().topk(3, key=1).compute()]
    yield "distinct", lambda: sorted(b.distinct().compute())
    yield "distinct by remainder", lambda: sorted(n % 7 for n in b.distinct(key=lambda n: n % 7).compute())
    yield "frequencies", lambda: sorted(b.frequencies().compute())
    yield "groupby", lambda: sorted((k, sorted(v)) for k, v in b.groupby(lambda n: n % 6).compute())
    yield "join", lambda: sorted([n, list(other)] for other, n in b.join(
        [(0, "zero"), (3, "three"), (3, "drei")], lambda n: n % 5, lambda pair: pair[0]).compute())
    yield "count", lambda: b.count().compute()
    yield "sum", lambda: b.sum().compute()
    yield "min", lambda: b.min().compute()
    yield "max", lambda: b.max().compute()
    yield "mean", lambda: b.mean().compute()
    yield "var", lambda: b.var(ddof=1).compute()
    yield "std", lambda: b.std().compute()
    yield "any", lambda: b.map(lambda n: n > 95).any().compute()
    yield "all", lambda: b.map(lambda n: n >= 13).all().compute()


def main():
    recorded = {"dask": dask.__version__, "numbers": NUMBERS, "cases": {}}
    for items in ([], NUMBERS[:5], NUMBERS):
        for partitions in PARTITIONS:
            found = {name: outcome(run) for name, run in cases(items, partitions)}
            recorded["cases"][f"{len(items)} records in {partitions}"] = found
    json.dump(recorded, sys.stdout)


main()
