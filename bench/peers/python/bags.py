"""The peer's side of what is done to a million small records, which the tasks make themselves."""
import time

COUNT = 1_000_000
PARTITIONS = 16
GROUPS = 1000
PEOPLE = 10_000


def sale(i):
    return {"id": i, "shop": (i * 7919) % 1000, "amount": i % 97}


def sales():
    import dask.bag as db
    return db.range(COUNT, npartitions=PARTITIONS).map(sale)


def timed(run, check):
    start = time.perf_counter()
    result = run()
    took = time.perf_counter() - start
    assert check(result), f"wrong result: {str(result)[:200]}"
    return took


def totals(bag):
    return bag.foldby(lambda s: s["shop"], lambda t, s: t + s["amount"], 0, lambda a, b: a + b, 0).compute()


def are_totals(found):
    expected = [0] * GROUPS
    for i in range(COUNT):
        expected[(i * 7919) % 1000] += i % 97
    return len(found) == GROUPS and all(expected[shop] == total for shop, total in found)


def foldby(client):
    return timed(lambda: totals(sales()), are_totals)


def foldby_persisted(client):
    from distributed import wait
    kept = sales().persist()
    wait(kept)
    return timed(lambda: totals(kept), are_totals)


def groupby(client):
    """By disk, which is the faster of its two ways here."""
    return timed(
        lambda: sales().groupby(lambda s: s["shop"], shuffle="disk", npartitions=PARTITIONS)
        .map(lambda pair: (pair[0], len(pair[1]))).compute(),
        lambda sizes: len(sizes) == GROUPS and all(size == COUNT // GROUPS for _, size in sizes))


def join(client):
    others = [{"id": i, "name": f"person {i}"} for i in range(PEOPLE)]
    return timed(
        lambda: sales().join(others, lambda s: s["id"] % PEOPLE, lambda p: p["id"]).count().compute(),
        lambda pairs: pairs == COUNT)


WORK = {
    "foldby-1m": foldby,
    "foldby-1m-persisted": foldby_persisted,
    "groupby-1m": groupby,
    "join-1m": join,
}
