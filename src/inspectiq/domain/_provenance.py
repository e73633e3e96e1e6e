"""The provenance of a result: the agent, its prompt and rules, and the engines that answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from inspectiq._values import FROZEN, FrozenMap, Value
from inspectiq.domain._agreement import Keep

__all__ = ["EngineRecord", "Provenance", "SecondLookRecord"]


class EngineRecord(Value):
    """An engine that answered.

    Attributes:
        provider: Such as `openai` or `offline`.
        model: As the engine returned it.
        identity: Hash of all that decides its answers (provider, model, sampling, image rule).
        groups: The taxonomy groups that it can see; None for all of them (else it is a triage).
        looks_for: What a triage looks for within its groups, in plain words.
    """

    provider: str
    model: str
    identity: str
    groups: tuple[str, ...] | None = None
    looks_for: str | None = None


class SecondLookRecord(Value):
    """A second look at photos that seemed clean, or whose findings were unsure.

    Attributes:
        prompt: Name of its question.
        prompt_sha256: Content hash of the question, which was added to the instructions.
        engine: Identity of the engine that was asked.
        unsure_below: The stated confidence below which a finding had its photos looked at again.
    """

    prompt: str
    prompt_sha256: str
    engine: str
    unsure_below: Annotated[float, Field(ge=0, le=1)] = 0.0


class Provenance(Value):
    """The agent, prompt, rules and engines that made a result, so that it can be made again.

    Attributes:
        ai_generated: Marks for programs that a machine generated the findings and their texts;
            what people decided stands in each finding's `reviews`.
        inspectiq: Version of the package.
        agent: Class of the agent.
        prompt: Name and version of the prompt.
        prompt_sha256: Content hash of the instructions as they were sent.
        schema_sha256: Content hash of the schema of the answers.
        taxonomy_sha256: Content hash of the taxonomy.
        severity_sha256: Content hash of the severity policy.
        cost_book_sha256: Content hash of the cost book; None where none was used.
        taxonomy: Name and version of the taxonomy.
        severity: Name and version of the severity policy.
        groups: Labels of the taxonomy's groups, by key.
        reads: How often each photo was asked to be read.
        keep: What was kept of several reads.
        second_look: The second look at photos that seemed clean; None where there was none.
        engines: Every engine that answered for a photo.
    """

    ai_generated: Literal[True] = True
    inspectiq: str
    agent: str
    prompt: str
    prompt_sha256: str
    schema_sha256: str
    taxonomy: str
    taxonomy_sha256: str
    severity: str
    severity_sha256: str
    cost_book: str | None = None
    cost_book_sha256: str | None = None
    groups: Annotated[Mapping[str, str], FROZEN] = FrozenMap()
    reads: Annotated[int, Field(ge=1)] = 1
    keep: Keep = "union"
    second_look: SecondLookRecord | None = None
    engines: tuple[EngineRecord, ...] = ()
