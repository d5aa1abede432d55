"""The hot folder's book: what becomes of entries look by look, in made-up time, and whatever a scanner does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pipeline.model import Text
from pipeline.watching import (
    MIN_LOOKS,
    Book,
    Exam,
    Item,
    Kind,
    Paper,
    Patience,
    Remembered,
    Result,
    Seen,
    State,
    Whole,
    paper,
    rows_of,
)

SETTLE = 5.0
GOOD = Result("clean", faces=3, envelopes=("a.pdf",))


def file(name: str = "a.pdf", print_: str = "1", *, size: int = 100, number: int = 7) -> Seen:
    return Seen(name, Kind.FILE, print_, size, 1, number)


def looked(book: Book, seen: list[Seen], *times: float) -> None:
    for now in times:
        book.look({one.name: one for one in seen}, now)


def new() -> Book:
    return Book(Patience(SETTLE))


def test_a_file_is_looked_into_when_it_was_quiet_for_the_time_and_for_the_looks() -> None:
    book = new()
    looked(book, [file()], 0, 1)
    assert book.to_examine(100) == []  # two looks are too few, however far apart
    looked(book, [file()], 2)
    assert book.to_examine(4.9) == []
    assert book.to_examine(5) == ["a.pdf"]
    book.examined("a.pdf", Exam(Whole.YES), 5)
    assert book.items["a.pdf"].state is State.COMPLETE
    assert book.to_take(str) == ["a.pdf"]
    book.taken("a.pdf", 1, "aa")
    assert book.items["a.pdf"].state is State.STORED
    assert paper(book.items["a.pdf"])[0] is Paper.WAIT
    book.judged({1: GOOD})
    assert book.items["a.pdf"].state is State.DONE
    assert paper(book.items["a.pdf"]) == (Paper.PUT_AWAY, [])


def test_a_change_begins_the_waiting_anew() -> None:
    book = new()
    looked(book, [file()], 0, 2, 4)
    looked(book, [file(print_="2")], 6, 7, 8)
    assert book.to_examine(10.9) == []
    assert book.to_examine(11) == ["a.pdf"]


def test_a_long_scan_that_pauses_for_a_minute_between_pages_is_left_alone_until_it_is_whole() -> None:
    book, now = new(), 0.0
    for page in range(20):
        for _ in range(29):
            looked(book, [file(print_=str(page))], now)
            now += 2
            for name in book.to_examine(now):
                book.examined(name, Exam(Whole.CUT, Text(zh="没写完", en="cut")), now)
        assert book.items["a.pdf"].state is State.RECEIVING
    looked(book, [file(print_="last")], now, now + 3, now + 6)
    assert book.to_examine(now + 6) == ["a.pdf"]
    book.examined("a.pdf", Exam(Whole.YES), now + 6)
    assert book.to_take(str) == ["a.pdf"]


@pytest.mark.parametrize(("told", "seconds"), [(Whole.UNSURE, 60.0), (Whole.CUT, 900.0)])
def test_what_stays_odd_for_long_is_taken_anyway(told: Whole, seconds: float) -> None:
    book = new()
    looked(book, [file()], 0, 3, 6)
    book.examined("a.pdf", Exam(told, Text(zh="?", en="?")), 6)
    if told is Whole.CUT:
        book.examined("a.pdf", Exam(told, Text(zh="?", en="?")), 60)
    looked(book, [file()], seconds - 1)
    assert book.to_examine(seconds - 1) == []
    assert book.to_examine(seconds) == ["a.pdf"]
    book.examined("a.pdf", Exam(told, Text(zh="?", en="?")), seconds)
    assert book.items["a.pdf"].state is State.COMPLETE
    book.taken("a.pdf", 1, "aa")
    book.judged({1: GOOD})
    # What seems to break off is in the store; its paper is not put away.
    assert paper(book.items["a.pdf"])[0] is (Paper.KEEP if told is Whole.CUT else Paper.PUT_AWAY)


def test_a_scanner_that_stopped_in_the_middle_is_said_after_a_minute() -> None:
    book = new()
    looked(book, [file()], 0, 3, 6)
    book.examined("a.pdf", Exam(Whole.CUT, Text(zh="没写完", en="cut")), 6)
    assert paper(book.items["a.pdf"])[0] is Paper.WAIT
    assert book.to_examine(60) == ["a.pdf"]
    book.examined("a.pdf", Exam(Whole.CUT, Text(zh="没写完", en="cut")), 60)
    assert paper(book.items["a.pdf"])[0] is Paper.KEEP
    assert book.to_take(str) == []
    looked(book, [file(print_="2")], 70)
    assert paper(book.items["a.pdf"])[0] is Paper.WAIT


def test_nothing_is_taken_of_an_empty_file_and_the_operator_hears_of_it() -> None:
    book = new()
    why = Text(zh="空", en="empty")
    looked(book, [file(size=0)], 0, 3, 6)
    book.examined("a.pdf", Exam(Whole.EMPTY, why), 6)
    assert book.items["a.pdf"].state is State.RECEIVING
    book.examined("a.pdf", Exam(Whole.EMPTY, why), 5000)
    assert paper(book.items["a.pdf"]) == (Paper.KEEP, [why])
    assert book.to_take(str) == []


def test_what_is_locked_is_tried_again_after_a_while() -> None:
    book = new()
    looked(book, [file()], 0, 3, 6)
    book.examined("a.pdf", Exam(Whole.LOCKED, Text(zh="锁", en="locked")), 6)
    assert book.items["a.pdf"].state is State.WAITING
    assert book.to_examine(7) == []
    assert book.to_examine(8) == ["a.pdf"]
    book.examined("a.pdf", Exam(Whole.LOCKED, Text(zh="锁", en="locked")), 8)
    assert book.to_examine(11) == []
    assert book.to_examine(12) == ["a.pdf"]


def test_a_temporary_name_is_waited_for_and_its_end_is_a_new_name() -> None:
    book = new()
    part = Seen("a.pdf.part", Kind.TEMPORARY, "1", 100, 1, 7)
    looked(book, [part], 0, 10)
    assert book.to_examine(50) == []
    looked(book, [file(number=7)], 20, 22, 25)
    assert set(book.items) == {"a.pdf"}
    assert book.to_examine(25) == ["a.pdf"]


def test_a_temporary_name_that_stays_is_said() -> None:
    book = new()
    looked(book, [Seen("a.tmp", Kind.TEMPORARY, "1", 100, 1, 7)], 0, 100)
    assert book.items["a.tmp"].state is State.WAITING
    assert paper(book.items["a.tmp"])[0] is Paper.KEEP


def taken(book: Book, seen: Seen, arrival: int = 1, now: float = 0.0) -> None:
    looked(book, [seen], now, now + 3, now + 6)
    book.examined(seen.name, Exam(Whole.YES), now + 6)
    book.taken(seen.name, arrival, f"hash {arrival}")


def test_a_file_that_is_written_over_is_a_new_arrival_and_both_are_kept() -> None:
    book = new()
    taken(book, file())
    book.judged({1: GOOD})
    taken(book, file(print_="2"), 2, 100)
    assert [(i.name, i.arrival, i.replaced) for i in book.all()] == [("a.pdf", 2, False), ("a.pdf", 1, True)]
    assert paper(book.items["a.pdf"])[0] is Paper.WAIT
    assert paper(book.past[0])[0] is Paper.NONE


def test_a_file_that_is_only_touched_stays_what_it_is() -> None:
    book = new()
    taken(book, file())
    book.judged({1: GOOD})
    looked(book, [file(print_="touched")], 50)
    assert paper(book.items["a.pdf"])[0] is Paper.WAIT
    taken(book, file(print_="touched"), 1, 50)
    assert [(i.arrival, i.state, i.result) for i in book.all()] == [(1, State.DONE, GOOD)]


def test_where_something_taken_grew_afterwards_more_patience_is_had() -> None:
    book = new()
    taken(book, file())
    looked(book, [file(print_="2", size=200)], 50, 52, 55)
    assert book.to_examine(55) == []
    assert book.to_examine(60) == ["a.pdf"]


def test_what_goes_from_the_folder_when_it_is_stored_stays_and_what_is_not_stored_is_missed() -> None:
    book = new()
    taken(book, file())
    looked(book, [file("b.pdf", number=8)], 50)
    looked(book, [], 60)
    assert (book.items["a.pdf"].state, book.items["a.pdf"].present) == (State.STORED, False)
    assert book.items["b.pdf"].state is State.GONE
    assert paper(book.items["b.pdf"])[0] is Paper.KEEP
    looked(book, [file("b.pdf", number=8), file()], 70)
    assert book.items["b.pdf"].state is State.RECEIVING
    assert book.items["a.pdf"].present


def test_a_renamed_file_is_not_missed() -> None:
    book = new()
    looked(book, [file("scan.pdf")], 0, 2)
    looked(book, [file("env-1.pdf")], 4)
    assert set(book.items) == {"env-1.pdf"}


def test_a_share_that_stumbles_over_a_folder_that_is_stored_changes_nothing() -> None:
    book = new()
    folder = Seen("env", Kind.FOLDER, "p", 300, 3)
    taken(book, folder)
    looked(book, [Seen("env", Kind.TROUBLED, why=Text(zh="?", en="?"))], 50)
    looked(book, [folder], 60)
    assert [(i.state, i.arrival) for i in book.all()] == [(State.STORED, 1)]


def test_a_folder_waits_longer_for_somebody_adds_to_it_page_by_page() -> None:
    book = new()
    folder = Seen("env", Kind.FOLDER, "p", 300, 3)
    looked(book, [folder], 0, 10, 20)
    assert book.to_examine(29) == []
    assert book.to_examine(30) == ["env"]


def test_a_marker_makes_a_folder_complete_without_waiting_longer() -> None:
    book = new()
    folder = Seen("env", Kind.FOLDER, "p", 300, 3)
    looked(book, [folder], 0, 0.1)
    looked(book, [replace(folder, marked=True)], 0.2)
    assert book.looks == MIN_LOOKS
    assert book.to_examine(0.2) == ["env"]


def test_after_the_share_was_away_all_waiting_begins_anew() -> None:
    book = new()
    looked(book, [file()], 0, 2, 4)
    book.resumed(100)
    looked(book, [file()], 100)
    assert book.to_examine(100) == []
    looked(book, [file()], 103, 105)
    assert book.to_examine(105) == ["a.pdf"]


def test_what_an_earlier_run_remembers_is_done_at_once_where_the_file_is_as_it_was() -> None:
    book = new()
    known = [
        Remembered(file(number=0), 4, "aa", whole=True, replaced=False, result=GOOD),
        Remembered(file("b.pdf"), 5, "bb", whole=True, replaced=False, result=GOOD),
        Remembered(file("c.pdf"), 6, "cc", whole=True, replaced=False, result=None),
        Remembered(file("a.pdf", "old"), 3, "dd", whole=True, replaced=True, result=GOOD),
    ]
    book.recall(known, 0)
    looked(book, [file(), file("b.pdf", "another")], 0)
    assert (book.items["a.pdf"].state, book.items["a.pdf"].arrival) == (State.DONE, 4)
    assert (book.items["b.pdf"].state, book.items["b.pdf"].arrival) == (State.RECEIVING, None)
    assert (book.items["c.pdf"].state, book.items["c.pdf"].present) == (State.STORED, False)
    assert {(i.name, i.arrival) for i in book.past} == {("a.pdf", 3), ("b.pdf", 5)}


def test_what_was_taken_out_of_the_folder_asks_for_nothing_more() -> None:
    good = Item(file(), 0, 1, State.DONE, arrival=1, result=GOOD, present=False)
    bad = replace(good, result=replace(GOOD, unread=("page 3: …",)))
    assert paper(good)[0] is Paper.PUT_AWAY
    assert paper(bad)[0] is Paper.NONE


@pytest.mark.parametrize(
    ("result", "word"),
    [
        (GOOD, Paper.PUT_AWAY),
        (replace(GOOD, verdict="findings", findings=4), Paper.PUT_AWAY),  # findings are no matter of paper
        (replace(GOOD, blank=1, covers=1), Paper.PUT_AWAY),
        (replace(GOOD, blank=2, covers=1), Paper.KEEP),
        (replace(GOOD, unread=("page 3: …",)), Paper.KEEP),
        (replace(GOOD, verdict="unreadable", faces=0), Paper.KEEP),
        (replace(GOOD, verdict="unreadable", quarantine="its reader died"), Paper.KEEP),
        (replace(GOOD, copy_of=("b.pdf",)), Paper.KEEP),
        (replace(GOOD, faces=0), Paper.KEEP),
    ],
)
def test_paper_is_put_away_when_all_of_it_was_read_and_not_before(result: Result, word: Paper) -> None:
    item = Item(file(), 0, 1, State.DONE, arrival=1, sha256="aa", result=result)
    told, why = paper(item)
    assert told is word
    assert bool(why) == (word is Paper.KEEP)


def test_what_asks_for_a_hand_stands_first() -> None:
    done = Item(file("z.pdf"), 9, 1, State.DONE, arrival=1, result=GOOD)
    bad = Item(file("b\n\x1b[2J.pdf"), 1, 1, State.QUARANTINED, arrival=2, result=replace(GOOD, quarantine="x"))
    going = Item(file("c.pdf"), 5, 1)
    rows = rows_of([done, going, bad])
    assert [row.paper for row in rows] == [Paper.KEEP, Paper.WAIT, Paper.PUT_AWAY]
    assert rows[0].name == "b\\n\\x1b[2J.pdf"


class Scanners(RuleBasedStateMachine):
    """Scanners that write, pause, rename, write over and take away, in any order, while the folder is watched."""

    NAMES = st.sampled_from(["a.pdf", "b.pdf", "c.pdf"])

    def __init__(self) -> None:
        super().__init__()
        self.book = new()
        self.now = 0.0
        self.there: dict[str, tuple[Seen, bool]] = {}  # and whether its bytes are whole
        self.versions = 0
        self.quiet: dict[str, tuple[str, float, int]] = {}  # name: print, since when, looks
        self.stored: dict[str, int] = {}  # by print, which stands for the bytes
        self.wholes: set[str] = set()

    @rule(name=NAMES, whole=st.booleans(), more=st.integers(0, 500))
    def write(self, name: str, whole: bool, more: int) -> None:
        self.versions += 1
        size = (self.there[name][0].size if name in self.there else 0) + more
        seen = file(name, f"v{self.versions}", size=size, number=self.versions)
        self.there[name] = seen, whole and size > 0

    @rule(name=NAMES, to=NAMES)
    def rename(self, name: str, to: str) -> None:
        if name in self.there and name != to:
            seen, whole = self.there.pop(name)
            self.there[to] = replace(seen, name=to), whole

    @rule(name=NAMES)
    def take_away(self, name: str) -> None:
        self.there.pop(name, None)

    @rule(seconds=st.sampled_from([0.5, 2.0, 6.0, 70.0]))
    def look(self, seconds: float) -> None:
        self.now += seconds
        self.book.look({name: seen for name, (seen, _) in self.there.items()}, self.now)
        for name, (seen, _) in self.there.items():
            before = self.quiet.get(name)
            same = before is not None and before[0] == seen.print
            self.quiet[name] = (seen.print, before[1], before[2] + 1) if same and before else (seen.print, self.now, 1)
        self.quiet = {name: told for name, told in self.quiet.items() if name in self.there}
        self._work()

    def _work(self) -> None:
        for name in self.book.to_examine(self.now):
            if name not in self.there or self.there[name][0] != self.book.items[name].seen:
                told = Whole.CHANGED
            else:
                seen, whole = self.there[name]
                told = Whole.EMPTY if not seen.size else Whole.YES if whole else Whole.CUT
                _, since, looks = self.quiet[name]
                assert looks >= MIN_LOOKS
                assert self.now - since >= SETTLE
            self.book.examined(name, Exam(told), self.now)
        for name in self.book.to_take(str):
            seen = self.book.items[name].seen
            if self.there.get(name, (None,))[0] != seen:
                self.book.put_off(name, Text(zh="?", en="?"), self.now)
                continue
            _, whole = self.there[name]
            assert whole or self.now - self.quiet[name][1] >= self.book.patience.cut
            # The store: the same bytes under the same name are the same arrival.
            arrival = self.stored.setdefault(f"{name} {seen.print}", len(self.stored) + 1)
            self.book.taken(name, arrival, seen.print)

    @rule()
    def judge(self) -> None:
        self.book.judged(dict.fromkeys(self.stored.values(), GOOD))

    @precondition(lambda self: self.there)
    @rule()
    def let_be(self) -> None:
        """In the end nothing is left over: all that is whole is in the store, done."""
        for _ in range(40):
            self.look(2.0)
        while self.book.factor > 1 and any(i.state is State.RECEIVING for i in self.book.items.values()):
            self.look(100.0)
            if all(not whole for _, whole in self.there.values()):
                break
        self.judge()
        for name, (seen, whole) in self.there.items():
            if whole:
                assert self.book.items[name].state is State.DONE
                assert self.stored[f"{name} {seen.print}"] == self.book.items[name].arrival

    @invariant()
    def nothing_that_is_stored_is_forgotten_or_shown_twice(self) -> None:
        shown = [item.arrival for item in self.book.all() if item.arrival is not None]
        assert sorted(shown) == sorted(self.stored.values())

    @invariant()
    def paper_is_put_away_only_if_these_very_bytes_are_stored(self) -> None:
        for item in self.book.items.values():
            if paper(item)[0] is Paper.PUT_AWAY:
                assert f"{item.name} {item.seen.print}" in self.stored


TestScanners = Scanners.TestCase
TestScanners.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
