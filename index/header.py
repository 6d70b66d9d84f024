"""The two forms of an article's header: YAML front matter, and `key: value` lines up to a line `---`.

A `---` line that ends no header is part of the text: nothing is taken for a header unless it looks like one throughout.
Values stay strings here, whichever form they came in; `fields.py` says what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import yaml
from frontmatter.default_handlers import YAMLHandler

from index.decode import REFUSED, shown
from index.errors import UnreadableArticle

MAX_HEADER_CHARS = 32_768
MAX_DEPTH = 8
FIELDS = ("title", "publisher", "author", "url", "published", "language")
DAMAGED = "\N{REPLACEMENT CHARACTER}"  # stands for a refused character: dropping it could mend an address

_RULE = re.compile(r"^---[ \t]*(?:\n|\Z)", re.MULTILINE)
_OPENING = re.compile(r"(?:[ \t]*\n)*---[ \t]*\n")
_LINE = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)[ \t]*:(?!//)[ \t]*(.*)")
_NULL = {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the text: its fields by lower-case name, and `body`, the rest of the file untouched."""

    body: str
    fields: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def split_header(path: str, text: str) -> Header:
    """Raises UnreadableArticle where a header is meant and cannot be read."""
    head = text[:MAX_HEADER_CHARS]
    if len(text) > MAX_HEADER_CHARS:
        head = head[: head.rfind("\n") + 1]
    opening = _OPENING.match(head)
    start = opening.end() if opening else 0
    closing = _RULE.search(head, start)
    if closing is None:
        if opening and _starts_with_field(head[start:]):
            raise UnreadableArticle(path, "has a header without an end; write a line --- between header and text")
        return Header(text)
    block, body = REFUSED.sub(DAMAGED, head[start : closing.start()]), text[closing.end() :]
    header = _yaml_header(path, block, body) if opening else _line_header(block, body)
    return header or Header(
        text,
        problems=("begins with a line --- that opens no header: all of it is text; write *** if a rule is meant",)
        if opening
        else (),
    )


def _starts_with_field(head: str) -> bool:
    line = _LINE.match(head.lstrip())
    return line is not None and line[1].lower() in FIELDS


def _line_header(block: str, body: str) -> Header | None:
    fields: dict[str, str] = {}
    problems = []
    for line in block.split("\n"):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            return None
        name = found[1].lower()
        if name in fields and name in FIELDS:
            problems.append(f"gives {name} twice in its header: the first one counts; remove the other")
        fields.setdefault(name, found[2])
    if not any(name in FIELDS for name in fields):
        return None
    return Header(body, fields, tuple(problems))


def _yaml_header(path: str, block: str, body: str) -> Header | None:
    """None if the block is prose between two rules; a mapping or nothing at all is a header."""
    try:
        found: object = YAMLHandler().load(block, Loader=_PlainLoader)
    except yaml.MarkedYAMLError as exc:
        line = f"line {exc.problem_mark.line + 2}: " if exc.problem_mark else ""
        raise UnreadableArticle(path, _broken(f"{line}{exc.problem}")) from exc
    except (ValueError, OverflowError) as exc:  # PyYAML lets these through from chr()
        raise UnreadableArticle(path, _broken("a quoted value has an escape that is no character")) from exc
    if found is None and not block.strip():
        return Header(body)
    if found is None or isinstance(found, str):  # a heading is a comment to YAML, prose a plain value
        return None
    if not isinstance(found, dict):
        raise UnreadableArticle(path, _broken("it is a list"))
    fields: dict[str, str] = {}
    problems = []
    for key, value in found.items():
        name = str(key).strip().lower()
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            value = ", ".join(value)
        if isinstance(value, str):
            fields[name] = value
        elif name in FIELDS:
            problems.append(
                f"has a {name} that is neither a text nor a list of texts: it is left empty; write one line"
            )
    if not any(name in FIELDS for name in fields):
        problems.append(
            f"has a header with none of {', '.join(FIELDS)}: nothing in it is used; is it part of the text?"
        )
    return Header(body, fields, tuple(problems))


def _broken(why: str) -> str:
    return f"has a header that is not valid YAML ({shown(why)[:200]}); mend the lines between the two ---"


class _PlainLoader(yaml.BaseLoader):
    """YAML without types, anchors or depth: every value as written, so `no` is a language and 1973 a title."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs leave it out
        if getattr(event, "anchor", None) is not None:
            raise _at(event, "anchors and aliases are not read")
        if self.depth >= MAX_DEPTH:
            raise _at(event, f"nested more than {MAX_DEPTH} deep")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_scalar(self, node: yaml.ScalarNode) -> str:
        value = super().construct_scalar(node)
        return "" if node.style is None and value in _NULL else value

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in names:
                    raise _at(key, f"{key.value!r} is given twice")
                names.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _at(place: yaml.Event | yaml.Node, problem: str) -> yaml.MarkedYAMLError:
    # the loader is the pure Python one, and so are its marks
    return yaml.MarkedYAMLError(problem=problem, problem_mark=cast("yaml.Mark", place.start_mark))
