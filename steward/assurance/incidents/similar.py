"""How alike two short texts are: shared pairs of characters, the rare ones counting more. No model, no dictionary."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

NOISE: Final = re.compile(r"[^\w]+|_")
#: A pair of characters that stands in more than this share of the texts says nothing about one of them.
TOO_COMMON: Final = 0.05
FEW: Final = 40


def pairs_of(text: str) -> frozenset[str]:
    """``没水了`` → 没水, 水了. Punctuation, case and blanks do not count."""
    plain = NOISE.sub("", text.casefold())
    return frozenset(a + b for a, b in pairwise(plain)) if len(plain) > 1 else frozenset({plain} - {""})


@dataclass(frozen=True)
class Texts:
    """A collection to compare within: how rare a pair is, is judged by it."""

    texts: Sequence[str]

    @cached_property
    def pairs(self) -> list[frozenset[str]]:
        return [pairs_of(text) for text in self.texts]

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """Inverse document frequency. In a few texts every pair weighs the same."""
        n = len(self.texts)
        counts = Counter(p for pairs in self.pairs for p in pairs)
        if n < FEW:
            return dict.fromkeys(counts, 1.0)
        return {p: math.log(n / k) for p, k in counts.items()}

    @cached_property
    def sizes(self) -> list[float]:
        return [sum(self.weights[p] for p in pairs) for pairs in self.pairs]

    def alike(self, i: int, j: int) -> float:
        """Dice's coefficient over the weights: 0 nothing in common, 1 the same pairs."""
        total = self.sizes[i] + self.sizes[j]
        shared = sum(self.weights[p] for p in self.pairs[i] & self.pairs[j])
        return 2 * shared / total if total else 0.0

    def close(self, least: float) -> Iterator[tuple[int, int, float]]:
        """Every two texts at least so alike that share a pair which is not too common; each once."""
        for i, others in self._candidates():
            for j in others:
                found = self.alike(j, i)
                if found >= least:
                    yield j, i, found

    def _candidates(self) -> Iterator[tuple[int, Iterable[int]]]:
        most = max(FEW, int(TOO_COMMON * len(self.texts)))
        seen: dict[str, list[int]] = defaultdict(list)
        common = Counter(p for pairs in self.pairs for p in pairs)
        for i, pairs in enumerate(self.pairs):
            telling = [p for p in pairs if common[p] <= most]
            shared = Counter(j for p in telling for j in seen[p])
            yield i, shared
            for p in telling:
                seen[p].append(i)


def grouped(n: int, links: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Whatever is linked, directly or through others; groups of two and more, in the order of their first."""
    root = list(range(n))

    def top(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for i, j in links:
        a, b = sorted((top(i), top(j)))
        root[b] = a
    found: dict[int, list[int]] = defaultdict(list)
    for i in range(n):
        found[top(i)].append(i)
    return [group for group in found.values() if len(group) > 1]
