"""An engine that needs no key and no network."""

from inspectiq.transports._offline.detector import Detection, Detector, Region
from inspectiq.transports._offline.engine import OfflineTransport

__all__ = ["Detection", "Detector", "OfflineTransport", "Region"]
