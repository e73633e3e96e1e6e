import pickle
import traceback
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectiq import ConfigError, InspectionAgent, Settings

KEY = "sk-proj-abcdefghijkl"


def test_every_variable_is_read_from_what_it_is_given() -> None:
    settings = Settings.from_env(
        {
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": "http://localhost:8000/v1",
            "OPENAI_ORG_ID": "org-1",
            "OPENAI_PROJECT_ID": "proj-1",
            "OPENAI_MODEL": "gpt-4.1",
            "BACKEND_BASE_URL": "https://backend.example",
            "INSPECTION_WEBHOOK_URL": "https://hooks.example/i",
            "DIAGNOSIS_WEBHOOK_URL": "https://hooks.example/d",
            "APP_ENV": "Production",
            "LOG_LEVEL": "debug",
            "INSPECTIQ_ENGINE": "offline",
            "INSPECTIQ_RPM": "500",
            "INSPECTIQ_TPM": "30000",
            "INSPECTIQ_USD": "2.50",
            "INSPECTIQ_CALLS": "0",
            "INSPECTIQ_CONCURRENCY": "8",
            "INSPECTIQ_DEADLINE": "120",
            "INSPECTIQ_TIMEOUT": "0.5",
            "INSPECTIQ_CACHE": "answers.sqlite",
            "INSPECTIQ_LEDGER": "usage.jsonl",
            "INSPECTIQ_MODELS": "models.toml",
            "INSPECTIQ_WEBHOOK_SECRET": "whsec_abc",
            "INSPECTIQ_OUTBOX": "outbox.sqlite",
            "INSPECTIQ_PRIVATE_NETWORKS": "backend:8000, 10.0.0.0/8,",
            "INSPECTIQ_PORTS": "8000,9443",
            "INSPECTIQ_PROXY": "http://user:word@proxy:3128",
            "INSPECTIQ_CA_BUNDLE": "ca.pem",
            "PATH": "/usr/bin",
        }
    )
    assert settings.openai_api_key is not None
    assert settings.webhook_secret is not None
    assert settings.openai_api_key.get_secret_value() == KEY
    assert settings.webhook_secret.get_secret_value() == "whsec_abc"
    assert settings.proxy == "http://user:word@proxy:3128"
    assert settings.production
    assert settings.model_dump() == {
        "openai_base_url": "http://localhost:8000/v1",
        "organization": "org-1",
        "project": "proj-1",
        "openai_model": "gpt-4.1",
        "backend_base_url": "https://backend.example",
        "inspection_webhook_url": "https://hooks.example/i",
        "diagnosis_webhook_url": "https://hooks.example/d",
        "app_env": "production",
        "log_level": "DEBUG",
        "engine": "offline",
        "rpm": 500,
        "tpm": 30000,
        "usd": Decimal("2.50"),
        "calls": 0,
        "concurrency": 8,
        "deadline": 120.0,
        "timeout": 0.5,
        "cache": Path("answers.sqlite"),
        "ledger": Path("usage.jsonl"),
        "models": Path("models.toml"),
        "private_networks": ("backend:8000", "10.0.0.0/8"),
        "ports": (8000, 9443),
        "outbox": Path("outbox.sqlite"),
        "ca_bundle": Path("ca.pem"),
    }


def test_what_is_empty_is_not_set() -> None:
    empty = {name: " " for name, _ in Settings.list_variables()}
    assert Settings.from_env(empty) == Settings.from_env({}) == Settings()
    assert Settings().app_env == "development"
    assert not Settings().production


def test_the_environment_is_read_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSPECTIQ_RPM", "7")
    assert Settings.from_env().rpm == 7
    monkeypatch.setenv("INSPECTIQ_RPM", "8")
    assert Settings.from_env().rpm == 8


@pytest.mark.parametrize("base", ["https://b.example/x", "https://b.example/x/"])
def test_webhooks_follow_the_backend_where_they_have_no_address_of_their_own(base: str) -> None:
    settings = Settings.from_env(
        {"BACKEND_BASE_URL": base, "DIAGNOSIS_WEBHOOK_URL": "https://d.example"}
    )
    webhooks = "https://b.example/x/api/v1/webhooks"
    assert settings.inspection_webhook_url == f"{webhooks}/inspection-complete"
    assert settings.diagnosis_webhook_url == "https://d.example"
    assert (
        Settings(backend_base_url=base, inspection_webhook_url=None).inspection_webhook_url is None
    )


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("OPENAI_API_KEY", "sk-one sk-two", "without spaces"),
        ("OPENAI_API_KEY", "sk-one\nsk-two", "without spaces"),
        ("OPENAI_API_KEY", "sk-“quoted”", "without spaces"),
        ("INSPECTIQ_WEBHOOK_SECRET", "whsec\x00abc", "without spaces"),
        ("OPENAI_BASE_URL", "sk-in-the-wrong-place", "https://"),
        ("BACKEND_BASE_URL", "ftp://b.example", "https://"),
        ("BACKEND_BASE_URL", "https://?x", "https://"),
        ("BACKEND_BASE_URL", "https://b.example:port", "https://"),
        ("INSPECTION_WEBHOOK_URL", "https://b.example/a b", "https://"),
        ("APP_ENV", "live", "development, staging, production or test"),
        ("LOG_LEVEL", "LOUD", "DEBUG, INFO"),
        ("INSPECTIQ_RPM", "0", "a whole number from 1"),
        ("INSPECTIQ_TPM", "many", "a whole number from 1"),
        ("INSPECTIQ_CALLS", "1.5", "a whole number"),
        ("INSPECTIQ_USD", "NaN", "dollars"),
        ("INSPECTIQ_USD", "-1", "dollars"),
        ("INSPECTIQ_DEADLINE", "inf", "above 0"),
        ("INSPECTIQ_TIMEOUT", "0", "above 0"),
        ("INSPECTIQ_PORTS", "8000;9443", "separated by commas"),
        ("INSPECTIQ_PORTS", "99999", "ports"),
        ("INSPECTIQ_PROXY", "socks5://user:word@proxy", "https://"),
    ],
)
def test_a_wrong_value_names_its_variable_and_what_it_takes_and_is_not_shown(
    variable: str, value: str, words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.from_env({variable: value})
    said = "".join(traceback.format_exception(caught.value, limit=0))
    assert f"{variable} takes" in said
    assert words in said
    assert value not in said or len(value) < 3  # a digit may stand in any message
    assert caught.value.__context__ is None


def test_all_that_is_wrong_is_named_at_once_and_nothing_else() -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.from_env({"INSPECTIQ_RPM": "x", "BACKEND_BASE_URL": "x", "OPENAI_API_KEY": KEY})
    assert str(caught.value).count(" takes ") == 2


def test_a_key_loses_the_space_around_it_also_when_it_is_given_in_code() -> None:
    for settings in (
        Settings.from_env({"OPENAI_API_KEY": f" {KEY}\n"}),
        Settings.model_validate({"openai_api_key": f"{KEY}\n"}),
    ):
        assert settings.openai_api_key is not None
        assert settings.openai_api_key.get_secret_value() == KEY


def test_secrets_and_addresses_are_not_shown() -> None:
    address = "https://user:word@hooks.example/T0/secret"
    settings = Settings.from_env(
        {
            "OPENAI_API_KEY": KEY,
            "INSPECTIQ_WEBHOOK_SECRET": KEY,
            "OPENAI_BASE_URL": address,
            "INSPECTION_WEBHOOK_URL": address,
            "INSPECTIQ_PROXY": address,
        }
    )
    for shown in (repr(settings), str(settings)):
        assert KEY not in shown
        assert "secret" not in shown.replace("webhook_secret", "")
    assert KEY not in settings.model_dump_json()
    with pytest.raises(ConfigError) as caught:
        Settings.model_validate({"openai_api_key": f"{KEY} x"})
    assert KEY not in str(caught.value)


def test_settings_pickle_with_their_secrets() -> None:
    settings = Settings.from_env({"OPENAI_API_KEY": KEY, "INSPECTIQ_USD": "1"})
    assert pickle.loads(pickle.dumps(settings)) == settings


@pytest.mark.parametrize(
    ("misspelt", "hint"),
    [("INSPECTIQ_RMP", "did you mean INSPECTIQ_RPM"), ("INSPECTIQ_WORKERS_9Z", "INSPECTIQ_")],
)
def test_an_unknown_variable_warns_and_the_nearest_name_is_suggested(
    misspelt: str, hint: str
) -> None:
    with pytest.warns(UserWarning, match=hint) as caught:
        Settings.from_env({misspelt: "1", "OTHER_RPM": "1"})
    assert len(caught) == 1
    assert misspelt in str(caught[0].message)
    assert caught[0].filename == __file__


def test_every_variable_says_what_it_takes_and_stands_in_the_documentation() -> None:
    assert len(Settings.list_variables()) == len(Settings.model_fields)
    for variable, takes in Settings.list_variables():
        assert f"`{variable}`" in (Settings.__doc__ or "")
        assert takes


@given(
    st.dictionaries(
        st.sampled_from([name for name, _ in Settings.list_variables()]), st.text(max_size=20)
    )
)
def test_whatever_the_environment_holds_settings_come_or_a_fault_of_configuration(
    environ: dict[str, Any],
) -> None:
    try:
        settings = Settings.from_env(environ)
    except ConfigError:
        return
    assert Settings.model_validate(dict(settings)) == settings


def test_a_warning_of_an_agent_points_at_the_line_that_made_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("INSPECTIQ_ENGIN", "offline")
    with pytest.warns(UserWarning, match="INSPECTIQ_ENGIN is not known") as caught:
        InspectionAgent("offline")
    assert {one.filename for one in caught} == {__file__}
