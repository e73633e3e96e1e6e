"""The forms of what must not stand in a log or a message: keys, signatures, pictures as text.

What is known by its form is listed in `docs/operate/watching.md`; all else only by the name in
front of it, as in `api_key=...` or `X-Signature: ...`. Hashes, ids and file names stay.
"""

from __future__ import annotations

import re

from inspectiq._text import escape_invisible

__all__ = ["hide_secrets"]

HIDDEN = "<secret>"

# Words and short numbers, as ids and file names have them: `RK-Building-0012`, `sk-kitchen-2.jpg`.
_PART = r"(?:[A-Za-z]{1,14}\d{0,4}|\d{1,8}|\d{14})"
_NAMES = rf"{_PART}(?:[_\-]{_PART})*+(?![A-Za-z0-9_\-])"
_NO_FILE = r"(?!\.(?i:jpe?g|png|heic|heif|webp|avif|gif|tiff?|pdf|json|toml|csv|txt|md)\b)"

# Keys that a provider gave a form of its own, so that scanners find them; each as it documents it.
_PREFIXED = re.compile(
    r"""(?x)
    (?<![A-Za-z0-9])(?:
      sk-(?:proj|svcacct|admin|ant|or|lf)-[A-Za-z0-9_\-]{8,}             # OpenAI, Anthropic
    | (?i:(?:sk|rk|pk)-(?!{NAMES})[A-Za-z0-9_\-]{12,}+{NO_FILE})                     # many others
    | (?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,} | sk_[A-Za-z0-9]{40,}                   # Stripe
    | (?i:whsec_|whsk_)[A-Za-z0-9+/=_\-]{8,}              # Standard Webhooks
    | v1a?,[A-Za-z0-9+/]{40,}={0,2}                       # a signature of Standard Webhooks
    | (?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])  # AWS
    | AIza[A-Za-z0-9_\-]{30,} | ya29\.[A-Za-z0-9_.\-]{20,} | GOCSPX-[A-Za-z0-9_\-]{20,}  # Google
    | 1//0[A-Za-z0-9_\-]{30,}                             # a refresh token of Google
    | LTAI(?=[A-Za-z]*\d)[A-Za-z0-9]{12,30} | AKID(?=[A-Za-z]*\d)[A-Za-z0-9]{32}  # Alibaba, Tencent
    | [A-Za-z0-9_~.\-]{3}\dQ~[A-Za-z0-9_~.\-]{31,34}      # Microsoft Entra
    | gh[opsur]_[A-Za-z0-9]{30,} | github_pat_[A-Za-z0-9_]{22,}
    | gl(?:pat|oas|dt|rtr?|cbt|ptt|ft|imt|agent|soat|ffct|wt)-[A-Za-z0-9_\-]{20,}        # GitLab
    | xox[a-z]-[A-Za-z0-9\-]{10,} | xapp-[A-Za-z0-9\-]{10,}                              # Slack
    | hf_[A-Za-z0-9]{30,} | gsk_[A-Za-z0-9]{30,} | xai-[A-Za-z0-9]{30,} | r8_[A-Za-z0-9]{30,}
    | pplx-[A-Za-z0-9]{30,} | nvapi-[A-Za-z0-9_\-]{30,} | tgp_v1_[A-Za-z0-9_\-]{20,}
    | fw_(?=[A-Za-z]*\d)[A-Za-z0-9]{20,} | sb_secret_[A-Za-z0-9_\-]{20,} | sbp_[0-9a-f]{40}
    | NRAK-[A-Za-z0-9]{27} | pat-(?:na|eu|ap)\d-[0-9a-f\-]{36}                 # New Relic, HubSpot
    | AT(?:ATT|CTT)3[A-Za-z0-9_\-]{20,}={0,2}(?:[0-9A-F]{8})? | lin_(?:api|oauth)_[A-Za-z0-9]{30,}
    | ntn_[A-Za-z0-9]{30,} | AGE-SECRET-KEY-1[A-Z0-9]{50,}                  # Notion, age
    | HRKU-[A-Za-z0-9_\-]{30,} | fm2_[A-Za-z0-9+/=_\-]{40,} | dp\.[a-z]{2,5}\.[A-Za-z0-9]{40,}
    | vercel_blob_rw_[A-Za-z0-9_]{20,} | pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_\-]{30,}
    | pat[A-Za-z0-9]{14}\.[0-9a-f]{64}                                              # Airtable
    | npm_[A-Za-z0-9]{30,} | pypi-[A-Za-z0-9_\-]{30,} | dapi[0-9a-f]{32} | do[opr]_v1_[0-9a-f]{60,}
    | SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,} | SK[0-9a-f]{32}(?![0-9a-f]){NO_FILE}
    | shp[a-z]{2}_[0-9a-fA-F]{32} | sq0[a-z]{3}-[A-Za-z0-9_\-]{20,} | hv[sbr]\.[A-Za-z0-9_\-]{20,}
    | glsa_[A-Za-z0-9_]{30,} | sntry[su]_[A-Za-z0-9+/=_\-]{30,}
    | (?:bot)?\d{8,10}:AA[A-Za-z0-9_\-]{32,}                                        # Telegram
    | eyJ[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*){2,4}     # JSON Web Tokens, signed or encrypted
    )""".replace("{NAMES}", _NAMES).replace("{NO_FILE}", _NO_FILE)
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----.*?"
    r"(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
# Their last part is the key; it has no form of its own.
_HOOK_PATH = re.compile(
    r"(?i)\b(https://(?:hooks\.slack\.com/(?:services|workflows|triggers)|"
    r"(?:\w+\.)?discord(?:app)?\.com/api/webhooks|[\w.-]+\.webhook\.office\.com|"
    r"[\w.-]+\.logic\.azure\.com|hooks\.zapier\.com/hooks/\w+|hook\.(?:\w+\.)?make\.com|"
    r"maker\.ifttt\.com/trigger/[^/\s]+(?:/json)?/with/key)/)[^\s\"'<]+"
)

# `name=value`, `name: value`, `"name": "value"`, `("name", "value")`; a quoted value is whole.
# Within a text that is JSON itself, quotes are escaped: `\"name\": \"value\"`.
_LINK = r"""(?:\\*["'])?\]?\s*(?:[:=]|%3[AD])\s*"""
_QUOTED = r"""b?(?P<quote>\\*["'])(?:(?!(?P=quote))(?:[^\\]|\\.))*"""
_HEADER_NAME = r"(?:proxy-)?authorization|(?:set-)?cookie"
_OF_LOGINS = r"pass(?:word|wd|phrase)|pwd"
_NAME = (
    rf"[\w.\-]{{0,40}}?(?:{_OF_LOGINS}|secret|api[ _-]?key|access[_-]?key|account[_-]?key"
    r"|private[_-]?key|signing[_-]?key|subscription-key|token|credentials?|signature|hmac|sig)"
    r"(?:[_-](?:v?\d+|sha\d+|id|value|key))?(?: provided)?"
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
    r"""(?P<signed>v\d+a?,|sha\d+=|t=\d+,(?:v\d=)?)?(?P<value>[^\s"'<>,;&(){}\[\]\\]{3,})"""
    r"""(?P<more>(?:[ ,]v\d+a?[,=]\S+)*))"""
)
_KEY = re.compile(r"[A-Za-z0-9+/=_~.%*\-]{8,}")
_PLAIN_WORDS = re.compile(r"[A-Za-z]?[a-z]+(?:[._-][a-z]+)*\.?")
# As words of an option: `--api-key X`, `--password X`, and curl's `-u USER:PASSWORD`.
_OPTION = re.compile(
    rf"""(?i)(?<![\w-])(--(?:{_NAME}))(\s+)(?:{_QUOTED}|(?P<value>[^\s"'<>,;(){{}}\[\]-][^\s"'<>]{{2,}}))"""
)
_OPTION_USER = re.compile(
    r"""(?<![\w-])(-u|--(?:proxy-)?user)([ =]+["']?)(?!\d+:\d+(?!\S))[^\s:"'<]+:[^\s"'<]+"""
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

_SAID_OF_ONE = frozenset(
    (
        *("required", "missing", "none", "null", "true", "false", "unset", "empty", "given"),
        *("wrong", "invalid", "expired", "unknown"),
    )
)


def hide_secrets(text: str) -> str:
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
    text = _NAMED.sub(_hide_named, text)
    text = _OPTION.sub(_hide_option, text)
    text = _OPTION_USER.sub(r"\1\2<user>", text)
    text = _PREFIXED.sub(HIDDEN, text)
    if near_aws:
        text = _AWS_SECRET.sub(HIDDEN, text)
    return escape_invisible(text)


def _hide_value(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}{found['quote'] or ''}{HIDDEN}"


def _hide_named(found: re.Match[str]) -> str:
    """Hides the value after a name, unless it is a word that says something of it."""
    value = found["value"]
    if value is None or found["signed"] or found["more"]:
        return _hide_value(found)
    tight = not found[2].endswith((" ", "\t"))
    if re.search(_OF_LOGINS, found[1], re.IGNORECASE):
        if _is_password(value, tight):
            return _hide_value(found)
    elif (key := _KEY.match(value)) and (
        not _PLAIN_WORDS.fullmatch(key[0]) or (len(key[0]) >= 20 and key[0].isalpha())
    ):
        return _hide_value(found) + value[key.end() :]
    return found[0]


def _is_password(value: str, tight: bool) -> bool:
    if _PLAIN_WORDS.fullmatch(value):
        return tight and value.lower() not in _SAID_OF_ONE
    return tight or (len(value) >= 5 and not value.startswith("/"))


def _hide_option(found: re.Match[str]) -> str:
    value = found["value"]
    said = value is not None and _PLAIN_WORDS.fullmatch(value) and len(value) < 20
    return found[0] if said else _hide_value(found)
