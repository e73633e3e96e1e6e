import asyncio
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import BudgetExceeded, ConfigError
from inspectiq.limits import Budget, LocalBudget, Reservation
from inspectiq.limits import _local_budgets as local_budgets
from inspectiq.run import Run
from inspectiq.testing import BudgetContract
from tests.limits.restless import on_restless_threads

RUN = Run(id="r1", case_id="c1")


class TestLocalBudget(BudgetContract):
    def make_budget(self, usd: Decimal | None, calls: int | None) -> Budget:
        return LocalBudget(usd=usd, calls=calls)


class TestLocalBudgetOfADay(BudgetContract):
    def make_budget(self, usd: Decimal | None, calls: int | None) -> Budget:
        return LocalBudget(usd=usd, calls=calls, per="day")


def call(usd: str | int = 0, calls: int = 1) -> dict[str, Decimal]:
    return {"usd": Decimal(usd), "calls": Decimal(calls)}


async def spend(budget: LocalBudget, run: Run, usd: str | int) -> None:
    await budget.settle(await budget.reserve(run, call(usd)), call(usd))


class Calendar:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = datetime(2025, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


# What a budget is of


async def test_each_run_has_its_own() -> None:
    budget = LocalBudget(usd=1)
    await spend(budget, RUN, 1)
    await spend(budget, Run(id="r2"), 1)
    with pytest.raises(BudgetExceeded):
        await budget.reserve(RUN, call("0.01"))


async def test_calls_outside_of_any_run_count_together() -> None:
    budget = LocalBudget(calls=1)
    await budget.reserve(Run(), call())
    with pytest.raises(BudgetExceeded):
        await budget.reserve(Run(case_id="another"), call())


async def test_a_total_counts_everything() -> None:
    budget = LocalBudget(usd=1, per="total")
    await spend(budget, RUN, 1)
    with pytest.raises(BudgetExceeded):
        await budget.reserve(Run(id="r2"), call(1))


async def test_a_day_is_one_of_the_calendar_in_utc() -> None:
    calendar = Calendar()
    budget = LocalBudget(calls=1, per="day", clock=calendar)
    calendar.now = datetime(2025, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-2)))  # 2 March
    await budget.reserve(RUN, call())
    calendar.now = datetime(2025, 3, 2, 23, 59, tzinfo=UTC)
    with pytest.raises(BudgetExceeded):
        await budget.reserve(RUN, call())
    calendar.now = datetime(2025, 3, 3, tzinfo=UTC)
    await budget.reserve(RUN, call())


async def test_a_call_counts_for_the_day_on_which_it_began() -> None:
    calendar = Calendar()
    budget = LocalBudget(usd=1, per="day", clock=calendar)
    hold = await budget.reserve(RUN, call(1))
    calendar.now += timedelta(days=1)
    await budget.settle(hold, call(5))
    assert budget.get_spent(RUN)["usd"] == 0


async def test_each_value_of_a_tag_has_its_own_on_each_day() -> None:
    calendar = Calendar()
    budget = LocalBudget(calls=1, per=("tag:tenant", "day"), clock=calendar)
    acme, other = (Run(id=name, tags={"tenant": name}) for name in ("acme", "other"))
    assert (await budget.reserve(acme, call())).key == "tag:tenant=acme, day=2025-03-01"
    await budget.reserve(other, call())
    with pytest.raises(BudgetExceeded):
        await budget.reserve(Run(id="r9", tags={"tenant": "acme"}), call())
    calendar.now += timedelta(days=1)
    await budget.reserve(acme, call())


async def test_cases_without_the_tag_count_together() -> None:
    budget = LocalBudget(calls=1, per="tag:tenant")
    await budget.reserve(RUN, call())
    with pytest.raises(BudgetExceeded):
        await budget.reserve(Run(id="r2", tags={"tenant": ""}), call())


async def test_what_is_spent_can_be_looked_at() -> None:
    budget = LocalBudget(calls=5)
    assert budget.get_spent(RUN) == {"usd": 0, "calls": 0}
    await spend(budget, RUN, "0.5")
    await budget.reserve(RUN, call("0.25"))
    assert budget.get_spent(RUN) == {"usd": Decimal("0.75"), "calls": 2}
    assert budget.get_spent(Run(id="r2")) == {"usd": 0, "calls": 0}


# Holding and settling


@pytest.mark.parametrize("usd", [0.3, "0.3", Decimal("0.3")])
async def test_dollars_are_what_they_read_as(usd: Any) -> None:
    budget = LocalBudget(usd=usd)
    for _ in range(3):
        await budget.reserve(RUN, call("0.1"))
    assert budget.get_spent(RUN)["usd"] == Decimal("0.3")


async def test_a_call_that_needs_nothing_passes_though_all_is_spent() -> None:
    budget = LocalBudget(usd=1)
    await budget.settle(await budget.reserve(RUN, call(1)), call(2))
    await budget.reserve(RUN, call(0))


async def test_what_a_settlement_does_not_name_stays_as_held() -> None:
    budget = LocalBudget(usd=1)
    await budget.settle(await budget.reserve(RUN, call(1)), {"calls": Decimal(1)})
    assert budget.get_spent(RUN) == {"usd": 1, "calls": 1}


async def test_a_hold_of_another_budget_settles_nothing() -> None:
    budget = LocalBudget(usd=1)
    await budget.reserve(RUN, call(1))
    await budget.settle(await LocalBudget(usd=1).reserve(RUN, call(1)), call(0))
    assert budget.get_spent(RUN)["usd"] == 1


async def test_a_refusal_says_what_is_spent_what_was_needed_and_what_to_raise() -> None:
    budget = LocalBudget(usd="2.50", per=("tag:tenant", "day"))
    acme = Run(tags={"tenant": "acme"})
    await budget.reserve(acme, call("2.4"))
    with pytest.raises(BudgetExceeded) as caught:
        await budget.reserve(acme, call("0.2"))
    assert str(caught.value) == (
        "the budget of 2.50 US dollars for each tag:tenant and day (UTC) does not allow this call: "
        "2.4 are spent or held, and it needs 0.2; raise its `usd`, or send fewer photos"
    )
    with pytest.raises(BudgetExceeded, match=r"the budget of 0 calls in all .* raise its `calls`"):
        await LocalBudget(calls=0, per="total").reserve(RUN, call())


# Memory


async def test_days_before_yesterday_are_forgotten_unless_something_is_held() -> None:
    calendar = Calendar()
    budget = LocalBudget(usd=1, per=("tag:tenant", "day"), clock=calendar)
    held = await budget.reserve(Run(tags={"tenant": "slow"}), call(1))
    for _ in range(10):
        for tenant in range(20):
            await spend(budget, Run(tags={"tenant": f"t{tenant}"}), 1)
        calendar.now += timedelta(days=1)
    assert len(budget._accounts) == 2 * 20 + 1
    await budget.settle(held, call(1))
    calendar.now += timedelta(days=2)
    await spend(budget, RUN, 1)
    assert len(budget._accounts) == 1


async def test_a_clock_that_is_set_back_over_midnight_forgives_nothing() -> None:
    calendar = Calendar()
    budget = LocalBudget(usd=1, per="day", clock=calendar)
    await spend(budget, RUN, 1)
    calendar.now += timedelta(days=1)
    await spend(budget, RUN, 1)
    calendar.now -= timedelta(days=1)
    with pytest.raises(BudgetExceeded):
        await budget.reserve(RUN, call(1))


async def test_the_longest_idle_runs_are_forgotten_and_none_that_holds_or_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local_budgets, "IDLE_RUNS", 10)
    budget = LocalBudget(usd=1)
    asking, holding, ended = Run(id="asking"), Run(id="holding"), Run(id="ended")
    await spend(budget, ended, 1)
    await spend(budget, asking, 1)
    await spend(budget, holding, 0)
    hold = await budget.reserve(holding, call(1))
    for number in range(50):
        await spend(budget, Run(id=f"r{number}"), 1)
        with pytest.raises(BudgetExceeded):
            await budget.reserve(asking, call(1))
    assert len(budget._accounts) == 11
    assert [budget.get_spent(run)["usd"] for run in (asking, holding, ended)] == [1, 1, 0]
    await budget.settle(hold, call(1))
    assert budget.get_spent(holding)["usd"] == 1


async def test_a_day_of_a_run_is_forgotten_too() -> None:
    calendar = Calendar()
    budget = LocalBudget(usd=1, per=("run", "day"), clock=calendar)
    for _ in range(9):
        await spend(budget, RUN, 1)
        calendar.now += timedelta(days=1)
    assert len(budget._accounts) == len(budget._idle) == 2


# Wrong settings


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"per": "day"},
        {"usd": -1},
        {"usd": float("nan")},
        {"usd": "a lot"},
        {"usd": Decimal("Infinity")},
        {"calls": -1},
        {"usd": 1, "per": "week"},
        {"usd": 1, "per": "tag:"},
        {"usd": 1, "per": ()},
        {"usd": 1, "per": ("day", "rooms")},
    ],
)
def test_a_budget_that_cannot_be_kept_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        LocalBudget(**settings)


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity"])
async def test_an_amount_that_cannot_be_counted_is_refused_and_changes_nothing(
    amount: str,
) -> None:
    budget = LocalBudget(usd=1)
    hold = await budget.reserve(RUN, call(1))
    with pytest.raises(ConfigError):
        await budget.reserve(RUN, call(amount))
    with pytest.raises(ConfigError):
        await budget.settle(hold, call(amount))
    assert budget.get_spent(RUN)["usd"] == 1
    await budget.settle(hold, call(0))
    assert budget.get_spent(RUN)["usd"] == 0


# Whatever happens at once

cents = st.integers(0, 60).map(lambda n: Decimal(n) / 100)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("hold"), cents),
        st.tuples(st.just("settle"), st.integers(0, 9)),
        st.tuples(st.just("settle again"), st.integers(0, 9)),
    ),
    max_size=40,
)


@settings(max_examples=100, deadline=None)
@given(steps, st.floats(0, 1))
def test_no_order_of_holds_and_settlements_spends_more_than_there_is(
    steps: list[tuple[str, Any]], used: float
) -> None:
    budget = LocalBudget(usd=1, calls=6)
    waiting: list[Reservation[Decimal]] = []
    settled: list[Reservation[Decimal]] = []
    spent = Decimal(0)

    async def story() -> None:
        nonlocal spent
        for step, what in steps:
            if step == "hold":
                held = sum((hold.amounts["usd"] for hold in waiting), Decimal(0))
                fits = (not what or spent + held + what <= 1) and len(waiting) + len(settled) < 6
                if fits:
                    waiting.append(await budget.reserve(RUN, call(what)))
                else:
                    with pytest.raises(BudgetExceeded):
                        await budget.reserve(RUN, call(what))
            elif step == "settle" and waiting:
                hold = waiting.pop(what % len(waiting))
                cost = (hold.amounts["usd"] * Decimal(str(used))).quantize(Decimal("0.0001"))
                await budget.settle(hold, call(cost))  # type: ignore[arg-type]
                settled.append(hold)
                spent += cost
            elif settled:
                await budget.settle(settled[what % len(settled)], call(0, 0))
            held = sum((hold.amounts["usd"] for hold in waiting), Decimal(0))
            assert budget.get_spent(RUN) == {
                "usd": spent + held,
                "calls": len(waiting) + len(settled),
            }
            assert spent + held <= 1

    asyncio.run(story())


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(cents, st.floats(0, 1)), min_size=20, max_size=40))
def test_no_threads_and_loops_together_spend_more_than_there_is(
    wanted: list[tuple[Decimal, float]],
) -> None:
    budget = LocalBudget(usd=1, per="total")
    spent: list[Decimal] = []

    async def one(usd: Decimal, used: float) -> None:
        try:
            hold = await budget.reserve(RUN, {"usd": usd})
        except BudgetExceeded:
            return
        await asyncio.sleep(0)
        cost = (usd * Decimal(str(used))).quantize(Decimal("0.0001"))
        await budget.settle(hold, {"usd": cost})
        spent.append(cost)

    async def many() -> None:
        await asyncio.gather(*(one(usd, used) for usd, used in wanted))

    on_restless_threads(many, many, many, many)
    assert sum(spent, Decimal(0)) == budget.get_spent(RUN)["usd"] <= 1


def test_between_the_look_and_the_hold_nobody_else_comes_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    budget = LocalBudget(calls=1)
    add, held = local_budgets._Account.add, []

    def slow(account: local_budgets._Account, amounts: Any) -> None:
        time.sleep(0.02)
        add(account, amounts)

    async def one() -> None:
        with suppress(BudgetExceeded):
            held.append(await budget.reserve(RUN, call()))

    monkeypatch.setattr(local_budgets._Account, "add", slow)
    on_restless_threads(one, one, one, one)
    assert len(held) == 1


FORK = """
    import asyncio, os, threading
    from inspectiq.limits import _local_budgets as local_budgets
    from inspectiq.limits import LocalBudget
    from inspectiq.run import Run

    budget = LocalBudget(calls=1)
    asyncio.run(budget.reserve(Run(), {"calls": 1}))
    with local_budgets._lock:  # by another thread, as far as the child can see
        child = os.fork()
        if not child:
            counted = []
            counting = lambda: counted.append(budget.get_spent(Run())["calls"])
            thread = threading.Thread(target=counting, daemon=True)
            thread.start()
            thread.join(5)
            os._exit(counted != [1])
    assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no fork; run the tests on Linux or macOS")
def test_a_forked_child_goes_on_counting() -> None:
    subprocess.run([sys.executable, "-c", textwrap.dedent(FORK)], check=True, timeout=30)
