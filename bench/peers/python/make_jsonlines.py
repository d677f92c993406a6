"""Makes the JSON lines of a log for the benchmark of that name: make_jsonlines.py PATH BYTES SEED.

Writes PATH and PATH.json: how often each path was answered with a status of 500 or more, counted while the lines are
made. Both sides are checked against it. Lines have about 150 bytes; one in four is such an answer; 5,000 paths, the
first ones more frequent.
"""
import json
import os
import random
import sys
from collections import Counter


def make(path, size, seed):
    draw = random.Random(seed).random
    levels = ("debug", "info", "warn", "error")
    statuses = (200, 301, 404, 500)
    counts = Counter()
    done = number = 0
    with open(path + ".tmp", "w") as out:
        while done < size:
            status = statuses[int(draw() * 4)]
            asked = f"/shop/item/{int(draw() * draw() * 5000)}"
            record = {
                "id": number,
                "time": f"2026-{1 + int(draw() * 12):02}-{1 + int(draw() * 28):02}T{int(draw() * 24):02}:00:00.000Z",
                "level": levels[int(draw() * 4)],
                "user": {"name": f"user{int(draw() * 1000)}", "age": 18 + int(draw() * 70)},
                "status": status,
                "path": asked,
                "ms": round(draw() * 100, 6),
            }
            line = json.dumps(record, separators=(",", ":")) + "\n"
            out.write(line)
            if status >= 500:
                counts[asked] += 1
            done += len(line)
            number += 1
    with open(path + ".json", "w") as out:
        json.dump({"bytes": done, "lines": number, "counts": counts}, out)
    os.replace(path + ".tmp", path)


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
