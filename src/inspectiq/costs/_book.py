"""`CostBook`: all the figures that an estimate is made of, each with its source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from inspectiq._files import FileGiven
from inspectiq._short_forms import shorten
from inspectiq._taking import require, require_all
from inspectiq._values import FROZEN, FrozenMap, Value, hash_content
from inspectiq.costs._book_merging import merge_books
from inspectiq.costs._book_parts import (
    Bounds,
    Burden,
    Correction,
    Overhead,
    Parity,
    Source,
    Spread,
    Tax,
    Trade,
    Wages,
)
from inspectiq.costs._cost_estimates import PricedFindings, estimate_alone, estimate_together
from inspectiq.costs._figures import DecimalSign
from inspectiq.costs._work import UNITS, Work, WorkItem
from inspectiq.domain._findings import Finding
from inspectiq.domain._money import CostEstimate
from inspectiq.domain._property import CaseFacts

__all__ = ["CostBook"]

FindingT = TypeVar("FindingT", bound=Finding)

_CAPITALS = BeforeValidator(lambda code: code.upper() if isinstance(code, str) else code)
"""Codes are taken in small letters as well."""

Amount = Decimal | int | str
"""Money or a measure, as code writes it."""


class CostBook(Value):
    """Prices findings. It is pure data: replaceable, mergeable, with a content hash.

    Money is rounded half up to `minor_digits`, line by line, so that lines add up to the total.

    Attributes:
        name: Results record it, besides `sha256`.
        version: Results record it as well.
        currency: ISO 4217; one book has one currency.
        minor_digits: Decimal places of the currency; 2 for cents, 0 for yen.
        units: What areas and lengths are counted in; findings in feet are converted.
        country: ISO 3166-1 alpha-2 of the country that it is for; None for any.
        built_on: Name and version of the book that this one was merged over.
        regions: Names of states or regions by code; empty for any.
        wages: By region and trade.
        burden: What is billed for a wage.
        parity: Price level of goods by region.
        trades: Minimums by trade.
        items: Work by type of issue.
        fallback_type: Type whose work is used for a type that the book does not have.
        fallback_trade: Trade whose wage is used for a trade that the book does not have.
        overhead: Overhead and profit.
        spread: The range around the expected cost.
        tax: The tax on all costs; None for none.
        corrections: Learnt from invoices, by trade; see `calibrate`.
        bounds: The largest quantities and hours that are accepted from an engine.
    """

    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]
    currency: Annotated[str, _CAPITALS, Field(pattern=r"^[A-Z]{3}$")]
    minor_digits: Annotated[int, Field(ge=0, le=4)] = 2
    units: Literal["imperial", "metric"] = "imperial"
    country: Annotated[str, _CAPITALS, Field(pattern=r"^[A-Z]{2}$")] | None = None
    built_on: str | None = None
    regions: Annotated[Mapping[str, str], FROZEN] = FrozenMap()
    wages: Wages = Field(default_factory=Wages)
    burden: Burden = Field(default_factory=Burden)
    parity: Parity = Field(default_factory=Parity)
    trades: Annotated[Mapping[str, Trade], FROZEN] = FrozenMap()
    items: Annotated[Mapping[str, WorkItem], FROZEN] = FrozenMap()
    fallback_type: str | None = None
    fallback_trade: str | None = None
    overhead: Overhead = Field(default_factory=Overhead)
    spread: Spread = Field(default_factory=Spread)
    tax: Tax | None = None
    corrections: Annotated[Mapping[str, Correction], FROZEN] = FrozenMap()
    bounds: Bounds = Field(default_factory=Bounds)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        yield "name", shorten(self.name)
        yield "version", shorten(self.version)
        yield "currency", self.currency
        if self.country:
            yield "country", self.country
        yield "trades", len(self.trades)
        yield "items", len(self.items)

    @model_validator(mode="after")
    def _check_consistency(self) -> CostBook:
        for table in ("wages", "parity"):
            self._check_regions(table, getattr(self, table).regions)
        coded: dict[str, Work] = {}
        for key, item in self.items.items():
            self._check_unit(key, item)
            _check_codes(key, item, coded)
        return self

    def _check_regions(self, table: str, regions: Iterable[str]) -> None:
        for region in regions:
            if self.regions and region not in self.regions:
                raise ValueError(
                    f"{table}.regions.{region}: unknown state or region {region!r}; "
                    "use its code, or add it to regions"
                )

    def _check_unit(self, key: str, item: WorkItem) -> None:
        if item.unit not in UNITS[self.units]:
            other = "imperial" if self.units == "metric" else "metric"
            raise ValueError(
                f"items.{key}.unit: {item.unit} is not one of the {self.units} units "
                f'{", ".join(UNITS[self.units])}; write one of these, or units = "{other}"'
            )

    @classmethod
    def default(cls) -> CostBook:
        """Loads the book that ships with inspectiq, for the United States.

        Its hours and prices are assumptions.
        """
        from inspectiq.costs._us_book import load_us_book

        return load_us_book()

    @classmethod
    def of(
        cls,
        book: CostBook | Path | str,
        *,
        wages: Mapping[str, Amount | Mapping[str, Amount]] = FrozenMap(),
        minimums: Mapping[str, Amount] = FrozenMap(),
        prices: Mapping[str, Amount] = FrozenMap(),
        rates: Mapping[str, Amount] = FrozenMap(),
        items: Mapping[str, Mapping[str, Any]] = FrozenMap(),
        source: Source | str = "house override",
        **fields: Any,
    ) -> CostBook:
        """Makes a book of another one and a house's own figures, one line each.

            CostBook.of("us", wages={"plumber": "41.50"}, minimums={"plumber": 120}, source="ours")

        What is changed carries the source, what is left alone keeps its own; work that is changed
        in part names both, with the weaker of their marks. Floats are refused, since they are not
        exact. The version tells that something was changed.

        Args:
            book: The name of a book that ships (`us`), the path of a file, or a book.
            wages: For an hour by trade, before any burden: for all regions; or by region, such as
                `{"CA": {"plumber": 52}}`.
            minimums: The least for the labour of one visit, by trade.
            prices: For one unit of a material, by its label.
            rates: For one unit of the work, all in, by type; in place of hours and materials.
            items: Fields of `WorkItem`, by type; what is not given stays.
            source: Whose figures these are; a text is taken for an assumption (`A`).
            fields: Other fields of the book, such as `burden={"factor": "2.1"}`, `tax`, `name`.

        Raises:
            ConfigError: There is no such book, trade, region, type or material, or a figure is
                wrong.
        """
        from inspectiq.costs._book_changes import change_book
        from inspectiq.costs._book_files import take_book

        changes = {"minimums": minimums, "prices": prices, "rates": rates, "items": items}
        taken = take_book(book, "book")
        return change_book(taken, {"wages": wages, **changes}, source, fields)

    @classmethod
    def from_toml(cls, file: FileGiven) -> CostBook:
        """Reads a book from TOML. `base = "us"`, or the path of another book, is merged under it.

        Args:
            file: A path, or an open file.

        Raises:
            ConfigError: What is wrong, in which file and place, and how to mend it.
        """
        from inspectiq.costs._book_files import read_book

        return read_book(file, "TOML")

    @classmethod
    def from_json(cls, file: FileGiven) -> CostBook:
        """Reads a book from JSON, in the form of `from_toml` or of `model_dump_json`.

        Args:
            file: A path, or an open file.

        Raises:
            ConfigError: What is wrong, in which file and place, and how to mend it.
        """
        from inspectiq.costs._book_files import read_book

        return read_book(file, "JSON")

    @classmethod
    def from_csv(
        cls,
        file: FileGiven,
        *,
        base: CostBook | Path | str | None = None,
        decimal: DecimalSign | None = None,
        **fields: Any,
    ) -> CostBook:
        """Reads rates from CSV, one row a rate; see the guide for the columns.

        Args:
            file: A path, or an open file. Its name is the book's, if `fields` has none.
            base: The book that the rates are merged over: one, `us`, or a path.
            decimal: What stands before the fraction of a number, `.` or `,`. If not given, either
                is read where it can mean one thing only, so not `1.200` and `1,200`.
            fields: Fields of the book besides its rates: `version`, `units`, `tax`, `trades`, ….

        Raises:
            ConfigError: What is wrong, in which file, row and column, and how to mend it.
        """
        from inspectiq.costs._book_rates import read_rates

        return read_rates(file, base=base, decimal=decimal, fields=fields)

    @classmethod
    def from_xlsx(
        cls,
        file: FileGiven,
        *,
        sheet: str | None = None,
        base: CostBook | Path | str | None = None,
        decimal: DecimalSign | None = None,
        **fields: Any,
    ) -> CostBook:
        """Reads rates from an Excel workbook, in the columns of `from_csv`; needs the extra `xlsx`.

        Args:
            file: A path, or a file that is open for reading bytes.
            sheet: Name of the sheet; if not given, the only visible one that is not empty.
            base: As for `from_csv`.
            decimal: As for `from_csv`, of numbers that the workbook keeps as text.
            fields: As for `from_csv`.

        Raises:
            ConfigError: What is wrong, in which file, sheet and cell, and how to mend it.
        """
        from inspectiq.costs._book_rates import read_rates

        return read_rates(
            file, base=base, decimal=decimal, sheet=sheet, workbook=True, fields=fields
        )

    def merge_over(self, base: CostBook | Path | str) -> CostBook:
        """Merges this book over a base (one, `us`, or a path), whose figures fill the gaps.

        Tables merge entry by entry. Work with an all-in rate replaces the base's work.

        Raises:
            ConfigError: The currencies differ, or the figures do not go together.
        """
        from inspectiq.costs._book_files import take_book, validate_book

        under = take_book(base, "base")
        raw = merge_books(self.model_dump(exclude_unset=True), under)
        return validate_book(raw, f"{self.name} over {under.name}")

    @cached_property
    def sha256(self) -> str:
        """Content hash; results record it."""
        return hash_content(self)

    @property
    def label(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}"

    @cached_property
    def coin(self) -> Decimal:
        """The smallest amount of the currency, such as 0.01."""
        return Decimal(1).scaleb(-self.minor_digits)

    def round_amount(self, amount: Decimal) -> Decimal:
        """Rounds an amount to the nearest coin; half of one goes up."""
        require(amount, Decimal, "amount", "give a Decimal")
        return amount.quantize(self.coin, ROUND_HALF_UP)

    def get_source(self, given: Source | None) -> Source:
        """Gets the source of a figure, which is the book itself where none is stated."""
        return given or Source(name=self.label)

    def find_region(self, named: str) -> str | None:
        """Finds the code of a region by its code or name in any case; None if it is not known."""
        require(named, str, "named", "give the code or the name of a region")
        return self._region_by_name.get(named.strip().casefold())

    @cached_property
    def _region_by_name(self) -> dict[str, str]:
        by_name = {self.regions.get(code, code).casefold(): code for code in self.regional}
        return by_name | {code.casefold(): code for code in self.regional}

    @cached_property
    def regional(self) -> frozenset[str]:
        """Codes of the regions that have a wage or a price level of their own."""
        wages = {code for table in self.wages.list_layers() for code in table.regions}
        return frozenset(wages.union(*(table.regions for table in self.parity.list_layers())))

    def estimate(self, finding: Finding, case: CaseFacts) -> CostEstimate | None:
        """Estimates a finding's own work, as hired work; no visit minimum, no overhead.

        Returns:
            None where the book has no work for its type or no wage for its trade, nor a fallback.
        """
        _require_findings([finding], case)
        return estimate_alone(self, finding, case)

    def estimate_together(
        self, findings: Sequence[FindingT], case: CaseFacts
    ) -> PricedFindings[FindingT]:
        """Estimates findings that are repaired together, with one visit for each trade.

        Minimum, overhead and tax are added as lines of their own, each in proportion. The order
        of the findings changes nothing.
        """
        findings = require_all(findings, "findings", "give findings of a result")
        _require_findings(findings, case)
        return estimate_together(self, findings, case)


def _require_findings(findings: Iterable[Finding], case: CaseFacts) -> None:
    for finding in findings:
        require(finding, Finding, "findings", "give findings of a result, such as an Issue")
    require(case, CaseFacts, "case", "give the facts of the case, or a Case")


def _check_codes(key: str, item: WorkItem, coded: dict[str, Work]) -> None:
    """Adds the codes of an item to `coded`; refuses one that different work has already."""
    for work in (item, item.wear):
        if work is None or work.code is None:
            continue
        if coded.setdefault(work.code, work) != work:
            raise ValueError(
                f"items.{key}.code: duplicate code {work.code!r} for different work; "
                "give each rate a code of its own"
            )
