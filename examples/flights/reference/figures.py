"""Figures of the flights example by an independent tool: python figures.py <folder of vega-datasets/data> > figures.json

Needs the package duckdb from PyPI.
"""
import json
import sys

import duckdb

data = sys.argv[1]
flights = f"'{data}/flights-3m.parquet'"
airports = f"'{data}/airports.csv'"

totals = duckdb.sql(
    f"""select count(*), sum(delay), sum(distance), count(*) filter (delay > 15),
    count(distinct origin), min(date)::text, max(date)::text from {flights}"""
).fetchall()[0]
by_airport = duckdb.sql(
    f"""select origin, any_value(a.name), any_value(a.state), count(*), sum(delay)::bigint,
    quantile_disc(delay, 0.5), count(*) filter (delay > 15)
    from {flights} f join {airports} a on f.origin = a.iata
    group by origin order by origin"""
).fetchall()
by_month = duckdb.sql(
    f"""select month(date), count(*), sum(distance)::bigint, max(delay)
    from {flights} group by 1 order by 1"""
).fetchall()

print(
    json.dumps(
        {
            "tool": f"DuckDB {duckdb.__version__}",
            "totals": dict(
                zip(["flights", "delay", "distance", "late", "origins"], map(int, totals[:5]))
            ),
            "airports": [
                dict(zip(["iata", "name", "state", "flights", "delay", "median", "late"], row))
                for row in by_airport
            ],
            "months": [
                dict(zip(["month", "flights", "distance", "worst"], row)) for row in by_month
            ],
        },
        indent=1,
        ensure_ascii=False,
    )
)
