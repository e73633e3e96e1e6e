"""How bad a finding is, and by when what must be done: dated profiles, and the policy."""

from inspectiq.severity.assumptions import severity_page
from inspectiq.severity.deadlines import Span, TimeLimit
from inspectiq.severity.nspire import NspireProjection, nspire_projection
from inspectiq.severity.policy import SeverityPolicy
from inspectiq.severity.profile import Assignment, Level, SeverityProfile, Threshold
from inspectiq.severity.rules import Rule, When
from inspectiq.severity.working_days import WorkingCalendar

__all__ = [
    "Assignment",
    "Level",
    "NspireProjection",
    "Rule",
    "SeverityPolicy",
    "SeverityProfile",
    "Span",
    "Threshold",
    "TimeLimit",
    "When",
    "WorkingCalendar",
    "nspire_projection",
    "severity_page",
]
