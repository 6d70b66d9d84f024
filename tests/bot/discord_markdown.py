"""A reader's model of Discord's markdown: what a client would show of a text, and what in it would be alive.

Written from how clients behave, apart from `bot/escape.py`: it knows the rules that make something of a text, and
nothing of how we avoid them. Rules are tried in order at each position, as the client does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    kind: str  # "text", or what the client makes of it
    text: str  # what a reader sees of it, markers taken off


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    pattern: re.Pattern[str]
    at_line_start: bool = False


def _rule(kind: str, pattern: str, *, at_line_start: bool = False) -> _Rule:
    return _Rule(kind, re.compile(pattern, re.I), at_line_start)


# Group 1 is what stays visible and is read again; a rule without a group shows nothing that is text.
_RULES = (
    _rule("shrug", r"(¯\\_\(ツ\)_/¯)"),
    _rule("quote", r" *>>> ([\s\S]*)", at_line_start=True),
    _rule("quote", r"((?: *>(?!>>) [^\n]*(?:\n|$))+)", at_line_start=True),
    _rule("heading", r" *#{1,3}\s+([^\n]+?)#*\s*(?:\n|$)", at_line_start=True),
    _rule("subtext", r" *-#\s+([^\n]+?)(?:\n|$)", at_line_start=True),
    _rule("list", r" *(?:[*+-]|[0-9]+[.)])\s+([^\n]+)", at_line_start=True),
    _rule("code block", r"```(?:[a-z0-9_+\-.#]+?\n)?\n*([^\n][\s\S]*?)\n*```"),
    _rule("escape", r"\\([^0-9A-Za-z\s])"),
    _rule("link", r"<([^: >]+:/[^ >]+)>"),
    _rule("link", r"<((?:mailto:|tel:|sms:)?[^\s<>]*(?:@|\+\d)[^\s<>]*)>"),
    _rule("link", r"((?:https?|steam|discord)://[^\s<]+[^<.,:;\"'\]\s])"),
    _rule("masked link", r"\[((?:\[[^\]]*\]|[^\[\]])*)\]\(\s*<?[^\s)]+>?[^)]*\)"),
    _rule("invitation", r"((?:discord\.gg|discord(?:app)?\.com/invite)/[\w-]+)"),
    _rule("mention", r"<(?:@[!&]?|#)[0-9]+>"),
    _rule("mention", r"(@(?:everyone|here))"),
    _rule("mention", r"<id:(?:customize|browse|guide|linked-roles(?::[0-9]+)?)>"),
    _rule("command", r"</[^<>:]+:[0-9]+>"),
    _rule("timestamp", r"<t:-?[0-9]+(?::[a-z])?>"),
    _rule("emoji", r"<a?:\w+:[0-9]+>"),
    _rule("emoji", r":([^\s:]+?(?:::skin-tone-[0-9])?):"),
    _rule("strong", r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)"),
    _rule("underline", r"__((?:\\[\s\S]|[^\\])+?)__(?!_)"),
    _rule("em", r"\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"),
    _rule("em", r"_((?:__|\\[\s\S]|[^\\_])+?)_(?!\w)"),
    _rule("strike", r"~~([\s\S]+?)~~(?!_)"),
    _rule("spoiler", r"\|\|([\s\S]+?)\|\|"),
    _rule("code", r"`+([\s\S]*?[^`])`+(?!`)"),
)
_RAW = {"shrug", "code block", "code", "link", "invitation", "mention", "emoji"}
_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def read(markdown: str) -> list[Node]:
    """The text in order, neighbouring plain text joined."""
    nodes = _read(markdown, line_start=True)
    joined: list[Node] = []
    for node in nodes:
        if joined and joined[-1].kind == node.kind == "text":
            joined[-1] = Node("text", joined[-1].text + node.text)
        else:
            joined.append(node)
    return joined


def shown(markdown: str) -> str:
    return "".join(node.text for node in read(markdown))


def alive(markdown: str) -> set[str]:
    """Everything that is more than text, including characters that would change the order it is read in."""
    kinds = {node.kind for node in read(markdown)} - {"text"}
    return kinds | ({"reordering"} if _BIDI_CONTROLS & set(markdown) else set())


def _read(markdown: str, *, line_start: bool, inside: str = "text") -> list[Node]:
    nodes: list[Node] = []
    at = 0
    while at < len(markdown):
        rule, match = _first_match(markdown, at, line_start)
        if match is None or rule is None:
            nodes.append(Node(inside, markdown[at]))
            line_start = markdown[at] == "\n"
            at += 1
            continue
        content = match[1] if match.re.groups else ""
        if rule.kind == "escape":
            nodes.append(Node(inside, content))
        elif rule.kind in _RAW or not match.re.groups:
            nodes.append(Node(rule.kind, content or match[0]))
        elif rule.kind == "quote":
            content = re.sub(r"^ *> ", "", content.removesuffix("\n"), flags=re.M)
            nodes += [Node("quote", ""), *_read(content, line_start=True, inside=inside)]
        else:
            nodes += [Node(rule.kind, ""), *_read(content, line_start=False, inside=rule.kind)]
        at = match.end()
        line_start = match[0].endswith("\n")
    return nodes


def _first_match(markdown: str, at: int, line_start: bool) -> tuple[_Rule | None, re.Match[str] | None]:
    for rule in _RULES:
        if rule.at_line_start and not line_start:
            continue
        match = rule.pattern.match(markdown, at)
        if match is not None and match.end() > at:
            return rule, match
    return None, None
