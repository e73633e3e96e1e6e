"""What the command line says of what it is given: wrong values, wrong kinds of thing, its help."""

import json
import re
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspectiq import InspectionAgent
from inspectiq._cli import main
from inspectiq._cli.arguments import build_parser
from inspectiq._cli.wording import to_command_words
from inspectiq.limits import Ledger
from tests.transports.openai.stand_in import StandIn, failure

Say = Callable[..., tuple[int, str]]

OFFLINE = ("--engine", "offline")
ONE_LINE = re.compile(r"inspectiq: [^\n]+\n")
PYTHON = re.compile(r"[A-Za-z]+\(|[a-z_]+=|Traceback|\.py\b|Error\b|Transport of your own")


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Runs a command; gives its exit code and what it said on standard error."""
    for name in ("OPENAI_API_KEY", "OPENAI_MODEL", "INSPECTIQ_ENGINE"):
        monkeypatch.delenv(name, raising=False)

    def say(*argv: object) -> tuple[int, str]:
        code = main([*map(str, argv)])
        caught = capsys.readouterr()
        assert "inspectiq:" not in caught.out
        return code, caught.err

    return say


@pytest.fixture
def things(tmp_path: Path, samples: Path) -> Path:
    """A folder with a thing of each kind."""
    (tmp_path / "photo.jpg").write_bytes((samples / "kitchen" / "kitchen.jpg").read_bytes())
    (tmp_path / "words.txt").write_text("I smell gas")
    (tmp_path / "data.json").write_text("{}")
    (tmp_path / "none.jsonl").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "severity.toml").write_text(
        'name = "ours"\nversion = "1"\nbase = "house"\n'
    )
    return tmp_path


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--country", "ZZ"), "--country ZZ: there is no such country"),
        (("--country", "uk"), "did you mean GB?"),
        (("--country", ""), "--country is empty"),
        (("--language", "xx"), "--language xx: there is no such language"),
        (("--language", "en_US"), "did you mean en-US?"),
        (("--language", "English"), "did you mean en?"),
        (("--state", "Californa"), "did you mean California?"),
        (("--state", "Q9", "--country", "US"), "it has AK, AL"),
        (("--reported-at", "yesterday"), "--reported-at yesterday: this is no time"),
        (("--inspected-at", "2026-03-02T10:00"), "the time zone is missing"),
        (("--case-id", " "), "--case-id is empty"),
        (("--case-id", "x" * 201), "--case-id: "),
        (("--usd", "nan"), "--usd nan is no amount of dollars"),
        (("--deadline", "0"), "--deadline 0 is no length of time"),
        (("--deadline", "soon"), "--deadline soon is no length of time"),
        (("--detail", "low"), "--detail low is for --engine openai:MODEL"),
        (("--severity", "nspir"), "use one of house, nspire"),
        (("--severity", "no.toml"), "no.toml: the severity profile cannot be read"),
        (("--engine", "oracle"), "--engine oracle: unknown engine"),
        (("--engine", "offline:big"), "give --engine offline"),
        (("--engine", "openai:gpt-4.1"), "set OPENAI_API_KEY, or give --engine offline"),
        (("--engine", "openai"), "--engine openai:gpt-6-luna"),
    ],
)
@pytest.mark.parametrize("command", ["inspect", "diagnose"])
def test_a_wrong_value_is_told_by_its_option(
    things: Path, say: Say, command: str, options: tuple[str, ...], words: str
) -> None:
    code, said = say(command, things / "photo.jpg", *OFFLINE, *options)
    assert code == 2
    assert ONE_LINE.fullmatch(said)
    assert words in said
    assert not PYTHON.search(said.replace("(FileNotFoundError)", ""))


@pytest.mark.parametrize("options", [("--country", "us"), ("--language", "es-MX")])
def test_what_is_meant_is_plain_enough(things: Path, say: Say, options: tuple[str, ...]) -> None:
    assert say("inspect", things / "photo.jpg", *OFFLINE, "--quiet", *options) == (1, "")


def test_a_state_of_another_country_is_no_fault(things: Path, say: Say) -> None:
    place = ("--state", "Kent", "--country", "GB")
    assert say("inspect", things / "photo.jpg", *OFFLINE, "--quiet", *place) == (1, "")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("inspect", "photo.jgp", *OFFLINE), "did you mean photo.jpg?"),
        (("inspect", "confg", *OFFLINE), "did you mean config?"),
        (("inspect", "no/such/*.jpg", *OFFLINE), "nothing matches no/such/*.jpg"),
        (("inspect", "", *OFFLINE), "an empty path"),
        (("inspect", "words.txt", *OFFLINE), "words.txt is no photo"),
        (("inspect", "data.json", *OFFLINE), "`inspectiq regrade` takes a stored result"),
        (("inspect", "empty", *OFFLINE), "in 'empty'; give photos, folders or globs"),
        (("inspect", "https://x.example/a.jpg?key=1", *OFFLINE), "by URL are not fetched"),
        (("inspect", "photo.jpg", *OFFLINE, "--config", "confi"), "did you mean config?"),
        (("inspect", "photo.jpg", *OFFLINE, "--config", "empty"), "holds no configuration"),
        (("inspect", "photo.jpg", *OFFLINE, "--config", "photo.jpg"), "photo.jpg is a file"),
        (("inspect", "photo.jpg", *OFFLINE, "--cache", "photo.jpg"), "no SQLite database"),
        (("inspect", "photo.jpg", *OFFLINE, "--ledger", "photo.jpg"), "is no ledger"),
        (("inspect", "photo.jpg", *OFFLINE, "--severity", "photo.jpg"), "not UTF-8"),
        (("inspect", "photo.jpg", *OFFLINE, "--out", "photo.jpg"), "give another --out"),
        (("diagnose", "my tap drips", *OFFLINE), "words go into --description"),
        (("diagnose", *OFFLINE), "give photos, --description, or both"),
        (("usage", "photo.jpg"), "photo.jpg is no ledger"),
        (("usage", "data.json"), "data.json is no ledger"),
        (("usage", "empty"), "the file that --ledger wrote"),
        (("usage", "none.jsonl", "--by", "tenant"), "--by takes model, day or tag:NAME"),
        (("validate", "empty"), "empty holds no configuration, it is empty"),
        (("validate", "photo.jpg"), "photo.jpg is a file"),
        (("validate", "nowhere"), "there is no folder nowhere"),
        (("screen", "words.txt"), "words.txt is a file"),
        (("screen", "gas", "--language", "xx"), "--language xx"),
        (("screen", "gas", "--country", "ZZ"), "--country ZZ"),
        (("screen", "gas", "--config", "empty"), "holds no configuration"),
        (("screen", "--eval", "photo.jpg"), "not UTF-8"),
        (("costs", "--config", "empty"), "holds no configuration"),
        (("costs", "--type", "drywal_crack"), "did you mean drywall_crack?"),
        (("costs", "--state", "Californa"), "did you mean California?"),
        (("taxonomy", "--group", "rooof"), "use one of structure"),
        (("check", "--photo-urls", "photo.jpg"), "not UTF-8"),
        (("regrade", "photo.jpg", "--severity", "house"), "is no result of inspectiq"),
        (("regrade", "words.txt", "--severity", "house"), "is no result of inspectiq"),
        (("regrade", "data.json", "--severity", "house"), "is no result of inspectiq"),
        (("regrade", "empty", "--severity", "house"), "empty is a folder"),
        (("webhooks", "list", "--outbox", "photo.jpg"), "no SQLite database"),
        (("webhooks", "list", "--outbox", "empty"), "there is no outbox empty"),
    ],
)
def test_every_command_says_what_is_wrong_with_the_wrong_kind_of_thing(
    things: Path,
    say: Say,
    monkeypatch: pytest.MonkeyPatch,
    argv: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.chdir(things)
    before = (things / "photo.jpg").read_bytes()
    code, said = say(*argv)
    assert code == 2
    assert ONE_LINE.fullmatch(said)
    assert words in said
    assert not PYTHON.search(re.sub(r"\(\w+Error\)", "", said))
    assert (things / "photo.jpg").read_bytes() == before


@pytest.mark.parametrize("argv", [("screen", "-"), ("check", "--photo-urls", "-")])
def test_a_photo_on_standard_input_is_no_text(
    things: Path, say: Say, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...]
) -> None:
    for errors in ("strict", "surrogateescape"):
        with (things / "photo.jpg").open(encoding="utf-8", errors=errors) as photo:
            monkeypatch.setattr(sys, "stdin", photo)
            code, said = say(*argv)
            assert (code, "no text" in said) == (2, True)


def test_one_path_of_several_that_is_not_there_is_told_and_the_rest_goes_on(
    things: Path, say: Say
) -> None:
    gone = things / "gone.jpg"
    code, said = say("inspect", things / "photo.jpg", gone, *OFFLINE, "--quiet")
    assert code == 1
    assert said == f"inspectiq: there is no file or folder {gone}; the rest goes on\n"


def test_a_warning_is_one_line_without_a_line_of_code(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSPECTIQ_ENGIN", "offline")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        code, said = say("check", *OFFLINE)
    assert code == 0
    assert said == (
        "inspectiq: warning: the environment variable INSPECTIQ_ENGIN is not known; did you mean "
        "INSPECTIQ_ENGINE?\n"
    )


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("the deadline has passed; allow a longer deadline", "give a longer --deadline"),
        ("give NetPolicy(private=('crm:80',)) or INSPECTIQ_PRIVATE_NETWORKS", "=crm:80"),
        ("it does not allow this call; raise its `usd`, or send fewer", "give a larger --usd"),
        ("check NetPolicy(proxy=...) or INSPECTIQ_PROXY", "check INSPECTIQ_PROXY"),
        ("no such type; add it with taxonomy.with_types(...)", "add it to taxonomy.toml"),
        ("by is 'model', 'day', 'tag:NAME' or None", "--by takes model, day or tag:NAME"),
        ("there is no endpoint for webhooks; give a URL, or set X", "webhooks; set X"),
        (
            "give the engine pricing=Pricing(input=..., output=...), or add it to a file",
            "add it to a file",
        ),
        ("not known; give pricing=Pricing(...), or limit calls", "set INSPECTIQ_CALLS"),
        ("the case cannot be made: property.state: too long", "--state: too long"),
    ],
)
def test_messages_speak_of_options_and_settings(message: str, words: str) -> None:
    said = to_command_words(message)
    assert words in said
    assert not PYTHON.search(said.replace("INSPECTIQ_PRIVATE_NETWORKS=", ""))


def _list_parsers(parser: Any) -> list[Any]:
    below = [
        one
        for action in parser._actions
        if isinstance(action.choices, dict)
        for one in action.choices.values()
    ]
    return [parser, *(inner for one in below for inner in _list_parsers(one))]


def test_every_help_names_every_exit_code() -> None:
    parsers = _list_parsers(build_parser())
    assert len(parsers) > 20
    for parser in parsers:
        codes = re.findall(r"^  (\d+) ", parser.format_help(), re.MULTILINE)
        assert codes in (["0", "2", "3", "130"], ["0", "1", "2", "3", "130"]), parser.prog


@pytest.mark.parametrize(
    "argv",
    [
        ("taxonomy",),
        ("costs",),
        ("costs", "--type", "crack_kind_unknown"),
        ("validate", "config"),
        ("inspect", "photo.jpg", *OFFLINE, "--preview"),
        ("check", *OFFLINE),
        ("screen", "hello"),
        ("usage", "ledger.jsonl"),
        ("screen", "--eval", "messages.csv"),
    ],
)
def test_each_listing_is_json_as_well(
    things: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    argv: tuple[str, ...],
) -> None:
    monkeypatch.chdir(things)
    (things / "ledger.jsonl").touch()
    (things / "messages.csv").write_text("kinds,text\ngas_smell,I smell gas\nnone,hello\n")
    main([*argv, "--json"])
    assert isinstance(json.loads(capsys.readouterr().out), dict | list)


def test_a_tag_that_no_entry_has_is_said(things: Path, say: Say) -> None:
    ledger = Ledger(things / "ledger.jsonl")
    agent = InspectionAgent("offline", observers=[ledger])
    agent.inspect(things / "photo.jpg", tags={"client": "acme"})
    code, said = say("usage", things / "ledger.jsonl", "--by", "tag:nope")
    assert (code, said) == (0, "inspectiq: no entry of the ledger has a tag 'nope'\n")
    assert say("usage", things / "ledger.jsonl", "--by", "tag:client") == (0, "")


def test_a_server_without_the_path_is_told_with_the_setting_of_the_command_line(
    things: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    with StandIn(lambda _: failure(404)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-of-nobody-1234")
        code, said = say("inspect", things / "photo.jpg", "--engine", "openai:gpt-4.1", "--quiet")
    assert code == 3
    assert 'say so (api = "chat") of the model in the table that INSPECTIQ_MODELS names' in said
    assert "api='chat'" not in said


def test_the_version_is_an_option_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    option = capsys.readouterr().out
    main(["version"])
    assert capsys.readouterr().out == option
