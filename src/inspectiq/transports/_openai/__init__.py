"""The OpenAI engine, and every server that speaks its API. Imports the SDK on first use."""

from inspectiq.transports._openai.transport import OpenAITransport

__all__ = ["OpenAITransport"]
