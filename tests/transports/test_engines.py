import sys
from typing import ClassVar

import pytest

from inspectiq import ConfigError, InspectionAgent, VisionRequest, VisionResponse
from inspectiq.transports._offline import OfflineTransport


def test_no_engine_names_the_choices() -> None:
    with pytest.raises(ConfigError, match=r"'offline'.*Transport of your own"):
        InspectionAgent()


def test_an_unknown_engine_names_the_choices() -> None:
    with pytest.raises(
        ConfigError, match="unknown engine 'oracle'; the choices are 'openai:MODEL'"
    ):
        InspectionAgent("oracle")


def test_an_object_that_cannot_send_says_what_is_missing() -> None:
    with pytest.raises(ConfigError, match="async def send"):
        InspectionAgent(42)  # type: ignore[arg-type]


def test_a_class_is_not_its_object() -> None:
    with pytest.raises(ConfigError, match=r"OfflineTransport\(\.\.\.\)"):
        InspectionAgent(OfflineTransport)  # type: ignore[arg-type]


def test_a_profile_of_another_kind_is_refused() -> None:
    class Mine:
        profile: ClassVar[dict[str, str]] = {"model": "mine"}

        async def send(self, request: VisionRequest, /) -> VisionResponse:
            raise NotImplementedError

    with pytest.raises(ConfigError, match="EngineProfile"):
        InspectionAgent(Mine())


@pytest.mark.parametrize("missing", ["numpy", "cv2"])
def test_a_missing_extra_names_the_command_that_mends_it(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name in [name for name in sys.modules if name.startswith("inspectiq.transports._offline.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ConfigError, match=r"pip install 'inspectiq\[offline\]'"):
        InspectionAgent("offline")


def test_the_offline_engine_says_which_group_it_sees() -> None:
    assert OfflineTransport().profile.groups == ("interior_finish",)
