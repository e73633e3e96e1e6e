"""Agents: they plan what to ask, and absorb what came back."""

from inspectiq.agents.agent import Agent, Answer
from inspectiq.agents.case import Case
from inspectiq.agents.inspection import InspectionAgent
from inspectiq.agents.observations import (
    EvidenceObservation,
    IssueObservation,
    PhotoVerdict,
    Unclear,
    WireModel,
    WireObservation,
)
from inspectiq.agents.preview import Preview
from inspectiq.agents.prompts import Prompt
from inspectiq.agents.sinks import ResultSink

__all__ = [
    "Agent",
    "Answer",
    "Case",
    "EvidenceObservation",
    "InspectionAgent",
    "IssueObservation",
    "PhotoVerdict",
    "Preview",
    "Prompt",
    "ResultSink",
    "Unclear",
    "WireModel",
    "WireObservation",
]
