"""A hot folder's book (热文件夹台账): what was seen at each look and done since, as states; no files, no clocks here.

Looks go in (:meth:`Book.look`), what is to be done comes out (:meth:`Book.to_examine`, :meth:`Book.to_take`), and what
was done is told back. ``now`` is seconds of a clock that never goes back; times of files are compared with nothing but
what they were at the look before.

    receiving ─ complete ─ stored ─┬─ done
        │                          └─ quarantined
        └─ waiting, refused, left alone, gone

A name that bears other bytes than those that were taken is a new arrival: the old one goes to ``past``, and stays in
the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf

from pipeline.model import Text
from pipeline.values.file_names import readable_name
from pipeline.values.printable import printable

__all__ = [
    "PAPER_NAMES", "STATE_NAMES", "Book", "Exam", "Item", "Kind", "Paper", "Patience", "Remembered", "Result", "Row",
    "Seen", "State", "Whole", "paper", "row_of", "rows_of",
]  # fmt: skip

MIN_LOOKS = 3  # a file is quiet when so many looks found it as it was, however long apart they were
RETRY = 2.0  # s until what could not be opened is tried again; doubled each time, up to RETRY_MOST
RETRY_MOST = 60.0
MOST_PATIENCE = 16.0  # times the settle time, after things taken were seen to grow


class Kind(StrEnum):
    """What an entry of the folder is."""

    FILE = "file"
    FOLDER = "folder"
    TEMPORARY = "temporary"
    REFUSED = "refused"
    TROUBLED = "troubled"


class Whole(StrEnum):
    """What a look into an entry told."""

    YES = "yes"
    UNSURE = "unsure"
    CUT = "cut"
    EMPTY = "empty"
    LOCKED = "locked"
    CHANGED = "changed"
    NO_SCAN = "no_scan"


class State(StrEnum):
    """接收中, 已完整, 已入库, 已处理, 隔离, 等待, 不收, 不是扫描件, 不见了."""

    RECEIVING = "receiving"
    COMPLETE = "complete"
    STORED = "stored"
    DONE = "done"
    QUARANTINED = "quarantined"
    WAITING = "waiting"
    REFUSED = "refused"
    LEFT_ALONE = "left_alone"
    GONE = "gone"


class Paper(StrEnum):
    """What becomes of the paper: 可以收起, 先别收起, 请稍候; nothing of the kind."""

    PUT_AWAY = "put_away"
    KEEP = "keep"
    WAIT = "wait"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry as one look found it. ``print``: what it looks like from outside; ``number``: the file's, by which a
    renamed one is known; ``marked``: a marker in a folder says that it is complete.
    """

    name: str
    kind: Kind
    print: str = ""
    size: int = 0
    files: int = 0
    number: int = 0
    marked: bool = False
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Exam:
    """What a look into an entry told, and a word on it."""

    whole: Whole
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an arrival. ``faces``: sides of paper scanned, all told; ``unread``: sentences on what of it could
    not be read or taken; ``copy_of``: envelopes with the same pages.
    """

    verdict: str
    faces: int = 0
    blank: int = 0
    covers: int = 0
    findings: int = 0
    envelopes: tuple[str, ...] = ()
    applicants: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    copy_of: tuple[str, ...] = ()
    quarantine: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """An entry and where it stands. ``since``: when it was first seen as it is; ``whole``: its bytes say that it is."""

    seen: Seen
    since: float
    since_look: int
    state: State = State.RECEIVING
    why: Text | None = None
    whole: bool = True
    told: Whole | None = None  # of these very bytes
    ask_at: float = -inf
    pause: float = RETRY
    arrival: int | None = None
    sha256: str = ""
    result: Result | None = None
    present: bool = True  # in the folder, at the last look
    replaced: bool = False  # its name bears other bytes by now

    @property
    def name(self) -> str:
        return self.seen.name


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, in seconds. ``settle``: nothing changed; ``folder``: … in a folder without a marker, to which
    somebody may add page by page; ``unsure``: … and the bytes tell nothing; ``cut``: … and more should come: then it is
    taken as it is.
    """

    settle: float = 5.0

    @property
    def folder(self) -> float:
        return 6 * self.settle

    @property
    def unsure(self) -> float:
        return max(60.0, 6 * self.settle)

    @property
    def cut(self) -> float:
        return max(900.0, 60 * self.settle)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an earlier run knew of an entry whose bytes are in the store."""

    seen: Seen
    arrival: int
    sha256: str
    whole: bool
    replaced: bool
    result: Result | None


@dataclass(slots=True)
class Book:
    """All entries of one folder, by name, and those whose names bear other bytes by now."""

    patience: Patience = Patience()
    items: dict[str, Item] = field(default_factory=dict)
    past: list[Item] = field(default_factory=list)
    looks: int = 0
    factor: float = 1.0  # of patience: raised where something that was taken grew afterwards
    changed: dict[str, None] = field(default_factory=dict)  # names whose state changed since they were last told
    _open: set[str] = field(default_factory=set)
    _names: dict[int, set[str]] = field(default_factory=dict)  # by arrival

    def recall(self, known: Iterable[Remembered], now: float) -> None:
        """What an earlier run knew: it holds of all that is as it was."""
        for one in known:
            item = Item(
                one.seen, now, self.looks, state=_end_of(one.result), whole=one.whole, told=Whole.YES,
                arrival=one.arrival, sha256=one.sha256, result=one.result, present=False, replaced=one.replaced,
            )  # fmt: skip
            self._set(item)

    def look(self, entries: Mapping[str, Seen], now: float) -> None:
        """Take note of one whole look at the folder."""
        self.looks += 1
        for name, seen in entries.items():
            item = self.items.get(name)
            if item is None or item.state is State.GONE:
                self._set(_as_its_kind(Item(seen, now, self.looks)))
            elif item.seen != seen:
                self._change(item, seen, now)
            elif not item.present:
                self._set(replace(item, present=True))
            elif seen.kind is Kind.TEMPORARY and item.state is State.RECEIVING and self._is_stale(item, now):
                self._set(replace(item, state=State.WAITING, why=_NEVER_RENAMED))
        missing = [item for name, item in self.items.items() if name not in entries]
        numbers = {seen.number for seen in entries.values()} if missing else set[int]()
        for item in missing:
            self._vanish(item, renamed=item.seen.number in numbers and item.seen.number != 0)

    def resumed(self, now: float) -> None:
        """The folder was away for a while: nobody knows what changed meanwhile, all waiting begins anew."""
        for name in list(self._open):
            self._set(replace(self.items[name], since=now, since_look=self.looks + 1))

    def to_examine(self, now: float) -> list[str]:
        """Entries that have been quiet long enough to be looked into."""
        return [name for name in self._open if self._is_due(self.items[name], now)]

    def examined(self, name: str, exam: Exam, now: float) -> None:
        """What a look into an entry told."""
        item = self.items[name]
        quiet = now - item.since
        if exam.whole is Whole.CHANGED:
            self._set(replace(item, since=now, since_look=self.looks, state=State.RECEIVING, why=None, told=None))
            return
        if exam.whole is Whole.LOCKED:
            self._later(item, exam.why, now, State.WAITING)
            return
        item = replace(item, told=exam.whole)
        if exam.whole is Whole.NO_SCAN:
            self._set(replace(item, state=State.LEFT_ALONE, why=None))
        elif exam.whole is Whole.YES:
            self._set(replace(item, state=State.COMPLETE, why=None, whole=True))
        elif exam.whole is Whole.EMPTY:
            # Of nothing, nothing can be lost; a scanner that reserves the name fills it later.
            late = quiet >= self.patience.unsure
            self._set(replace(item, state=State.WAITING if late else State.RECEIVING, why=exam.why, ask_at=now + RETRY))
        elif quiet >= self._allowed(exam.whole):
            self._set(replace(item, state=State.COMPLETE, why=exam.why, whole=exam.whole is Whole.UNSURE))
        elif quiet >= self.patience.unsure:
            stalled = Text(
                zh=f"{exam.why.zh if exam.why else ''}，却好一会儿没有动静：扫描仪停了吗？",
                en=f"{exam.why.en if exam.why else ''}, and nothing has come for a while: has the scanner stopped?",
            )
            due = item.since + self._allowed(exam.whole)
            self._set(replace(item, state=State.WAITING, why=stalled, ask_at=due))
        else:
            # Its bytes say the same until they change: it is asked again when it has waited long enough.
            due = item.since + self.patience.unsure
            self._set(replace(item, state=State.RECEIVING, why=exam.why, ask_at=due))

    def to_take(self, order: Callable[[str], object]) -> list[str]:
        """Entries that are complete, in the order to take them."""
        return sorted((n for n in self._open if self.items[n].state is State.COMPLETE), key=order)  # type: ignore[arg-type]

    def taken(self, name: str, arrival: int, sha256: str) -> None:
        """An entry is in the store."""
        item = self.items[name]
        # The same bytes again, touched or copied anew: what was done with them holds.
        before = next((p for p in self.past if p.name == name and p.arrival == arrival), None)
        if before is not None:
            self.past.remove(before)
        result = before.result if before else None
        self._set(
            replace(item, state=_end_of(result), why=None, arrival=arrival, sha256=sha256, result=result, pause=RETRY)
        )

    def put_off(self, name: str, why: Text, now: float, *, state: State = State.WAITING) -> None:
        """An entry could not be taken now."""
        self._later(self.items[name], why, now, state)

    def hurt(self, arrival: int, why: Text | None) -> None:
        """Why an arrival cannot be read now; None: it is being read."""
        for item in self._of(arrival):
            if item.state is State.STORED:
                self._set(replace(item, why=why))

    def judged(self, results: Mapping[int, Result]) -> None:
        """What became of arrivals."""
        for item in (*self.items.values(), *self.past):
            result = results.get(item.arrival) if item.arrival is not None else None
            if result is not None and (result != item.result or item.state is State.STORED):
                self._set(replace(item, result=result, state=_end_of(result), why=None))

    def all(self) -> list[Item]:
        """Everything there is to show."""
        return [*self.items.values(), *self.past]

    def unsettled(self) -> list[Item]:
        """What may still become something to take."""
        wanted = (State.RECEIVING, State.COMPLETE, State.WAITING)
        return [item for name in self._open if (item := self.items[name]).state in wanted]

    def _change(self, item: Item, seen: Seen, now: float) -> None:
        same = (seen.print, seen.kind) == (item.seen.print, item.seen.kind)
        if seen.kind is Kind.TROUBLED and item.arrival is not None:
            return  # a share that stumbles changes nothing of what is stored
        if same:  # only a marker came, or a word on it
            self._set(_as_its_kind(replace(item, seen=seen, present=True)))
            return
        if item.arrival is not None:
            if seen.size > item.seen.size and seen.kind is item.seen.kind:
                self.factor = min(MOST_PATIENCE, 2 * self.factor)  # it was taken too early: wait longer from now on
            self.past.append(replace(item, replaced=True, present=False))
        self._set(_as_its_kind(Item(seen, now, self.looks)))

    def _is_stale(self, item: Item, now: float) -> bool:
        return now - item.since >= self.patience.unsure

    def _vanish(self, item: Item, *, renamed: bool) -> None:
        """What is in the store stays there, and is shown; what is not was renamed, or is lost."""
        if item.arrival is not None:
            if item.present:
                self._set(replace(item, present=False))
            return
        if item.state is State.GONE:
            return
        harmless = item.seen.kind in (Kind.TEMPORARY, Kind.REFUSED, Kind.TROUBLED) or item.state is State.LEFT_ALONE
        if renamed or harmless or item.told is Whole.EMPTY or not item.seen.size:
            del self.items[item.name]
            self._open.discard(item.name)
            self.changed[item.name] = None
        else:
            why = Text(zh="还没入库就从文件夹里消失了", en="vanished from the folder before it was stored")
            self._set(replace(item, state=State.GONE, why=why, present=False))

    def _is_due(self, item: Item, now: float) -> bool:
        if item.state not in (State.RECEIVING, State.WAITING) or item.seen.kind not in (Kind.FILE, Kind.FOLDER):
            return False
        if now < item.ask_at:
            return False
        looked = self.looks - item.since_look + 1
        usual = self.patience.folder if item.seen.kind is Kind.FOLDER else self.patience.settle
        settle = 0.0 if item.seen.marked else usual * self.factor
        return looked >= MIN_LOOKS and now - item.since >= settle

    def _allowed(self, whole: Whole) -> float:
        return self.patience.cut if whole is Whole.CUT else self.patience.unsure

    def _later(self, item: Item, why: Text | None, now: float, state: State) -> None:
        pause = min(RETRY_MOST, 2 * item.pause)
        self._set(replace(item, state=state, why=why, ask_at=now + item.pause, pause=pause, told=None))

    def _of(self, arrival: int) -> list[Item]:
        named = [self.items[name] for name in self._names.get(arrival, ()) if name in self.items]
        return [item for item in (*named, *self.past) if item.arrival == arrival]

    def _set(self, item: Item) -> None:
        if item.replaced:
            self.past = [item if p.name == item.name and p.arrival == item.arrival else p for p in self.past]
            if item not in self.past:
                self.past.append(item)
        else:
            self.items[item.name] = item
            if item.arrival is not None:
                self._names.setdefault(item.arrival, set()).add(item.name)
            if item.state in (State.RECEIVING, State.WAITING, State.COMPLETE):
                self._open.add(item.name)
            else:
                self._open.discard(item.name)
        self.changed[item.name] = None


def paper(item: Item) -> tuple[Paper, Sequence[Text]]:
    """Whether the paper of an entry may be put away (可以收起), and why not.

    Only what is stored, read to its end with every side accounted for, and is no second scan of the same pages.
    """
    if item.state in (State.LEFT_ALONE, State.REFUSED):
        return Paper.NONE, [item.why] if item.why else []
    if item.state is State.GONE:
        return Paper.KEEP, [item.why] if item.why else []
    if item.replaced:
        return Paper.NONE, [
            Text(zh="同名的新文件代替了它；它仍在库里", en="a new file of that name took its place; it is kept")
        ]
    if item.state is State.WAITING:
        return Paper.KEEP, [item.why] if item.why else []
    if item.arrival is None or item.result is None:
        return Paper.WAIT, [item.why] if item.why else []
    reasons = _against(item, item.result)
    if reasons and not item.present:
        # Whoever took it away knows of it; what it lacks stays in the report.
        return Paper.NONE, [Text(zh="已从文件夹里拿走", en="taken out of the folder"), *reasons]
    return (Paper.KEEP, reasons) if reasons else (Paper.PUT_AWAY, [])


def _against(item: Item, result: Result) -> list[Text]:
    reasons = []
    if not item.whole:
        reasons.append(Text(zh="文件像是没有写完就停了，请重新扫描", en="the file seems to break off: scan it again"))
    if result.quarantine:
        reasons.append(Text(zh=f"读不出来：{result.quarantine}", en=f"it cannot be read: {result.quarantine}"))
    reasons += [Text(zh=f"有读不出来的：{says}", en=f"not all of it could be read: {says}") for says in result.unread]
    if result.verdict == "unreadable" and not reasons:
        reasons.append(Text(zh="整封读不出来，请重新扫描", en="nothing of it could be read: scan it again"))
    if result.faces and result.blank + result.covers >= result.faces:
        reasons.append(
            Text(
                zh="全是空白页或封面，正反面放对了吗？",
                en="nothing but blank pages or covers: is the paper the right way up?",
            )
        )
    if not result.faces and not reasons:
        reasons.append(Text(zh="一页也没有", en="it has not one page"))
    if result.copy_of:
        names = "、".join(result.copy_of)
        reasons.append(
            Text(
                zh=f"与 {names} 页面相同：是不是同一叠扫了两次？",
                en=f"the same pages as {names}: was one stack scanned twice?",
            )
        )
    return reasons


_NEVER_RENAMED = Text(
    zh="一直是临时文件名：若是扫描件，请改名", en="still bears a temporary name: if it is a scan, rename it"
)


def _as_its_kind(item: Item) -> Item:
    if item.seen.kind is Kind.REFUSED:
        return replace(item, state=State.REFUSED, why=item.seen.why)
    if item.seen.kind is Kind.TROUBLED:
        return replace(item, state=State.WAITING, why=item.seen.why)
    if item.seen.kind is Kind.TEMPORARY:
        return replace(item, state=State.RECEIVING, why=item.seen.why)
    return item


def _end_of(result: Result | None) -> State:
    if result is None:
        return State.STORED
    return State.QUARANTINED if result.verdict == "unreadable" or result.quarantine else State.DONE


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it is shown: on the terminal, in ``watch.html`` and in ``watch.json``."""

    name: str
    item: Item
    paper: Paper
    reasons: tuple[Text, ...]


def row_of(item: Item) -> Row:
    word, reasons = paper(item)
    return Row(printable(readable_name(item.name)), item, word, tuple(reasons))


def rows_of(items: Iterable[Item]) -> list[Row]:
    """What asks for a hand first, then what goes on, then what is done: the newest of each first."""
    return sorted(map(row_of, items), key=lambda row: (_URGENCY[row.paper], -row.item.since, row.name))


_URGENCY = {Paper.KEEP: 0, Paper.WAIT: 1, Paper.PUT_AWAY: 2, Paper.NONE: 3}
STATE_NAMES = {
    State.RECEIVING: Text(zh="接收中", en="receiving"),
    State.COMPLETE: Text(zh="已完整", en="complete"),
    State.STORED: Text(zh="已入库", en="stored"),
    State.DONE: Text(zh="已处理", en="done"),
    State.QUARANTINED: Text(zh="隔离", en="quarantined"),
    State.WAITING: Text(zh="等待", en="waiting"),
    State.REFUSED: Text(zh="不收", en="refused"),
    State.LEFT_ALONE: Text(zh="不是扫描件", en="no scan"),
    State.GONE: Text(zh="不见了", en="gone"),
}
PAPER_NAMES = {
    Paper.PUT_AWAY: Text(zh="可以收起", en="put away"),
    Paper.KEEP: Text(zh="先别收起", en="keep out"),
    Paper.WAIT: Text(zh="请稍候", en="wait"),
    Paper.NONE: Text(zh="—", en="—"),
}
