from ._policy import NetPolicy as NetPolicy
from ._transport import GuardedTransport as GuardedTransport
from ._fetching import fetch as fetch
from ._urls import check_url as check_url
