import copy
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectiq import ConfigError, Settings
from inspectiq.net import NetPolicy
from inspectiq.net._addresses import classify_address, parse_address

PROXY = "http://user:word@proxy.example:3128"


@pytest.mark.parametrize(
    ("entry", "host", "port", "opened"),
    [
        ("backend", "backend", 80, True),
        ("backend", "BACKEND", 8443, True),
        ("backend", "backend", 8000, False),
        ("backend", "backend.example", 80, False),
        ("backend", "a.backend", 80, False),
        (" Backend:8000 ", "backend", 8000, True),
        ("backend:8000", "backend", 80, False),
        ("localhost:8000", "localhost", 8000, True),
        ("b\u00fccher.example", "xn--bcher-kva.example", 443, True),
        ("b\u00fccher.example", "B\u00dcCHER.example", 443, True),
        ("10.1.2.3", "10.1.2.3", 443, True),
        ("10.1.2.3", "10.1.2.4", 443, False),
        ("10.1.2.3:8000", "10.1.2.3", 8000, True),
        ("10.0.0.0/8", "10.1.2.3", 443, True),
        ("10.0.0.0/8", "10.1.2.3", 8000, False),
        ("10.0.0.0/8", "backend", 80, False),
        ("fd00::/8", "fd00::1", 80, True),
        ("fd00::/8", "[FD00:0::1]", 80, True),
        ("[fd00::1]:8000", "fd00::1", 8000, True),
        ("::1", "::1", 80, True),
        ("0.0.0.0/0", "169.254.169.254", 80, False),
        ("0.0.0.0/0", "metadata.google.internal", 80, False),
        ("backend.", "backend", 80, True),
        ("backend", "backend.", 80, True),
        ("10.1.2.3.:8000", "10.1.2.3", 8000, True),
        ("10.1.2.3", "10.1.2.3.", 80, True),
        ("backend", "backend..", 80, False),
        ("0.0.0.0/0", "169.254.169.254.", 80, False),
        ("backend", "", 80, False),
        ("backend", "[", 80, False),
    ],
)
def test_a_host_is_open_where_it_was_named(entry: str, host: str, port: int, opened: bool) -> None:
    assert NetPolicy(private=(entry,)).opens(host, port) is opened
    assert not NetPolicy().opens(host, port)


def test_a_port_is_opened_for_all_hosts_or_with_one() -> None:
    policy = NetPolicy(private=["backend", "db:5000"], ports=[8000])
    assert policy.allows_port("public.example", 8000)
    assert policy.opens("backend", 8000)
    assert policy.allows_port("db", 5000)
    assert not policy.allows_port("public.example", 5000)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("", "write a host"),
        ("a b", "write a host"),
        ("*.internal", "write a host"),
        ("http://backend:8000", "write a host"),
        ("backend/path", "write a host"),
        ("backend:0", "write a host"),
        ("backend:99999", "write a host"),
        ("backend:port", "write a host"),
        ("10.0.0.1/8", "write a host"),
        ("10.0.0.0/8:8000", "write a host"),
        ("2130706433", "write a host"),
        ("0x7f.1", "write a host"),
        ("backend..", "write a host"),
        (".", "write a host"),
        ("metadata.google.internal.", "stays closed"),
        ("169.254.169.254.", "stays closed"),
        ("user:word@backend", "write a host"),
        ("169.254.169.254", "stays closed"),
        ("169.254.169.254:80", "stays closed"),
        ("fd00:ec2::/32", "stays closed"),
        ("metadata.google.internal", "stays closed"),
        ("metadata:80", "stays closed"),
        ("224.0.0.0/8", "stays closed"),
        ("0.0.0.0", "stays closed"),
        ("64:ff9b::/96", "stays closed"),
        ("::ffff:10.0.0.0/104", "stays closed"),
    ],
)
def test_an_entry_that_cannot_be_opened_says_how_to_write_one(entry: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        NetPolicy(private=(entry,))
    assert "NetPolicy(private=...) or INSPECTIQ_PRIVATE_NETWORKS" in str(caught.value)
    assert "word" not in str(caught.value)


@pytest.mark.parametrize(
    "proxy",
    [
        "socks5://user:word@p",
        "user:word@p",
        "http://user:word@",
        "http://[user:word",
        "p",
        "http://169.254.169.254:80",
    ],
)
def test_a_proxy_that_is_none_is_refused_and_not_shown(proxy: str) -> None:
    with pytest.raises(ConfigError, match="INSPECTIQ_PROXY") as caught:
        NetPolicy(proxy=proxy)
    assert "user:word@p" not in str(caught.value).replace("user:password@proxy", "")
    assert caught.value.__context__ is None


@pytest.mark.parametrize("port", [0, 65_536, -1])
def test_a_port_that_is_none_is_refused(port: int) -> None:
    with pytest.raises(ConfigError, match="INSPECTIQ_PORTS"):
        NetPolicy(ports=(port,))


def test_one_text_is_not_taken_for_many_entries() -> None:
    with pytest.raises(ConfigError, match="a tuple of entries"):
        NetPolicy(private="backend")


def test_a_policy_pickles_copies_and_goes_to_json_and_back_and_hides_its_proxy() -> None:
    policy = NetPolicy(private=("backend",), ports=(8000,), proxy=PROXY, ca_bundle="ca.pem")
    assert policy.opens("backend", 80)
    for twin in (
        pickle.loads(pickle.dumps(policy)),
        copy.deepcopy(policy),
        NetPolicy.model_validate_json(policy.model_dump_json()),
    ):
        assert twin == policy
        assert twin.proxy == PROXY
        assert twin.opens("backend", 80)
    assert hash(policy) == hash(copy.copy(policy))
    assert "word" not in f"{policy} {policy!r}"
    assert policy != NetPolicy()


def test_the_environment_gives_a_policy() -> None:
    settings = Settings.from_env(
        {
            "INSPECTIQ_PRIVATE_NETWORKS": "backend:8000, 10.0.0.0/8",
            "INSPECTIQ_PORTS": "9443",
            "INSPECTIQ_PROXY": PROXY,
            "INSPECTIQ_CA_BUNDLE": "ca.pem",
        }
    )
    assert NetPolicy.from_settings(settings) == NetPolicy(
        private=("backend:8000", "10.0.0.0/8"), ports=(9443,), proxy=PROXY, ca_bundle=Path("ca.pem")
    )
    assert NetPolicy.from_settings(Settings()) == NetPolicy()


def test_an_entry_of_the_environment_that_is_wrong_names_its_variable() -> None:
    settings = Settings.from_env({"INSPECTIQ_PRIVATE_NETWORKS": "10.0.0.0/99"})
    with pytest.raises(ConfigError, match="INSPECTIQ_PRIVATE_NETWORKS"):
        NetPolicy.from_settings(settings)


@given(st.ip_addresses())
def test_nothing_is_called_public_that_python_does_not_call_global(address: object) -> None:
    found = parse_address(str(address))
    assert found is not None
    if classify_address(found) is None:
        assert found.is_global
        assert not any((found.is_multicast, found.is_loopback, found.is_reserved))


@given(st.text(max_size=30))
def test_any_entry_is_taken_or_refused_as_a_fault_of_configuration(entry: str) -> None:
    try:
        policy = NetPolicy(private=(entry,))
    except ConfigError:
        return
    assert not policy.opens("169.254.169.254", 80)
