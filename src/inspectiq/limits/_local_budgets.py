"""`LocalBudget`: so many dollars or calls of one process for a run, a day, a tag, or in all."""

from __future__ import annotations

import re
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from inspectiq._fork import ForkLock
from inspectiq._taking import require, require_all
from inspectiq.errors import BudgetExceeded, ConfigError
from inspectiq.limits._reservations import Reservation
from inspectiq.run import Run

__all__ = ["LocalBudget"]

# Our assumption: no run is still going after so many others came and went since its last call.
IDLE_RUNS = 10_000

_UNITS = ("usd", "calls")


def _get_now() -> datetime:
    return datetime.now(UTC)


class LocalBudget:
    """Reserves the most that a call may cost before it goes, and settles its real cost.

    So however many go at once, what is spent passes the limit only by what an estimate was too
    low. It serves threads and any number of event loops. It counts for this process only, from its
    start; for money that several processes share, bring a budget of your own (`Budget`).

    What is counted is kept as long as it can matter. Days before yesterday are forgotten. So are
    runs, the longest idle first, once 10,000 (`IDLE_RUNS`) have nothing reserved; a run that waits
    for an answer or for its turn has. Tags without a day or a run are kept for good.

    Args:
        usd: Dollars; None for no limit. A float is taken as it is written.
        calls: Calls; None for no limit.
        per: The scopes that each have a budget of their own: `"run"`, `"day"` (a UTC calendar day),
            `"total"`, `"tag:NAME"` (each value of a tag of the case), or several, such as
            `("tag:tenant", "day")`. Cases without the tag count together, under "", and so do
            calls outside of any run.
        clock: The time, with its zone.

    Raises:
        ConfigError: Neither limit is given, a limit is negative or no number, or `per` is unknown.
    """

    def __init__(
        self,
        *,
        usd: Decimal | float | str | None = None,
        calls: int | None = None,
        per: str | tuple[str, ...] = "run",
        clock: Callable[[], datetime] = _get_now,
    ) -> None:
        given = {"usd": usd, "calls": calls}
        self._limits = {u: _to_decimal(u, limit) for u, limit in given.items() if limit is not None}
        if not self._limits:
            raise ConfigError("a budget without a limit keeps nothing; give usd, calls, or both")
        self._per = _parse_per(per)
        self._clock = clock
        self._accounts: dict[tuple[str, ...], _Account] = {}
        self._idle: OrderedDict[tuple[str, ...], None] = OrderedDict()
        self._reserved: dict[str, tuple[tuple[str, ...], Mapping[str, Decimal]]] = {}
        self._day = ""

    @property
    def needs_price(self) -> bool:
        """Whether it counts dollars."""
        return "usd" in self._limits

    async def reserve(self, run: Run, amounts: Mapping[str, Decimal], /) -> Reservation[Decimal]:
        """Sets aside the most that a call may cost: all of it, or nothing.

        Raises:
            BudgetExceeded: There is not so much left of one of them.
            ConfigError: An amount is negative or no number.
        """
        wanted = _check_amounts(amounts)
        with _lock:
            scope = self._find_scope(run)
            self._forget_days(scope)
            if scope in self._idle:
                self._idle.move_to_end(scope)
            account = self._accounts.get(scope) or _Account()
            for unit, limit in self._limits.items():
                needed, spent = wanted.get(unit, Decimal(0)), account.spent[unit]
                if needed and spent + needed > limit:
                    raise _make_exceeded_error(
                        unit, self._per, limit=limit, spent=spent, needed=needed
                    )
            account.add(wanted)
            account.unsettled += 1
            self._accounts[scope] = account
            self._idle.pop(scope, None)
            handle = uuid.uuid4().hex
            self._reserved[handle] = scope, wanted
        return Reservation(self._write_scope(scope), dict(wanted), handle=handle)

    async def settle(
        self, reservation: Reservation[Decimal], actual: Mapping[str, Decimal], /
    ) -> None:
        """Replaces a reservation by the real cost, also where that is more.

        What `actual` does not name stays as it was reserved. A reservation is settled once; a
        second time changes nothing.

        Raises:
            ConfigError: An amount is negative or no number.
        """
        cost = _check_amounts(actual)
        with _lock:
            if reservation.handle not in self._reserved:
                return
            scope, reserved = self._reserved.pop(reservation.handle)
            account = self._accounts[scope]
            account.add({unit: cost[unit] - reserved.get(unit, Decimal(0)) for unit in cost})
            account.unsettled -= 1
            if not account.unsettled and "run" in self._per:
                self._idle[scope] = None
                if len(self._idle) > IDLE_RUNS:
                    longest, _ = self._idle.popitem(last=False)
                    del self._accounts[longest]

    def get_spent(self, run: Run) -> Mapping[str, Decimal]:
        """Gets the amounts spent and reserved in this run's scope, as `usd` and `calls`."""
        with _lock:
            return dict((self._accounts.get(self._find_scope(run)) or _Account()).spent)

    def _find_scope(self, run: Run) -> tuple[str, ...]:
        parts = {"run": run.id, "total": "", "day": ""}
        if "day" in self._per:
            parts["day"] = self._clock().astimezone(UTC).date().isoformat()
        return tuple(
            run.tags.get(part.removeprefix("tag:"), "") if part.startswith("tag:") else parts[part]
            for part in self._per
        )

    def _write_scope(self, scope: tuple[str, ...]) -> str:
        return ", ".join(f"{p}={s}" if s else p for p, s in zip(self._per, scope, strict=True))

    def _forget_days(self, scope: tuple[str, ...]) -> None:
        """Forgets old days, once a day. Yesterday stays, lest a clock set back forgives it."""
        if "day" not in self._per:
            return
        place = self._per.index("day")
        if scope[place] == self._day:
            return
        self._day = scope[place]
        yesterday = (datetime.fromisoformat(self._day) - timedelta(days=1)).date().isoformat()
        for old, account in [*self._accounts.items()]:
            if old[place] < yesterday and not account.unsettled:
                del self._accounts[old]
                self._idle.pop(old, None)


# Held for a few steps only, so one serves all budgets. Re-entrant, because a forgotten call may be
# collected, and so settle, at any of them.
_lock = ForkLock()


@dataclass(slots=True)
class _Account:
    """The amounts spent and reserved in one scope, such as a day.

    Attributes:
        spent: By unit, reserved amounts included.
        unsettled: How many reservations are not settled yet.
    """

    spent: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(_UNITS, Decimal(0)))
    unsettled: int = 0

    def add(self, amounts: Mapping[str, Decimal]) -> None:
        for unit, amount in amounts.items():
            self.spent[unit] += amount


def _check_amounts(amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {unit: _to_decimal(unit, amounts[unit]) for unit in _UNITS if unit in amounts}


def _to_decimal(unit: str, amount: Decimal | float | str) -> Decimal:
    try:
        number = Decimal(str(amount))  # a float as it reads, not as it is stored
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise ConfigError(f"{unit} is {amount!r}; give a number of at least 0")
    return number


def _parse_per(per: str | tuple[str, ...]) -> tuple[str, ...]:
    choices = "give 'run', 'day', 'total', 'tag:NAME', or several of them"
    parts = (per,) if isinstance(per, str) else require_all(per, "per", choices)
    for part in parts or ("",):
        require(part, str, "per", choices)
        if not re.fullmatch(r"run|day|total|tag:.+", part):
            raise ConfigError(
                f"a budget per {part!r} is not known; give 'run', 'day', 'total', 'tag:NAME', or "
                "several of them"
            )
    return parts


def _make_exceeded_error(
    unit: str, per: tuple[str, ...], *, limit: Decimal, spent: Decimal, needed: Decimal
) -> BudgetExceeded:
    noun = {"usd": "US dollars", "calls": "calls"}[unit]
    words = {"run": "run", "day": "day (UTC)"}
    each = [words.get(part, part) for part in per if part != "total"]
    scope = f"for each {' and '.join(each)}" if each else "in all"
    return BudgetExceeded(
        f"the budget of {limit:f} {noun} {scope} does not allow this call: {spent:f} are spent or "
        f"held, and it needs {needed:f}; raise its `{unit}`, or send fewer photos",
        limit=limit,
        spent=spent,
        needed=needed,
    )
