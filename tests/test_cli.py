import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from inspectiq import Inspection, __version__
from inspectiq._cli import main


def test_a_folder_of_photos_gives_a_report_and_every_photo_is_named(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["inspect", str(samples), "--engine", "offline", "--out", str(tmp_path)])
    assert code == 1  # a triage is never complete
    said = capsys.readouterr().out
    inspection = Inspection.model_validate_json((tmp_path / "inspection.json").read_text())
    assert len(inspection.photos) == 7
    for outcome in inspection.photos:
        assert outcome.photo.name in said
    for path in (tmp_path / "report.md", *(tmp_path / "pictures").iterdir()):
        assert str(path) in said


def test_json_goes_to_standard_output_and_nothing_else_does(
    samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(
        [
            *("inspect", str(samples / "kitchen"), str(samples / "gone.jpg")),
            *("--engine", "offline", "--json", "--case-id", "c1", "--state", "CA"),
            *("--country", "US", "--description", "a crack", "--language", "es", "--room", "den"),
        ]
    )
    assert code == 1
    inspection = Inspection.model_validate_json(capsys.readouterr().out)
    assert (inspection.case.id, inspection.case.property.state) == ("c1", "CA")
    assert [outcome.status for outcome in inspection.photos] == ["triaged", "failed"]
    assert {outcome.photo.room for outcome in inspection.photos} == {"den"}


def test_without_out_the_report_is_printed(
    samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["inspect", str(samples / "kitchen"), "--engine", "offline"])
    assert capsys.readouterr().out.startswith("# Property inspection")


def test_nothing_that_could_be_read_ends_with_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jpg").write_text("not a picture")
    assert main(["inspect", str(tmp_path), "--engine", "offline", "--out", str(tmp_path)]) == 3
    assert "a.jpg: failed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["inspect", "x.jpg"], "no engine given"),
        (["inspect", "x.jpg", "--engine", "offline", "--usd", "lots"], "--usd"),
        (["usage", "no/such/ledger.jsonl"], "ledger"),
        (["inspect", "x.jpg", "--engine", "oracle"], "the choices are 'openai:MODEL'"),
        (["inspect", "no/such/folder/*.jpg", "--engine", "offline"], "nothing matches"),
        (["inspect", "x.jpg", "--engine", "offline", "--country", "usa"], "country"),
        (["demo", "--out", "/dev/null/x"], "give another --out"),
    ],
)
def test_a_fault_of_configuration_ends_with_2_and_says_what(
    argv: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    caught = capsys.readouterr()
    assert words in caught.err
    assert "Traceback" not in caught.err


@pytest.mark.parametrize("argv", [[], ["inspect"], ["frobnicate"]])
def test_a_fault_of_usage_ends_with_2(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2


def test_a_log_level_that_is_none_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    assert main(["version"]) == 2
    assert "LOUD" in capsys.readouterr().err


def test_the_demo_names_what_it_drew_and_what_it_wrote(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "Rendered samples, not photographs" in said
    assert "living-room-wall.jpg" in said
    inspection = Inspection.model_validate_json((tmp_path / "inspection.json").read_text())
    assert {issue.location.room for issue in inspection.issues} >= {"living room"}
    assert (tmp_path / "pictures").is_dir()


def test_the_demo_writes_an_example_and_says_that_no_model_was_asked_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert said.index("no model was asked") > said.index(str(tmp_path / "inspection.json"))
    assert str(tmp_path / "example" / "report.html") in said
    report = (tmp_path / "example" / "report.md").read_text(encoding="utf-8")
    assert "no model was asked" in report
    assert "pictures/p5.kitchen-sink.jpg" in report
    assert (tmp_path / "example" / "pictures" / "p5.kitchen-sink.jpg").is_file()


def test_schema_and_version_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$id"] == "urn:inspectiq:inspection:1"
    assert main(["version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


def test_it_shows_a_line_where_there_is_no_terminal_and_a_bar_where_there_is(
    samples: Path,
) -> None:
    command = [sys.executable, "-m", "inspectiq", "inspect", str(samples / "kitchen")]
    command += ["--engine", "offline", "--json"]
    piped = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert piped.stderr.split() == b"photos: 1 of 1, 0 findings, $0.0000".split()
    pty = pytest.importorskip("pty", reason="pseudo-terminals exist on Unix only")
    import termios

    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (24, 80))
    os.set_blocking(leader, False)
    shown = subprocess.run(
        command,
        stdout=subprocess.DEVNULL,
        stderr=follower,
        timeout=60,
        check=False,
        env={**os.environ, "TERM": "xterm"},
    )
    assert shown.returncode == 1
    assert b"0 findings, $0.0000" in os.read(leader, 10_000).rpartition(b"1/1")[2]
    os.close(follower)
    os.close(leader)


def test_a_pipe_that_closes_early_is_no_traceback(samples: Path) -> None:
    command = (
        f"'{sys.executable}' -m inspectiq inspect '{samples}' --engine offline --json | head -c 9"
    )
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False
    )
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_a_folder_that_cannot_be_written_to_is_found_out_before_anything_is_sent(
    samples: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inspectiq._cli.running.open_agent", lambda *_: pytest.fail("it was run"))
    assert main(["inspect", str(samples), "--engine", "offline", "--out", "/dev/null/x"]) == 2
    assert "another --out" in capsys.readouterr().err


def test_any_other_fault_ends_with_3_and_never_with_partial(
    samples: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no space, for Bearer sk-abcdefghijklmnop")

    monkeypatch.setattr("inspectiq._cli.running.open_agent", broken)
    assert main(["inspect", str(samples), "--engine", "offline"]) == 3
    said = capsys.readouterr().err
    assert "OSError: no space" in said
    assert "abcdefgh" not in said


def test_an_old_terminal_costs_no_result(samples: Path) -> None:
    command = [sys.executable, "-m", "inspectiq", "inspect", str(samples / "hall")]
    done = subprocess.run(
        [*command, "--engine", "offline"],
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "LOG_LEVEL": ""},
    )
    assert done.returncode == 1
    assert done.stdout.startswith(b"# Property inspection")


def test_taxonomy_lists_types_and_says_where_amateurs_must_stop(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["taxonomy", "--group", "moisture_mold"]) == 0
    told = capsys.readouterr().out
    assert "mold_suspect" in told
    assert "no do-it-yourself repair over 10 sq_ft" in told
    assert "clog" not in told
    assert main(["taxonomy", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 115
    assert main(["taxonomy", "--group", "pool"]) == 2
    assert "use one of structure" in capsys.readouterr().err


def test_costs_are_listed_by_type_and_taken_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["costs", "--state", "CA"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 + 115
    assert main(["costs", "--type", "wall_hole"]) == 0
    assert "This is not a quote" in capsys.readouterr().out
    assert main(["costs", "--state", "ZZ"]) == 2
    assert "ZZ" in capsys.readouterr().err


def test_validate_tells_every_fault_and_ends_with_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taxonomy.toml").write_text("")
    assert main(["validate", str(tmp_path)]) == 0
    (tmp_path / "taxonomy.toml").write_text('without = ["unicorn"]\ncolour = 3\n')
    assert main(["validate", str(tmp_path)]) == 2
    told = capsys.readouterr().out.splitlines()[1:]
    assert [line.partition(": ")[0] for line in told] == ["taxonomy.toml:1", "taxonomy.toml:2"]


@pytest.fixture
def store(samples: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server of sample photos, opened by a setting."""
    handler = partial(QuietHandler, directory=str(samples / "kitchen"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        host = f"127.0.0.1:{server.server_port}"
        monkeypatch.setenv("INSPECTIQ_PRIVATE_NETWORKS", host)
        yield f"http://{host}"
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_check_tells_which_photos_can_be_fetched_by_url(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    urls = tmp_path / "urls.txt"
    urls.write_text(f"# ours\n{store}/kitchen.jpg?sesame\n\n{store}/gone.jpg?sesame\n{store}/\n")
    assert main(["check", "--photo-urls", str(urls)]) == 1
    fine, gone, page = capsys.readouterr().out.splitlines()
    assert fine.startswith("line 2: reachable, jpeg, ")
    assert gone.startswith("line 4: not_found: 127.0.0.1 answered 404; check the URL")
    assert page.startswith("line 5: unsupported_format: what came seems to be an HTML page")
    assert "sesame" not in fine + gone + page


def test_check_of_photos_by_url_ends_as_a_run_does(
    store: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{store}/kitchen.jpg"))
    assert main(["check", "--photo-urls", "-", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["line"], found["reachable"], found["kind"]) == (1, True, "jpeg")
    monkeypatch.setattr(sys, "stdin", io.StringIO("http://10.0.0.1/a.jpg"))
    assert main(["check", "--photo-urls", "-", "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert found["reason"] == "unsafe_url"
    assert "INSPECTIQ_PRIVATE_NETWORKS" in found["message"]


def test_a_list_without_urls_is_a_fault_of_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "urls.txt").write_text("# none yet\n")
    assert main(["check", "--photo-urls", str(tmp_path / "urls.txt")]) == 2
    assert "has no URLs" in capsys.readouterr().err


def test_a_diagnosis_reads_the_description_on_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("I smell gas in the kitchen"))
    main(["diagnose", "--engine", "offline", "--description", "-", "--json"])
    assert json.loads(capsys.readouterr().out)["case"]["description"].startswith("I smell gas")


def test_an_empty_path_for_the_report_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["diagnose", "--engine", "offline", "--description", "a drip", "--out", ""])
    assert ended.value.code == 2
    assert "an empty path was given" in capsys.readouterr().err
