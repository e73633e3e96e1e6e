"""The engine for OpenAI's API and servers that speak it. Imports the SDK on first use."""

from inspectiq.transports._openai.transport import OpenAITransport

__all__ = ["OpenAITransport"]
