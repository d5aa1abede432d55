"""Cases by the thousand in processes of their own; one that dies or hangs is counted, and the run goes on."""

from __future__ import annotations

import selectors
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from samples.fuzz.cases import Case, case
from samples.fuzz.prober import BAD, Prober, Told

__all__ = ["BAD", "Verdict", "run"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a case."""

    number: int
    kind: str
    told: Told

    @property
    def bad(self) -> bool:
        return self.told.verdict in BAD


def run(
    seed: int,
    numbers: Iterable[int],
    *,
    kind: str | None = None,
    workers: int = 2,
    bare: bool = False,
    aside: Path | None = None,
    progress: Callable[[Counter[str]], None] | None = None,
) -> list[Verdict]:
    """Put cases through.

    :param bare: see :func:`samples.fuzz.entry.put_through`
    :param aside: where inputs are written that were not taken well
    """
    found, counts = list[Verdict](), Counter[str]()
    probers = [Prober(bare=bare) for _ in range(workers)]
    with tempfile.TemporaryDirectory(prefix="yanzhang-fuzz-") as folder:
        try:
            cases = ((n, case(seed, n, kind)) for n in numbers)
            for number, one, told in _told(cases, probers, Path(folder)):
                found.append(Verdict(number, one.kind, told))
                counts[told.verdict] += 1
                if found[-1].bad and aside is not None:
                    aside.mkdir(parents=True, exist_ok=True)
                    (aside / one.name).write_bytes(one.data)
                if progress:
                    progress(counts)
        finally:
            for prober in probers:
                prober.end()
    return sorted(found, key=lambda v: v.number)


def _told(cases: Iterator[tuple[int, Case]], free: list[Prober], folder: Path) -> Iterator[tuple[int, Case, Told]]:
    """Each case as it is answered, in no order."""
    free, busy = list(free), dict[Prober, tuple[int, Case]]()
    while True:
        while free and (following := next(cases, None)):
            prober = free.pop()
            path = folder / following[1].name
            path.write_bytes(following[1].data)
            prober.give(path, following[1].kind)
            busy[prober] = following
        if not busy:
            return
        with selectors.DefaultSelector() as selector:
            for prober in busy:
                selector.register(prober.answers, selectors.EVENT_READ, prober)
            ready = [key.data for key, _ in selector.select(timeout=0.5)]
        for prober in [p for p in busy if p in ready or p.late()]:
            number, one = busy.pop(prober)
            yield number, one, prober.told(late=prober not in ready)
            (folder / one.name).unlink(missing_ok=True)
            free.append(prober)
