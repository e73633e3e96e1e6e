"""Arbitrary values of the domain, for property tests."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from inspectiq import (
    CostEstimate,
    Evidence,
    Inspection,
    Issue,
    PhotoOutcome,
    Property,
    Severity,
    Usage,
)
from inspectiq.domain import (
    Box,
    CaseFacts,
    CodeMatter,
    CostLine,
    Deadline,
    EngineRecord,
    FrozenMap,
    Location,
    Observed,
    PhotoFault,
    PhotoRef,
    PictureFile,
    Provenance,
    Quantity,
    Scope,
    Summary,
)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
share = st.floats(0, 1)
sha = st.text("0123456789abcdef", min_size=64, max_size=64)
zone = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
aware = st.datetimes(datetime(1990, 1, 2), datetime(2090, 1, 1), timezones=zone | st.just(UTC))
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
maps: st.SearchStrategy[FrozenMap[Any]] = st.dictionaries(text, json_values, max_size=3).map(
    FrozenMap
)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    xs = sorted((draw(share), draw(share)))
    ys = sorted((draw(share), draw(share)))
    if xs[0] == xs[1]:
        xs = [0.0, 1.0]
    if ys[0] == ys[1]:
        ys = [0.0, 1.0]
    return Box(x0=xs[0], y0=ys[0], x1=xs[1], y1=ys[1])


pictures = st.builds(
    PictureFile,
    sha256=sha,
    format=st.sampled_from(("jpeg", "heic")),
    bytes=st.integers(1, 10**7),
    width=st.integers(16, 9999),
    height=st.integers(16, 9999),
)
refs = st.builds(
    PhotoRef,
    id=text,
    name=text,
    room=st.none() | text,
    original=st.none() | pictures,
    sent=st.none() | pictures,
    orientation=st.integers(1, 8),
    crop=st.none() | boxes(),
    taken_at=st.none() | aware | st.datetimes(datetime(1990, 1, 2), datetime(2090, 1, 1)),
)
outcomes = st.builds(
    PhotoOutcome,
    photo=refs,
    status=st.sampled_from(("assessed", "triaged", "unclear", "duplicate", "failed")),
    groups=st.none() | st.tuples(text),
    reason=st.none() | text,
    fault=st.none()
    | st.builds(PhotoFault, error=text, reason=st.sampled_from((None, "damaged")), message=text),
    warnings=st.sampled_from(((), ("blurred",), ("dark", "bad_exif"))),
)
money = st.decimals(0, 10**6, places=2)
lines = st.builds(
    CostLine,
    kind=text,
    label=text,
    quantity=money,
    unit=text,
    rate=money,
    amount=money,
    source=text,
    year=st.none() | st.integers(2000, 2030),
    mark=st.sampled_from("VSA"),
)
costs = st.tuples(money, money, money, st.lists(lines, max_size=2)).map(
    lambda parts: CostEstimate(
        low=min(parts[:3]),
        expected=sorted(parts[:3])[1],
        high=max(parts[:3]),
        currency="USD",
        lines=tuple(parts[3]),
        book="test 1",
    )
)
severities = st.builds(
    Severity,
    level=st.none() | text,
    rank=st.none() | st.integers(1, 5),
    label=text,
    rule=text,
    deadlines=st.lists(
        st.builds(
            Deadline,
            action=text,
            clock=st.sampled_from(("reported_at", "inspected_at")),
            start=st.none() | aware,
            due=st.none() | aware,
            rule=text,
        ),
        max_size=2,
    ).map(tuple),
)
evidence = st.builds(
    Evidence,
    photo_id=text,
    box=st.none() | boxes(),
    engine=text,
    prompt_sha256=sha,
    confidence=st.none() | share,
)
issues = st.builds(
    Issue,
    id=text,
    type=text,
    group=text,
    label=text,
    observed=st.builds(
        Observed, description=text, facts=st.tuples(text), confidence=st.none() | share
    ),
    location=st.builds(Location, room=st.none() | text, words=st.none() | text),
    severity=severities,
    scope=st.builds(Scope, trade=text, materials=st.tuples(text), hours=st.none() | share),
    evidence=st.lists(evidence, max_size=2).map(tuple),
    cost=st.none() | costs,
    extra=maps,
    quantity=st.none() | st.builds(Quantity, amount=share, unit=st.just("sq_ft")),
    code_matter=st.none() | st.builds(CodeMatter, category=st.just("safety")),
)
engines = st.builds(EngineRecord, provider=text, model=text, identity=sha)
provenances = st.builds(
    Provenance,
    inspectiq=text,
    agent=text,
    prompt=text,
    prompt_sha256=sha,
    schema_sha256=sha,
    taxonomy=text,
    taxonomy_sha256=sha,
    severity=text,
    severity_sha256=sha,
    engines=st.lists(engines, max_size=2).map(tuple),
)
cases = st.builds(
    CaseFacts,
    id=st.text("abc-1", min_size=1, max_size=9),
    property=st.builds(
        Property,
        address=st.none() | text,
        country=st.sampled_from((None, "US", "GB")),
        time_zone=st.sampled_from((None, "Europe/London")),
    ),
    description=text,
    inspected_at=st.none() | aware,
    tags=st.dictionaries(text, text, max_size=2).map(FrozenMap),
)
inspections = st.builds(
    Inspection,
    id=text,
    created_at=st.none() | aware,
    status=st.sampled_from(("complete", "partial", "failed")),
    case=cases,
    photos=st.lists(outcomes, max_size=3).map(tuple),
    summary=st.builds(
        Summary, headline=text, by_level=st.just(FrozenMap(high=1)), worst=st.none() | text
    ),
    usage=st.builds(
        Usage,
        requests=st.integers(0, 9),
        input_tokens=st.integers(0, 10**6),
        usd=st.none() | st.decimals(0, 99, places=4).map(Decimal),
    ),
    provenance=provenances,
    issues=st.lists(issues, max_size=2).map(tuple),
)
