"""Makes the Zipf text of the word-count benchmark: make_text.py PATH BYTES SEED.

Writes PATH and PATH.json (size, words, the ten most frequent words with their counts, which is the answer
both sides are checked against). Only PCG64 draws and inverse CDFs are used, so the bytes are the same everywhere.
Words follow Zipf-Mandelbrot p(k) ~ 1/(k+2.7)^1.05 over 200,000 words; frequent words are short; one word in 12 is
capitalised, one in 10 is followed by a comma or a full stop; lines end at the first word end after 80 characters.
"""
import json
import os
import sys

import numpy as np

CONSONANTS = ["b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z",
              "st", "tr", "ch", "sh", "pl", "br", "th"]
VOWELS = ["a", "e", "i", "o", "u", "ea", "ou", "ai"]


def generator(seed):
    return np.random.Generator(np.random.PCG64(seed))


def vocabulary(size=200_000):
    random = generator(20261124)
    seen, words = set(), []
    while len(words) < size:
        for row in random.random((65536, 12)):
            rank = len(words)
            syllables = 1 if rank < 150 else 1 + int(row[0] * (1.6 + np.log10(rank + 1) * 0.55))
            word = "".join(
                CONSONANTS[int(row[1 + 2 * k] * len(CONSONANTS))] + VOWELS[int(row[2 + 2 * k] * len(VOWELS))]
                for k in range(min(syllables, 4)))
            if row[9] < 0.45:
                word += "nrstdlmy"[int(row[10] * 8)]
            if word in seen:
                continue
            seen.add(word)
            words.append(word)
            if len(words) == size:
                break
    return words


def written_forms(words):
    forms = []
    for mark in ("", ",", "."):
        for capital in (False, True):
            forms += [(w.capitalize() if capital else w) + mark for w in words]
    return forms


def make(path, size, seed, width=80):
    words = vocabulary()
    count = len(words)
    weights = 1.0 / (np.arange(count) + 2.7) ** 1.05
    cumulative = np.cumsum(weights)
    cumulative /= cumulative[-1]
    forms = written_forms(words)
    pieces = np.array([(f + " ").encode() for f in forms] + [(f + "\n").encode() for f in forms], dtype=object)
    lengths = np.array([len(p) for p in pieces], dtype=np.int64)
    random = generator(seed)
    counts = np.zeros(6 * count, dtype=np.int64)
    done = 0
    with open(path + ".tmp", "wb") as out:
        while done < size:
            n = 1_000_000
            base = np.searchsorted(cumulative, random.random(n), side="right")
            capital = random.random(n) < 1 / 12
            mark = random.random(n)
            mark = np.where(mark < 0.06, 1, np.where(mark < 0.10, 2, 0))
            form = base + count * (2 * mark + capital)
            ends = np.cumsum(lengths[form])
            line_end = np.empty(n, dtype=bool)
            line = ends // (width + 1)
            line_end[:-1] = line[1:] != line[:-1]
            line_end[-1] = True
            if done + ends[-1] > size:
                cut = int(np.searchsorted(ends, size - done))
                cut += int(np.argmax(line_end[cut:])) + 1
                form, line_end = form[:cut], line_end[:cut]
            counts += np.bincount(form, minlength=6 * count)
            blob = b"".join(pieces[form + 6 * count * line_end].tolist())
            out.write(blob)
            done += len(blob)
    top = sorted(range(6 * count), key=lambda i: (-counts[i], forms[i]))[:10]
    facts = dict(bytes=done, words=int(counts.sum()), distinct=int((counts > 0).sum()),
                 top10=[[forms[i], int(counts[i])] for i in top])
    with open(path + ".json", "w") as out:
        json.dump(facts, out)
    os.replace(path + ".tmp", path)


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
