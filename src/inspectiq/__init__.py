"""inspectiq: property photos in, findings that stand up in a dispute out."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspectiq.agents import (
        Agent,
        Answer,
        Case,
        DiagnosisAgent,
        DiagnosisOverall,
        EvidenceObservation,
        InspectionAgent,
        IssueObservation,
        OtherCause,
        PhotoVerdict,
        Preview,
        ProblemObservation,
        Prompt,
        ResultSink,
        Unclear,
        WireObservation,
    )
    from inspectiq.config import Config, load_config, validate_config
    from inspectiq.costs import (
        Calibration,
        CostBook,
        Material,
        Settlement,
        Source,
        Tax,
        TradeFactor,
        Work,
        WorkItem,
        calibrate,
        condition_basis,
        useful_life,
    )
    from inspectiq.domain.base import FrozenMap, content_hash
    from inspectiq.domain.diagnoses import (
        Answered,
        Cause,
        Diagnosis,
        Problem,
        Question,
        WordsOutcome,
    )
    from inspectiq.domain.emergencies import Emergency, Screening
    from inspectiq.domain.findings import (
        CodeMatter,
        ConditionBasis,
        Evidence,
        Finding,
        Issue,
        Location,
        Quantity,
        Scope,
    )
    from inspectiq.domain.money import CostEstimate, CostLine
    from inspectiq.domain.observed import Observed, StatedCost
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
    from inspectiq.domain.reviews import Decision, Review
    from inspectiq.domain.severity import Deadline, Severity
    from inspectiq.domain.suspicions import Suspicion
    from inspectiq.domain.taxonomy import IssueType, Taxonomy
    from inspectiq.domain.usage import Usage
    from inspectiq.errors import (
        AuthenticationFailed,
        BadRequest,
        BudgetExceeded,
        ConfigError,
        DeliveryError,
        FetchFailed,
        IncompleteResult,
        InspectIQError,
        InvalidWebhook,
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
        UnsafeURL,
    )
    from inspectiq.events import Event, Observer
    from inspectiq.limits.budgets import Budget, Hold
    from inspectiq.limits.ledger import Ledger, LedgerEntry, LedgerLine
    from inspectiq.limits.limits import Limits
    from inspectiq.limits.local_budgets import LocalBudget
    from inspectiq.limits.local_rates import LocalRateLimiter, NullRateLimiter
    from inspectiq.limits.models import ModelInfo, ModelTable
    from inspectiq.limits.pricing import Pricing
    from inspectiq.limits.rates import RateLimiter, RateSnapshot, Reservation
    from inspectiq.net import NetPolicy
    from inspectiq.photos import ImageRule, Photo
    from inspectiq.progress import ProgressBar
    from inspectiq.regrading import regrade_all
    from inspectiq.reports.folder import write_report
    from inspectiq.run import Run, current_run
    from inspectiq.screening import EmergencyScreen, screen
    from inspectiq.settings import Settings
    from inspectiq.severity import (
        Level,
        NspireProjection,
        Rule,
        SeverityPolicy,
        SeverityProfile,
        Span,
        Threshold,
        TimeLimit,
        When,
        WorkingCalendar,
        nspire_projection,
    )
    from inspectiq.transports import (
        EngineProfile,
        Transport,
        VisionRequest,
        VisionResponse,
        WrapperTransport,
        checked,
        stack,
    )
    from inspectiq.transports.budgeted import Budgeted
    from inspectiq.transports.caching import Cached
    from inspectiq.transports.checkup import Checkup
    from inspectiq.transports.fallback import Fallback
    from inspectiq.transports.limited import Limited
    from inspectiq.transports.offline import OfflineTransport
    from inspectiq.transports.openai import OpenAITransport
    from inspectiq.transports.retry import Retry, RetryBudget, RetryDecision
    from inspectiq.transports.sqlite_store import SQLiteCache
    from inspectiq.transports.stores import Cache, MemoryCache
    from inspectiq.validate import ConfigFault
    from inspectiq.webhooks import (
        AttemptOutcome,
        Clock,
        Delivery,
        DeliveryRecord,
        Endpoint,
        EndpointCounts,
        HTTPWebhookTransport,
        Lease,
        MemoryOutbox,
        Message,
        Outbox,
        Pace,
        Receipt,
        Schedule,
        SeenIds,
        SQLiteOutbox,
        SystemClock,
        TestOutcome,
        VerifiedWebhook,
        WebhookMemory,
        WebhookNotifier,
        WebhookPayload,
        WebhookReply,
        WebhookRequest,
        WebhookTransport,
        new_secret,
        verify_webhook,
    )

_HOMES = {
    "agents": (
        "Agent Answer Case DiagnosisAgent DiagnosisOverall EvidenceObservation "
        "InspectionAgent IssueObservation OtherCause PhotoVerdict Preview ProblemObservation "
        "Prompt ResultSink Unclear WireObservation"
    ),
    "config": "Config load_config validate_config",
    "costs": (
        "Calibration CostBook Material Settlement Source Tax TradeFactor Work "
        "WorkItem calibrate condition_basis useful_life"
    ),
    "domain.base": "FrozenMap content_hash",
    "domain.diagnoses": "Answered Cause Diagnosis Problem Question WordsOutcome",
    "domain.emergencies": "Emergency Screening",
    "domain.findings": ("CodeMatter ConditionBasis Evidence Finding Issue Location Quantity Scope"),
    "domain.money": "CostEstimate CostLine",
    "domain.observed": "Observed StatedCost",
    "domain.photo": "Box PhotoFault PhotoRef PictureFile",
    "domain.property": "CaseFacts Property",
    "domain.results": "EngineRecord Inspection PhotoOutcome Provenance Result Summary",
    "domain.reviews": "Decision Review",
    "domain.severity": "Deadline Severity",
    "domain.suspicions": "Suspicion",
    "domain.taxonomy": "IssueType Taxonomy",
    "domain.usage": "Usage",
    "errors": (
        "AuthenticationFailed BadRequest BudgetExceeded ConfigError DeliveryError "
        "FetchFailed IncompleteResult InspectIQError InvalidWebhook OutputError OutputFiltered "
        "OutputInvalid OutputRefused OutputTruncated PhotoError ProviderTimeout "
        "ProviderUnavailable QuotaExhausted RateLimited TransportError UnsafeURL"
    ),
    "events": "Event Observer",
    "limits.budgets": "Budget Hold",
    "limits.ledger": "Ledger LedgerEntry LedgerLine",
    "limits.limits": "Limits",
    "limits.local_budgets": "LocalBudget",
    "limits.local_rates": "LocalRateLimiter NullRateLimiter",
    "limits.models": "ModelInfo ModelTable",
    "limits.pricing": "Pricing",
    "limits.rates": "RateLimiter RateSnapshot Reservation",
    "net": "NetPolicy",
    "photos": "ImageRule Photo",
    "progress": "ProgressBar",
    "regrading": "regrade_all",
    "reports.folder": "write_report",
    "run": "Run current_run",
    "screening": "EmergencyScreen screen",
    "settings": "Settings",
    "severity": (
        "Level NspireProjection Rule SeverityPolicy SeverityProfile Span Threshold TimeLimit When "
        "WorkingCalendar nspire_projection"
    ),
    "transports": (
        "EngineProfile Transport VisionRequest VisionResponse WrapperTransport checked stack"
    ),
    "transports.budgeted": "Budgeted",
    "transports.caching": "Cached",
    "transports.checkup": "Checkup",
    "transports.fallback": "Fallback",
    "transports.limited": "Limited",
    "transports.offline": "OfflineTransport",
    "transports.openai": "OpenAITransport",
    "transports.retry": "Retry RetryBudget RetryDecision",
    "transports.sqlite_store": "SQLiteCache",
    "transports.stores": "Cache MemoryCache",
    "validate": "ConfigFault",
    "webhooks": (
        "AttemptOutcome Clock Delivery DeliveryRecord Endpoint EndpointCounts "
        "HTTPWebhookTransport Lease MemoryOutbox Message Outbox Pace Receipt SQLiteOutbox "
        "Schedule SeenIds SystemClock TestOutcome VerifiedWebhook WebhookMemory WebhookNotifier "
        "WebhookPayload WebhookReply WebhookRequest WebhookTransport new_secret verify_webhook"
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "Agent",
    "Answer",
    "Answered",
    "AttemptOutcome",
    "AuthenticationFailed",
    "BadRequest",
    "Box",
    "Budget",
    "BudgetExceeded",
    "Budgeted",
    "Cache",
    "Cached",
    "Calibration",
    "Case",
    "CaseFacts",
    "Cause",
    "Checkup",
    "Clock",
    "CodeMatter",
    "ConditionBasis",
    "Config",
    "ConfigError",
    "ConfigFault",
    "CostBook",
    "CostEstimate",
    "CostLine",
    "Deadline",
    "Decision",
    "Delivery",
    "DeliveryError",
    "DeliveryRecord",
    "Diagnosis",
    "DiagnosisAgent",
    "DiagnosisOverall",
    "Emergency",
    "EmergencyScreen",
    "Endpoint",
    "EndpointCounts",
    "EngineProfile",
    "EngineRecord",
    "Event",
    "Evidence",
    "EvidenceObservation",
    "Fallback",
    "FetchFailed",
    "Finding",
    "FrozenMap",
    "HTTPWebhookTransport",
    "Hold",
    "ImageRule",
    "IncompleteResult",
    "InspectIQError",
    "Inspection",
    "InspectionAgent",
    "InvalidWebhook",
    "Issue",
    "IssueObservation",
    "IssueType",
    "Lease",
    "Ledger",
    "LedgerEntry",
    "LedgerLine",
    "Level",
    "Limited",
    "Limits",
    "LocalBudget",
    "LocalRateLimiter",
    "Location",
    "Material",
    "MemoryCache",
    "MemoryOutbox",
    "Message",
    "ModelInfo",
    "ModelTable",
    "NetPolicy",
    "NspireProjection",
    "NullRateLimiter",
    "Observed",
    "Observer",
    "OfflineTransport",
    "OpenAITransport",
    "OtherCause",
    "Outbox",
    "OutputError",
    "OutputFiltered",
    "OutputInvalid",
    "OutputRefused",
    "OutputTruncated",
    "Pace",
    "Photo",
    "PhotoError",
    "PhotoFault",
    "PhotoOutcome",
    "PhotoRef",
    "PhotoVerdict",
    "PictureFile",
    "Preview",
    "Pricing",
    "Problem",
    "ProblemObservation",
    "ProgressBar",
    "Prompt",
    "Property",
    "Provenance",
    "ProviderTimeout",
    "ProviderUnavailable",
    "Quantity",
    "Question",
    "QuotaExhausted",
    "RateLimited",
    "RateLimiter",
    "RateSnapshot",
    "Receipt",
    "Reservation",
    "Result",
    "ResultSink",
    "Retry",
    "RetryBudget",
    "RetryDecision",
    "Review",
    "Rule",
    "Run",
    "SQLiteCache",
    "SQLiteOutbox",
    "Schedule",
    "Scope",
    "Screening",
    "SeenIds",
    "Settings",
    "Settlement",
    "Severity",
    "SeverityPolicy",
    "SeverityProfile",
    "Source",
    "Span",
    "StatedCost",
    "Summary",
    "Suspicion",
    "SystemClock",
    "Tax",
    "Taxonomy",
    "TestOutcome",
    "Threshold",
    "TimeLimit",
    "TradeFactor",
    "Transport",
    "TransportError",
    "Unclear",
    "UnsafeURL",
    "Usage",
    "VerifiedWebhook",
    "VisionRequest",
    "VisionResponse",
    "WebhookMemory",
    "WebhookNotifier",
    "WebhookPayload",
    "WebhookReply",
    "WebhookRequest",
    "WebhookTransport",
    "When",
    "WireObservation",
    "WordsOutcome",
    "Work",
    "WorkItem",
    "WorkingCalendar",
    "WrapperTransport",
    "__version__",
    "calibrate",
    "checked",
    "condition_basis",
    "content_hash",
    "current_run",
    "load_config",
    "new_secret",
    "nspire_projection",
    "regrade_all",
    "screen",
    "stack",
    "useful_life",
    "validate_config",
    "verify_webhook",
    "write_report",
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
