"""Agents: they plan what to ask, and absorb what came back."""

from inspectiq.agents.agent import Agent, Answer
from inspectiq.agents.case import Case
from inspectiq.agents.diagnosis import DiagnosisAgent
from inspectiq.agents.inspection import InspectionAgent
from inspectiq.agents.observations import (
    DiagnosisOverall,
    EvidenceObservation,
    IssueObservation,
    OtherCause,
    PhotoVerdict,
    ProblemObservation,
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
    "DiagnosisAgent",
    "DiagnosisOverall",
    "EvidenceObservation",
    "InspectionAgent",
    "IssueObservation",
    "OtherCause",
    "PhotoVerdict",
    "Preview",
    "ProblemObservation",
    "Prompt",
    "ResultSink",
    "Unclear",
    "WireModel",
    "WireObservation",
]
