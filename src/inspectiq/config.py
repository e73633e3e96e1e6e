"""Reads a folder of configuration: types of issue, severity, costs, emergencies, prompt.

    taxonomy.toml     types and groups, over the shipped taxonomy
    severity.toml     a severity profile, with a house's own rules
    cost_book.toml    a cost book; or cost_book.json, or rates in cost_book.csv or cost_book.xlsx
    screen.toml       words, signs and numbers, over the shipped emergency screen
    models.toml       models that an engine can be named by, over the shipped table
    prompt.md         the instructions

Each of them may be missing; then what ships with inspectiq counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from inspectiq._files import parse_table, to_path
from inspectiq._validate import ConfigFault, Faults, list_faults
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import ConfigError

if TYPE_CHECKING:
    from inspectiq.agents._prompts import Prompt
    from inspectiq.costs._book import CostBook
    from inspectiq.limits._models import ModelTable
    from inspectiq.screening._emergencies import EmergencyScreen
    from inspectiq.severity._policy import SeverityPolicy

__all__ = ["Config", "ConfigFault", "load_config", "validate_config"]

PartT = TypeVar("PartT")

COST_BOOKS = ("cost_book.toml", "cost_book.json", "cost_book.csv", "cost_book.xlsx")
FILES = ("taxonomy.toml", "severity.toml", *COST_BOOKS, "screen.toml", "models.toml", "prompt.md")
LOOKALIKES = ("toml", "json", "csv", "xlsx", "xls", "xlsm", "ods", "md", "txt", "yaml", "yml")


@dataclass(frozen=True, slots=True)
class Config:
    """The contents of a folder of configuration, ready for an agent.

        config = load_config("config")
        agent = InspectionAgent("openai:gpt-6-luna", **config.to_agent_options())

    Attributes:
        taxonomy: The types of issue.
        severity: The policy that grades findings.
        cost_book: The book that prices findings.
        emergency_screen: The screen that finds emergencies in somebody's words.
        prompt: The instructions; None for those that an agent has of its own.
        models: What is known of models; None for the table of the environment, or that ships.
    """

    taxonomy: Taxonomy
    severity: SeverityPolicy
    cost_book: CostBook
    emergency_screen: EmergencyScreen
    prompt: Prompt | None = None
    models: ModelTable | None = None

    def to_agent_options(self) -> dict[str, Any]:
        """Returns the configuration as keyword arguments of an agent."""
        return {
            "taxonomy": self.taxonomy,
            "severity": self.severity,
            "cost_book": self.cost_book,
            "emergency_screen": self.emergency_screen,
            "prompt": self.prompt,
            "models": self.models,
        }


def load_config(folder: str | Path) -> Config:
    """Reads a folder of configuration.

    Raises:
        ConfigError: There is no such folder, or a file in it is wrong. It tells the first fault;
            `validate_config` tells all.
    """

    def stop(_: Path, error: ConfigError) -> NoReturn:
        raise error

    return _Folder(to_path(folder, "folder of configuration"), stop).read()


def validate_config(folder: str | Path) -> tuple[ConfigFault, ...]:
    """Lists every fault in a folder of configuration; none where `load_config` takes it."""
    faults: list[ConfigFault] = []
    path = to_path(folder, "folder of configuration")
    _Folder(path, lambda path, error: faults.extend(list_faults(path, error))).read()
    return tuple(dict.fromkeys(faults))


class _Folder:
    """Reads the files of the folder. A wrong one is reported, then treated as missing."""

    def __init__(self, path: Path, tell: Callable[[Path, ConfigError], None]) -> None:
        self.path = path
        self.wrong: set[str] = set()
        self._tell = tell
        try:
            self.names = {entry.name for entry in path.iterdir()}
        except OSError as error:
            self.names = set()
            why = f"the folder cannot be listed ({type(error).__name__})"
            self.report("", f"{why}; check the path and who may read it")

    def read(self) -> Config:
        from inspectiq.agents._prompts import Prompt
        from inspectiq.costs._book import CostBook
        from inspectiq.limits._models import ModelTable
        from inspectiq.screening._emergencies import EmergencyScreen
        from inspectiq.severity._policy import SeverityPolicy

        self.report_misnamed_files()
        taxonomy = self.read_part("taxonomy.toml", Taxonomy.from_file) or Taxonomy.default()
        severity = (
            self.read_part("severity.toml", SeverityPolicy.from_file) or SeverityPolicy.default()
        )
        if not self.wrong & {"taxonomy.toml", "severity.toml"}:
            own = "severity.toml" if "severity.toml" in self.names else "taxonomy.toml"
            self.read_part(own, lambda _: severity.check(taxonomy))
        cost_book = self.read_cost_book(taxonomy) or CostBook.default()
        screen = (
            self.read_part("screen.toml", EmergencyScreen.from_file) or EmergencyScreen.default()
        )
        prompt = self.read_part("prompt.md", Prompt.of)
        models = self.read_part("models.toml", ModelTable.from_file)
        return Config(taxonomy, severity, cost_book, screen, prompt, models)

    def report_misnamed_files(self) -> None:
        """Reports configuration of other names, which would be passed over in silence."""
        for name in sorted(self.names - set(FILES)):
            suffix = name.strip().lower().partition(".")[2]
            right = self._find_right_name(name) if suffix in LOOKALIKES else None
            if right is None:
                continue
            if self._is_there(right):
                mend = f"{right} is; bring them together, or move it away"
            else:
                same = f"{Path(right).stem}.{suffix}"
                mend = f"name it {same if same in FILES else right}"
            self.report(name, f"this file is not read; {mend}")

    def _find_right_name(self, name: str) -> str | None:
        """Finds the file that a file may be meant for: by its name, else by what is in it."""
        rights = {Path(right).stem: right for right in reversed(FILES)}
        stem = name.strip().lower().partition(".")[0]
        close = get_close_matches(_MEANT.get(stem, stem), rights, n=1, cutoff=0.75)
        if not close:
            guessed = _guess_kind(self.path / name)
            return None if guessed is None or self._is_there(guessed) else guessed
        # `taxonomy-old.toml` beside `taxonomy.toml` is a copy that somebody keeps.
        more = stem.removeprefix(close[0])
        is_copy = stem.startswith(close[0]) and bool(more) and not more[0].isalpha()
        return None if is_copy and self._is_there(rights[close[0]]) else rights[close[0]]

    def _is_there(self, right: str) -> bool:
        return any(Path(name).stem == Path(right).stem for name in self.names & set(FILES))

    def read_cost_book(self, taxonomy: Taxonomy) -> CostBook | None:
        from inspectiq.costs._book import CostBook
        from inspectiq.costs._unknown_types import find_unknown_types

        books = [name for name in COST_BOOKS if name in self.names]
        if not books:
            return None
        name, *more = books
        for spare in more:
            self.report(spare, f"{name} is a cost book as well; keep one of them")

        def read_checked(path: Path) -> CostBook:
            book, faults = CostBook.of(path), Faults()
            if "taxonomy.toml" not in self.wrong:
                for key, near in find_unknown_types(book, taxonomy).items():
                    meant = f"did you mean {near}? Else " if near else ""
                    faults["items", key] = f"there is no such type; {meant}add it to taxonomy.toml"
            faults.raise_if_any(path)
            return book

        return self.read_part(name, read_checked)

    def read_part(self, name: str, read: Callable[[Path], PartT]) -> PartT | None:
        """Reads one file of the folder; None where it is missing or wrong."""
        if name in self.names:
            try:
                return read(self.path / name)
            except ConfigError as error:
                self.wrong.add(name)
                self._tell(self.path / name, error)
        return None

    def report(self, name: str, message: str) -> None:
        path = self.path / name
        self.wrong.add(name)
        self._tell(path, ConfigError(f"{path}: {message}"))


_MEANT = {"costs": "cost_book"}
"""What people name a file, where that is not close to its own name."""

_TABLES = {
    "taxonomy.toml": {"groups", "standalone", "without", "aliases"},
    "severity.toml": {"levels", "floors", "caps", "rules", "thresholds", "proposals"},
    "cost_book.toml": {"items", "wages", "trades", "currency", "overhead", "spread", "burden"},
    "screen.toml": {"kinds", "languages", "numbers"},
    "models.toml": {"models", "service_tiers", "cache_lives", "reasoning_tokens"},
}
"""What stands at the top of each file and of no other."""


def _guess_kind(path: Path) -> str | None:
    """Guesses by what is in a file which configuration it holds; None where it is another thing."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".csv":
            columns = {one.strip() for one in text.partition("\n")[0].split(",")}
            return "cost_book.csv" if columns >= {"type", "trade"} else None
        table = parse_table(text, path) if path.suffix in (".toml", ".json") else None
    except (OSError, ValueError):
        return None  # what cannot be read as such is no configuration
    if not isinstance(table, dict):
        return None
    shared = {right: len(names & table.keys()) for right, names in _TABLES.items()}
    best = max(shared, key=lambda right: shared[right])
    return best if shared[best] else None
