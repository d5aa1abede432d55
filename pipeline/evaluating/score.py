"""The whole measure of a report."""

from __future__ import annotations

from pydantic import Field

from pipeline.evaluating.parts import Discrepancies, Fields, Frozen, Miss, Pages, Seals
from pipeline.evaluating.printing import code_lines, field_line, miss_lines, ratio, share
from pipeline.reliability import Told, table

__all__ = ["Score"]


class Score(Frozen):
    """The whole measure; :meth:`text` prints it."""

    envelopes: int
    lost: tuple[str, ...]
    discrepancies: Discrepancies
    seals: Seals
    form_fields: Fields
    other_fields: Fields
    statement_figures: Fields = Fields()
    pages: Pages
    clean: int
    kept_clean: int
    clean_with_errors: int
    clean_warnings: int
    misses: tuple[Miss, ...] = ()
    told: tuple[Told, ...] = Field(default=(), exclude=True)  # every value with its confidence, for reliability

    @property
    def recall(self) -> float:
        """Share of planted discrepancies found, 0 to 1; 1 where none was planted."""
        return ratio(sum(self.discrepancies.found.values()), self.discrepancies.planted)

    def text(self) -> str:
        """A table for a terminal."""
        d, s, p = self.discrepancies, self.seals, self.pages
        names = f": {', '.join(self.lost)}" if self.lost else ""
        rows = [
            f"envelopes          {self.envelopes:5d}   lost {len(self.lost)}{names}",
            f"discrepancies      {share(sum(d.found.values()), d.planted)} found",
            f"false findings     {sum(d.false.values()):5d}   of these errors {sum(d.false_errors.values())}",
            f"clean envelopes    {share(self.kept_clean, self.clean)} kept clean; "
            f"with errors {self.clean_with_errors}, warnings in all {self.clean_warnings}",
            f"pages sorted       {share(p.sorted, p.truth)}",
            f"pages upright      {share(p.turned, p.turns_known)}",
            f"seals found        {share(s.found, s.truth)}   false {s.false}",
            f"seals read exactly {share(s.exact, s.scored)}",
            f"seals attributed   {share(s.attributed, s.placed)}",
            field_line("form fields right ", self.form_fields),
            field_line("other fields right", self.other_fields),
        ]
        if self.statement_figures.total:
            rows.append(field_line("statement figures ", self.statement_figures))
        rows += ["", *code_lines(d)]
        if self.misses:
            rows += ["", "what is not right:", *miss_lines(self.misses)]
        if self.told:
            rows += ["", "what a confidence is worth:", table(self.told)]
        return "\n".join(rows)
