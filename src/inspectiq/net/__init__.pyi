from inspectiq.net._policy import NetPolicy as NetPolicy
from inspectiq.net._transport import GuardedTransport as GuardedTransport
from inspectiq.net._fetching import fetch as fetch
from inspectiq.net._urls import check_url as check_url
