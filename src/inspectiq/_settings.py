"""Reads settings from the environment."""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from inspectiq._log import warn_caller
from inspectiq._refusals import validate_raw
from inspectiq._taking import require
from inspectiq._values import Value
from inspectiq.errors import ConfigError

__all__ = ["Settings"]

PREFIX = "INSPECTIQ_"


def _check_secret(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value().strip()
    if not (text.isascii() and text.isprintable() and text and " " not in text):
        raise ValueError("not a secret that a header can hold")
    return SecretStr(text)


def _check_url(url: str) -> str:
    parts = urlsplit(url)
    well_formed = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    if not well_formed or " " in url or not url.isprintable():
        raise ValueError("not a web address")
    return url


def _check_level(level: str) -> str:
    if level.upper() not in logging.getLevelNamesMapping():
        raise ValueError("not a level")
    return level.upper()


def _lower_case(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _split_list(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _build_webhook_url(fields: Mapping[str, Any], event: str) -> str | None:
    base: str | None = fields.get("backend_base_url")
    return f"{base.rstrip('/')}/api/v1/webhooks/{event}" if base else None


Secret = Annotated[SecretStr, AfterValidator(_check_secret)]
Url = Annotated[str, AfterValidator(_check_url)]
Environment = Annotated[
    Literal["development", "staging", "production", "test"], BeforeValidator(_lower_case)
]

_KEY = "a key without spaces or control characters"
_URL = "an address that begins with https:// or http://"


class Settings(Value):
    """Settings from the environment, for arguments that were not given in code.

    Secrets and addresses are not shown; secrets do not go to JSON either.

    Attributes:
        openai_api_key: `OPENAI_API_KEY`.
        openai_base_url: `OPENAI_BASE_URL`, of a server that speaks OpenAI's protocol.
        organization: `OPENAI_ORG_ID`.
        project: `OPENAI_PROJECT_ID`.
        openai_model: `OPENAI_MODEL`, such as `gpt-6-luna`.
        backend_base_url: `BACKEND_BASE_URL`, the base of both webhooks.
        inspection_webhook_url: `INSPECTION_WEBHOOK_URL`; else
            `{BACKEND_BASE_URL}/api/v1/webhooks/inspection-complete`.
        diagnosis_webhook_url: `DIAGNOSIS_WEBHOOK_URL`; else
            `{BACKEND_BASE_URL}/api/v1/webhooks/diagnosis-complete`.
        app_env: `APP_ENV`: development, staging, production or test.
        log_level: `LOG_LEVEL`; applied by the command line, never by the library.
        engine: `INSPECTIQ_ENGINE`, such as `openai:gpt-6-luna` or `offline`.
        rpm: `INSPECTIQ_RPM`, requests a minute.
        tpm: `INSPECTIQ_TPM`, tokens a minute.
        usd: `INSPECTIQ_USD`, dollars that a run may spend.
        calls: `INSPECTIQ_CALLS`, calls that a run may make.
        concurrency: `INSPECTIQ_CONCURRENCY`, calls of an agent at once.
        deadline: `INSPECTIQ_DEADLINE`, seconds that a run may take.
        timeout: `INSPECTIQ_TIMEOUT`, seconds that a call may take.
        cache: `INSPECTIQ_CACHE`, the SQLite file of cached answers.
        ledger: `INSPECTIQ_LEDGER`, the file of a `Ledger`.
        models: `INSPECTIQ_MODELS`, the file of a `ModelTable`, over the one that ships.
        webhook_secret: `INSPECTIQ_WEBHOOK_SECRET`, which webhooks are signed with; several that
            are live are separated by commas.
        outbox: `INSPECTIQ_OUTBOX`, the SQLite file of webhooks that wait.
        private_networks: `INSPECTIQ_PRIVATE_NETWORKS`, hosts and networks that `NetPolicy` opens.
        ports: `INSPECTIQ_PORTS`, ports that `NetPolicy` allows.
        proxy: `INSPECTIQ_PROXY`, which webhooks and photos by URL go through.
        ca_bundle: `INSPECTIQ_CA_BUNDLE`, the file of certificates that these trust as well.
    """

    # A pydantic error would show a key that has a space in it.
    model_config: ClassVar[ConfigDict] = ConfigDict(hide_input_in_errors=True)

    openai_api_key: Annotated[
        Secret | None, Field(title="OPENAI_API_KEY", description=_KEY, exclude=True)
    ] = None
    openai_base_url: Annotated[
        Url | None, Field(title="OPENAI_BASE_URL", description=_URL, repr=False)
    ] = None
    organization: Annotated[
        str | None, Field(title="OPENAI_ORG_ID", description="the id of an organization")
    ] = None
    project: Annotated[
        str | None, Field(title="OPENAI_PROJECT_ID", description="the id of a project")
    ] = None
    openai_model: Annotated[
        str | None, Field(title="OPENAI_MODEL", description="a model, such as gpt-6-luna")
    ] = None
    backend_base_url: Annotated[
        Url | None, Field(title="BACKEND_BASE_URL", description=_URL, repr=False)
    ] = None
    inspection_webhook_url: Annotated[
        Url | None, Field(title="INSPECTION_WEBHOOK_URL", description=_URL, repr=False)
    ] = Field(default_factory=lambda fields: _build_webhook_url(fields, "inspection-complete"))
    diagnosis_webhook_url: Annotated[
        Url | None, Field(title="DIAGNOSIS_WEBHOOK_URL", description=_URL, repr=False)
    ] = Field(default_factory=lambda fields: _build_webhook_url(fields, "diagnosis-complete"))
    app_env: Annotated[
        Environment, Field(title="APP_ENV", description="development, staging, production or test")
    ] = "development"
    log_level: Annotated[
        str,
        AfterValidator(_check_level),
        Field(title="LOG_LEVEL", description="DEBUG, INFO, WARNING, ERROR or CRITICAL"),
    ] = "WARNING"
    engine: Annotated[
        str | None, Field(title="INSPECTIQ_ENGINE", description="an engine, such as offline")
    ] = None
    rpm: Annotated[
        int | None,
        Field(title="INSPECTIQ_RPM", description="requests a minute, a whole number from 1", ge=1),
    ] = None
    tpm: Annotated[
        int | None,
        Field(title="INSPECTIQ_TPM", description="tokens a minute, a whole number from 1", ge=1),
    ] = None
    usd: Annotated[
        Decimal | None,
        Field(title="INSPECTIQ_USD", description="dollars for a run, from 0, such as 2.50", ge=0),
    ] = None
    calls: Annotated[
        int | None,
        Field(title="INSPECTIQ_CALLS", description="calls for a run, a whole number from 0", ge=0),
    ] = None
    concurrency: Annotated[
        int | None,
        Field(
            title="INSPECTIQ_CONCURRENCY",
            description="calls of a run at once, a whole number from 1",
            ge=1,
        ),
    ] = None
    deadline: Annotated[
        float | None,
        Field(title="INSPECTIQ_DEADLINE", description="seconds for a run, above 0", gt=0),
    ] = None
    timeout: Annotated[
        float | None,
        Field(title="INSPECTIQ_TIMEOUT", description="seconds for a call, above 0", gt=0),
    ] = None
    cache: Annotated[
        Path | None, Field(title="INSPECTIQ_CACHE", description="the path of an SQLite cache")
    ] = None
    ledger: Annotated[
        Path | None, Field(title="INSPECTIQ_LEDGER", description="the path of a ledger")
    ] = None
    models: Annotated[
        Path | None, Field(title="INSPECTIQ_MODELS", description="the path of a table of models")
    ] = None
    webhook_secret: Annotated[
        Secret | None, Field(title="INSPECTIQ_WEBHOOK_SECRET", description=_KEY, exclude=True)
    ] = None
    outbox: Annotated[
        Path | None, Field(title="INSPECTIQ_OUTBOX", description="the path of an SQLite outbox")
    ] = None
    private_networks: Annotated[
        tuple[str, ...],
        BeforeValidator(_split_list),
        Field(
            title="INSPECTIQ_PRIVATE_NETWORKS",
            description="hosts and networks, separated by commas, such as backend:8000,10.0.0.0/8",
        ),
    ] = ()
    ports: Annotated[
        tuple[Annotated[int, Field(ge=1, le=65_535)], ...],
        BeforeValidator(_split_list),
        Field(title="INSPECTIQ_PORTS", description="ports, separated by commas, such as 8000,9443"),
    ] = ()
    proxy: Annotated[
        Url | None, Field(title="INSPECTIQ_PROXY", description=_URL, repr=False, exclude=True)
    ] = None
    ca_bundle: Annotated[
        Path | None,
        Field(title="INSPECTIQ_CA_BUNDLE", description="the path of certificates in PEM form"),
    ] = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Reads the variables; an empty one counts as not set.

        Args:
            environ: Where to read; None for `os.environ` as it is now.

        Raises:
            ConfigError: A variable has a wrong value.

        Warns:
            UserWarning: An `INSPECTIQ_*` variable that does not exist, likely misspelt.
        """
        environ = os.environ if environ is None else environ
        require(environ, Mapping, "environ", "give a mapping of variables to text")
        for name, value in environ.items():
            require(value, str, f"environ[{name!r}]", "give text")
        _warn_of_others(environ, [variable for variable, _ in cls.list_variables()])
        given = {
            name: value
            for name, field in cls.model_fields.items()
            if (value := environ.get(field.title or "", "").strip())
        }
        try:
            return validate_raw(cls, given)
        except ValidationError as error:
            wrong = given.keys() & {str(problem["loc"][0]) for problem in error.errors()}
        # Outside of the handler, so that no error that saw a secret hangs on to this one.
        raise ConfigError(
            "; ".join(
                f"the environment variable {field.title} takes {field.description}, and has "
                "something else"
                for name, field in cls.model_fields.items()
                if name in wrong
            )
        )

    @classmethod
    def list_variables(cls) -> tuple[tuple[str, str], ...]:
        """Lists each variable's name and what it takes."""
        fields = cls.model_fields.values()
        return tuple((field.title or "", field.description or "") for field in fields)

    @property
    def production(self) -> bool:
        """Whether `APP_ENV` is production."""
        return self.app_env == "production"


def _warn_of_others(environ: Iterable[str], variables: Iterable[str]) -> None:
    known = [variable for variable in variables if variable.startswith(PREFIX)]
    ends = [variable.removeprefix(PREFIX) for variable in known]
    for name in environ:
        if not name.startswith(PREFIX) or name in known:
            continue
        near = difflib.get_close_matches(name.removeprefix(PREFIX), ends, n=1)
        hint = f"did you mean {PREFIX}{near[0]}?" if near else f"the names are {', '.join(known)}"
        warn_caller(f"the environment variable {name} is not known; {hint}")
