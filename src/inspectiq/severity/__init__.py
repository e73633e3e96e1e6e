"""How bad a finding is: levels, and the policy that decides."""

from inspectiq.severity.policy import Level, SeverityPolicy

__all__ = ["Level", "SeverityPolicy"]
