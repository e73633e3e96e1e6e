"""Engines, and the wrappers that compose into a call stack."""

from inspectiq.transports.base import (
    EngineProfile,
    RequestPhoto,
    Transport,
    VisionRequest,
    VisionResponse,
    WrapperTransport,
)
from inspectiq.transports.checking import Checked, check_response, checked
from inspectiq.transports.engines import ENGINES, resolve
from inspectiq.transports.stacking import stack

__all__ = [
    "ENGINES",
    "Checked",
    "EngineProfile",
    "RequestPhoto",
    "Transport",
    "VisionRequest",
    "VisionResponse",
    "WrapperTransport",
    "check_response",
    "checked",
    "resolve",
    "stack",
]
