"""inspectiq: property photos in, findings that stand up in a dispute out."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspectiq.agents import (
        Agent,
        Answer,
        Case,
        EvidenceObservation,
        InspectionAgent,
        IssueObservation,
        PhotoVerdict,
        Prompt,
        ResultSink,
        WireObservation,
    )
    from inspectiq.domain.base import FrozenMap, content_hash
    from inspectiq.domain.findings import (
        CodeMatter,
        Deadline,
        Evidence,
        Finding,
        Issue,
        Location,
        Observed,
        Quantity,
        Scope,
        Severity,
    )
    from inspectiq.domain.money import CostEstimate, CostLine
    from inspectiq.domain.photo import Box, PhotoFault, PhotoRef, PictureFile
    from inspectiq.domain.property import CaseFacts, Property
    from inspectiq.domain.results import (
        EngineRecord,
        Inspection,
        PhotoOutcome,
        Provenance,
        Result,
        Summary,
    )
    from inspectiq.domain.taxonomy import IssueType, Taxonomy
    from inspectiq.domain.usage import Usage
    from inspectiq.errors import (
        AuthenticationFailed,
        BadRequest,
        BudgetExceeded,
        ConfigError,
        IncompleteResult,
        InspectIQError,
        OutputError,
        OutputFiltered,
        OutputInvalid,
        OutputRefused,
        OutputTruncated,
        PhotoError,
        ProviderTimeout,
        ProviderUnavailable,
        QuotaExhausted,
        RateLimited,
        TransportError,
    )
    from inspectiq.events import Event, Observer
    from inspectiq.photos import ImageRule, Photo
    from inspectiq.severity import SeverityPolicy
    from inspectiq.transports import (
        EngineProfile,
        Transport,
        VisionRequest,
        VisionResponse,
        WrapperTransport,
        checked,
        stack,
    )

_HOMES = {
    "agents": (
        "Agent Answer Case EvidenceObservation InspectionAgent IssueObservation PhotoVerdict "
        "Prompt ResultSink WireObservation"
    ),
    "domain.base": "FrozenMap content_hash",
    "domain.findings": (
        "CodeMatter Deadline Evidence Finding Issue Location Observed Quantity Scope Severity"
    ),
    "domain.money": "CostEstimate CostLine",
    "domain.photo": "Box PhotoFault PhotoRef PictureFile",
    "domain.property": "CaseFacts Property",
    "domain.results": "EngineRecord Inspection PhotoOutcome Provenance Result Summary",
    "domain.taxonomy": "IssueType Taxonomy",
    "domain.usage": "Usage",
    "errors": (
        "AuthenticationFailed BadRequest BudgetExceeded ConfigError IncompleteResult "
        "InspectIQError OutputError OutputFiltered OutputInvalid OutputRefused OutputTruncated "
        "PhotoError ProviderTimeout ProviderUnavailable QuotaExhausted RateLimited TransportError"
    ),
    "events": "Event Observer",
    "photos": "ImageRule Photo",
    "severity": "SeverityPolicy",
    "transports": (
        "EngineProfile Transport VisionRequest VisionResponse WrapperTransport checked stack"
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "Agent",
    "Answer",
    "AuthenticationFailed",
    "BadRequest",
    "Box",
    "BudgetExceeded",
    "Case",
    "CaseFacts",
    "CodeMatter",
    "ConfigError",
    "CostEstimate",
    "CostLine",
    "Deadline",
    "EngineProfile",
    "EngineRecord",
    "Event",
    "Evidence",
    "EvidenceObservation",
    "Finding",
    "FrozenMap",
    "ImageRule",
    "IncompleteResult",
    "InspectIQError",
    "Inspection",
    "InspectionAgent",
    "Issue",
    "IssueObservation",
    "IssueType",
    "Location",
    "Observed",
    "Observer",
    "OutputError",
    "OutputFiltered",
    "OutputInvalid",
    "OutputRefused",
    "OutputTruncated",
    "Photo",
    "PhotoError",
    "PhotoFault",
    "PhotoOutcome",
    "PhotoRef",
    "PhotoVerdict",
    "PictureFile",
    "Prompt",
    "Property",
    "Provenance",
    "ProviderTimeout",
    "ProviderUnavailable",
    "Quantity",
    "QuotaExhausted",
    "RateLimited",
    "Result",
    "ResultSink",
    "Scope",
    "Severity",
    "SeverityPolicy",
    "Summary",
    "Taxonomy",
    "Transport",
    "TransportError",
    "Usage",
    "VisionRequest",
    "VisionResponse",
    "WireObservation",
    "WrapperTransport",
    "__version__",
    "checked",
    "content_hash",
    "stack",
]


def __getattr__(name: str) -> Any:
    # Rooms are imported when a name of theirs is first asked for, so that the door opens quickly.
    if name == "__version__":
        from importlib.metadata import version

        return version("inspectiq")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'inspectiq' has no attribute {name!r}")
    value = getattr(import_module(f"inspectiq.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
