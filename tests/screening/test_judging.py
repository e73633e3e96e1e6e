"""A screen judged by messages of one's own."""

from pathlib import Path

import pytest

from inspectiq import ConfigError
from inspectiq._cli import main
from inspectiq.screening import EmergencyScreen
from inspectiq.screening._judging import judge_messages, read_messages, render_figures, render_share

SCREEN = EmergencyScreen.default()
MESSAGES = """kinds,text,language
gas_smell,"I smell gas, come quickly",en
"fire,hurt_or_trapped",There is a fire and my dad is unconscious,
flooding,the cat is fine,
none,The kitchen faucet drips,en
none,hay un incendio en la cocina,es
none,Da tropft etwas,de
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "messages.csv"
    path.write_text(MESSAGES, encoding="utf-8")
    return path


def test_messages_are_read_with_their_lines(file: Path, tmp_path: Path) -> None:
    messages = read_messages(file, SCREEN)
    assert [message.line for message in messages] == [2, 3, 4, 5, 6, 7]
    assert messages[1].kinds == ("fire", "hurt_or_trapped")
    assert (messages[3].kinds, messages[3].language) == ((), "en")
    tabs = tmp_path / "messages.tsv"
    tabs.write_text('# said "so"\nkinds\ttext\nfire\ta "quoted" word\n', encoding="utf-8")
    (one,) = read_messages(tabs, SCREEN)
    assert (one.line, one.text) == (3, 'a "quoted" word')


def test_what_was_found_what_was_false_and_where(file: Path) -> None:
    lines = [*render_figures(judge_messages(SCREEN, read_messages(file, SCREEN)), SCREEN)]
    told = "\n".join(lines)
    assert "emergencies found       2 of 3, 66.7%" in told
    assert "right kind first        2 of 2, 100.0%" in told
    assert "false alarms            1 of 3, 33.3%" in told
    assert "not screened            1 of 6, 16.7%" in told
    assert "missed in lines 4" in told
    assert "false in lines 6" in told
    (gas,) = (line.split() for line in lines if line.startswith("gas_smell"))
    assert gas == ["gas_smell", "1", "1", "1", "0"]


def test_the_command_line_prints_it(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screen", "--eval", str(file)]) == 0
    assert "emergencies found       2 of 3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("text\nx\n", "line 1: no column kinds"),
        ("", "line 1: no column kinds and text"),
        ("kinds,text\nfire,x\nbees,y\n", "line 3: there is no 'bees'; use fire, "),
        ("kinds,text\n,x\n", "line 2: no kinds; write `none`"),
        ('kinds,text\n"fire,none",x\n', "line 2: there is no 'none'"),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "messages.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_messages(path, SCREEN)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_share_has_an_interval() -> None:
    assert render_share(0, 0) == "none to judge by"
    assert render_share(9, 10) == "9 of 10, 90.0% (59.6% to 98.2%)"
