"""Guarded HTTP: webhooks and photos by URL reach public addresses, and what a policy opens."""

from inspectiq.net.fetching import fetch
from inspectiq.net.policy import NetPolicy
from inspectiq.net.transport import GuardedTransport, is_tls_failure
from inspectiq.net.urls import check_url

__all__ = ["GuardedTransport", "NetPolicy", "check_url", "fetch", "is_tls_failure"]
