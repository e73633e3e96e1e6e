"""Redacts what must not stand in a log or a message: keys, signatures, pictures as text.

What is known by its form is listed in `docs/operate/watching.md`; all else only by the name in
front of it, as in `api_key=...` or `X-Signature: ...`. Hashes, ids and file names stay.
"""

from __future__ import annotations

import re

from inspectiq._text import escape_invisible

__all__ = ["redact"]

HIDDEN = "<secret>"

# Keys that a provider gave a form of its own, so that scanners find them; each as it documents it.
_PREFIXED = re.compile(
    r"""(?x)
    (?<![A-Za-z0-9])(?:
      (?i:(?:sk|rk|pk)-[A-Za-z0-9_\-]{8,})                # OpenAI, Anthropic and many others
    | (?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,} | sk_[A-Za-z0-9]{40,}                   # Stripe
    | (?i:whsec_|whsk_)[A-Za-z0-9+/=_\-]{8,}              # Standard Webhooks
    | v1a?,[A-Za-z0-9+/]{40,}={0,2}                       # a signature of Standard Webhooks
    | (?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])  # AWS
    | AIza[A-Za-z0-9_\-]{30,} | ya29\.[A-Za-z0-9_.\-]{20,} | GOCSPX-[A-Za-z0-9_\-]{20,}  # Google
    | [A-Za-z0-9_~.\-]{3}\dQ~[A-Za-z0-9_~.\-]{31,34}      # Microsoft Entra
    | gh[opsur]_[A-Za-z0-9]{30,} | github_pat_[A-Za-z0-9_]{22,} | gl[a-z]{2,5}-[A-Za-z0-9_\-]{20,}
    | xox[a-z]-[A-Za-z0-9\-]{10,} | xapp-[A-Za-z0-9\-]{10,}                              # Slack
    | hf_[A-Za-z0-9]{30,} | gsk_[A-Za-z0-9]{30,} | xai-[A-Za-z0-9]{30,} | r8_[A-Za-z0-9]{30,}
    | pplx-[A-Za-z0-9]{30,} | nvapi-[A-Za-z0-9_\-]{30,}
    | npm_[A-Za-z0-9]{30,} | pypi-[A-Za-z0-9_\-]{30,} | dapi[0-9a-f]{32} | do[opr]_v1_[0-9a-f]{60,}
    | SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,} | SK[0-9a-f]{32}(?![0-9a-f])
    | shp[a-z]{2}_[0-9a-fA-F]{32} | sq0[a-z]{3}-[A-Za-z0-9_\-]{20,} | hv[sbr]\.[A-Za-z0-9_\-]{20,}
    | glsa_[A-Za-z0-9_]{30,} | sntry[su]_[A-Za-z0-9+/=_\-]{30,} | \d{8,10}:AA[A-Za-z0-9_\-]{32,}
    | eyJ[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*){2,4}     # JSON Web Tokens, signed or encrypted
    )"""
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
# Their last part is the key; it has no form of its own.
_HOOK_PATH = re.compile(
    r"(?i)\b(https://(?:hooks\.slack\.com/(?:services|workflows|triggers)|"
    r"(?:\w+\.)?discord(?:app)?\.com/api/webhooks|[\w.-]+\.webhook\.office\.com|"
    r"[\w.-]+\.logic\.azure\.com)/)\S+"
)

# `name=value`, `name: value`, `"name": "value"`, `("name", "value")`; a quoted value is whole.
_LINK = r"""["']?\]?\s*[:=]\s*"""
_QUOTED = r"""b?(?P<quote>["'])(?:(?!(?P=quote))[^\\]|\\.)*"""
_HEADER_NAME = r"(?:proxy-)?authorization|(?:set-)?cookie"
_NAME = (
    r"[\w.\-]{0,40}?(?:pass(?:word|wd|phrase)|pwd|secret|api[_-]?key|access[_-]?key|account[_-]?key"
    r"|private[_-]?key|signing[_-]?key|subscription-key|token|credentials?|signature|hmac|sig)"
    r"(?:[_-](?:v?\d+|sha\d+|id|value|key))?"
)
_PAIR = re.compile(rf"""(?i)(\(b?["'](?:{_HEADER_NAME}|{_NAME}))(["'],\s*){_QUOTED}""")
# A scheme, its one value, and what may follow: `AWS4-HMAC-SHA256 Credential=…, Signature=…`
_HEADER = re.compile(
    rf"(?i)(?<![\w-])({_HEADER_NAME})({_LINK})(?:{_QUOTED}|"
    r"""(?:[a-z][\w-]*\s+)?(?:[\w-]+="[^"]*"|[^\s,;"'<]+)"""
    r"""(?:[,;]\s*[\w-]+=(?:"[^"]*"|[^\s,;"']*))*)"""
)
_NAMED = re.compile(
    rf"(?i)(?<![a-z0-9])({_NAME})({_LINK})(?:{_QUOTED}|"
    r"(?:v\d+a?,|sha\d+=|t=\d+,(?:v\d=)?)?[a-z0-9+/=_~.%\-]{8,}(?:[ ,]v\d+a?[,=]\S+)*)"
)
_SCHEME = re.compile(
    r"(?i:\b(bearer|basic|digest|negotiate)\s+)(?=\S*(?:[0-9=+/_]|[a-z][A-Z])|\S{20})"
    r"[A-Za-z0-9._~+/=\-]{8,}"
)
# AWS's secrets are 40 characters without a form; only beside a word that says so.
_AWS_NEAR = re.compile(r"(?i)aws|amz|secret|\b(?:AKIA|ASIA)")
_AWS_SECRET = re.compile(
    r"(?<![A-Za-z0-9/+=])(?=[a-z0-9/+]*[A-Z])(?=[A-Z0-9/+]*[a-z])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
)

_USERINFO = re.compile(r"(?i)\b([a-z][a-z0-9+.\-]{0,20}://)[^/\s@]+@")
_QUERY = re.compile(r"(?i)\b([a-z][a-z0-9+.\-]{0,20}://[^\s?#]+\?)[^\s#]+")
_DATA_URL = re.compile(r"(?i)\bdata:[a-z0-9.+/\-]*;base64,[A-Za-z0-9+/=]+")
_LONG_BASE64 = re.compile(r"[A-Za-z0-9+/_\-]{500,}={0,2}")


def redact(text: str) -> str:
    """Removes keys, signatures, URL users and queries, and pictures as text; makes it one line.

    Invisible characters are written out; see `escape_invisible`.
    """
    text = _DATA_URL.sub(lambda m: f"data:<{len(m[0])} characters>", text)
    text = _LONG_BASE64.sub(lambda m: f"<{len(m[0])} characters>", text)
    if len(text) < 8:  # no key is shorter
        return escape_invisible(text)
    text = _PRIVATE_KEY.sub(HIDDEN, text)
    text = _USERINFO.sub(r"\1<user>@", text)
    text = _HOOK_PATH.sub(rf"\1{HIDDEN}", text)
    text = _QUERY.sub(r"\1<query>", text)
    text = _PAIR.sub(_hide_value, text)
    text = _HEADER.sub(_hide_value, text)
    text = _SCHEME.sub(rf"\1 {HIDDEN}", text)
    near_aws = _AWS_NEAR.search(text)
    text = _NAMED.sub(_hide_value, text)
    text = _PREFIXED.sub(HIDDEN, text)
    if near_aws:
        text = _AWS_SECRET.sub(HIDDEN, text)
    return escape_invisible(text)


def _hide_value(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}{found['quote'] or ''}{HIDDEN}"
