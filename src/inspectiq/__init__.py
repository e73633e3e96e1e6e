"""inspectiq: property photos in, findings that stand up in a dispute out.

The names here are the common ones. The rest is in rooms: `inspectiq.severity`, `.costs`, `.limits`,
`.transports`, `.webhooks`, and so on. Each lists what it exports in its `__init__.pyi`.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
