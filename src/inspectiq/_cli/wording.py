"""Says in the command line's words what the library says in Python's."""

from __future__ import annotations

import re

__all__ = ["to_command_words"]

_OPTIONS = {
    "id": "--case-id",
    "description": "--description",
    "language": "--language",
    "reported_at": "--reported-at",
    "inspected_at": "--inspected-at",
    "property.address": "--address",
    "property.state": "--state",
    "property.country": "--country",
}
_CASE = re.compile(r"the case cannot be made: ([a-z_]+(?:\.[a-z_]+)?): ")
_PARENTHESES = r"\((?:[^()]|\([^()]*\))*\)"
_WORDS = [
    (re.compile(pattern), words)
    for pattern, words in {
        "no engine given; name one of .*": "no engine given; --engine offline works without a key "
        "and without a network, --engine openai:gpt-6-luna asks a model of OpenAI's; "
        "INSPECTIQ_ENGINE counts where the option is not given",
        "unknown engine '(.*?)'; the choices are .*": r"--engine \1: unknown engine; the "
        "choices are 'openai:MODEL' (such as 'openai:gpt-6-luna') and 'offline'",
        "name it 'offline'": "give --engine offline",
        "name one, as in 'openai:": "name one, as in '--engine openai:",
        " or give api_key=, or use the engine 'offline'": ", or give --engine offline",
        "give api_key=": "set OPENAI_API_KEY",
        "; give a path, a folder.*": "; give photos, folders or globs",
        "give photos, a description, or both": "give photos, --description, or both",
        "allow a longer deadline": "give a longer --deadline",
        r",? or use Photo\.from_loader\(\.\.\., timeout=\.\.\.\)": "",
        "raise its `usd`": "give a larger --usd",
        "raise its `calls`": "raise INSPECTIQ_CALLS",
        "detail='(.*?)'": r"--detail \1",
        "has no image detail '(.*?)'": r"does not take --detail \1",
        r"image=ImageRule\(long_side=\.\.\.\)": "--detail low",
        r"""give NetPolicy\((?:private|ports)=\(["']?(.*?)["']?,\)\) or (\w+)""": r"set \2=\1",
        "(with )?NetPolicy" + _PARENTHESES + " or ": "",
        r"Ledger\(path\) writes": "--ledger wrote",
        r"add it with taxonomy\.with_types\(\.\.\.\)": "add it to taxonomy.toml",
        r" \(types with taxonomy\.with_types\(\.\.\.\)\)": "",
        r"by is 'model', 'day', 'tag:NAME' or None": "--by takes model, day or tag:NAME",
        "Give sent=, the file that `to_coco` made": "Give --sent, the file that --template made",
        "compare two by compare_runs, or give mixed=True": "or give --mixed",
        "there is no endpoint for webhooks; give a URL, or set": "there is no endpoint for "
        "webhooks; set",
        r"give the engine pricing=Pricing\(input=\.\.\., output=\.\.\.\), or ": "",
        r"give pricing=Pricing\(\.\.\.\), or limit calls": "add its "
        "prices to the table of models that INSPECTIQ_MODELS names, or set INSPECTIQ_CALLS instead",
        r"and whether the server speaks this API: api='chat'": "and whether the server speaks the "
        'Responses API: if it has chat/completions alone, say so (api = "chat") of the model in '
        "the table that INSPECTIQ_MODELS names",
        "give headers= with what it asks for, or a URL": "give a URL",
        "raise timeout=": "raise INSPECTIQ_TIMEOUT",
        r"read a file of your own with SeverityProfile\.from_file": "give the path of a TOML file",
    }.items()
]


def to_command_words(message: str) -> str:
    """Replaces Python's names in a message by the options and settings that stand for them."""
    for pattern, words in _WORDS:
        message = pattern.sub(words, message)
    if found := _CASE.match(message):
        option = _OPTIONS.get(found[1])
        message = f"{option}: {message[found.end() :]}" if option else message
    return message
