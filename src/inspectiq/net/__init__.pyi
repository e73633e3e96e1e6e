from inspectiq.net._net_policy import NetPolicy as NetPolicy
from inspectiq.net._guarded_transport import GuardedTransport as GuardedTransport
from inspectiq.net._fetch import fetch as fetch
from inspectiq.net._urls import check_url as check_url
