"""The layout of an article: which lines belong together, and which are not its prose.

Scraped pages bring captions, bylines, page numbers, buttons and share widgets along with the text. Nothing is removed:
every line belongs to a block, and a block's kind decides later what may be quoted first. The patterns name what news
pages in English, Korean and Japanese carry; each must match a whole line, so that prose which mentions one stays prose.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

import regex

from index.article import Span

WRAP_CHARS = 100  # hand-wrapped text and mail stays under it; a scraped paragraph on one line rarely does
HEADING_CHARS = 90
BYLINE_CHARS = 140


class Kind(Enum):
    """What a block is, as far as its layout tells."""

    PROSE = "prose"
    HEADING = "heading"
    CAPTION = "caption"
    BYLINE = "byline"
    FURNITURE = "furniture"  # the page's, not the article's: picture stubs, page numbers, buttons, site names


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together; `span` starts and ends at a character that is not white space."""

    kind: Kind
    span: Span


def _pattern(source: str) -> regex.Pattern[str]:
    return regex.compile(source, regex.VERBOSE | regex.IGNORECASE | regex.V1)


_FURNITURE = _pattern(
    r"""
    [|\s]* !\[ [^\]\n]{0,300} \] (?: \( [^)\n]{0,500} \) )? [|\s]*                    # a picture's stub
    | \\?[#*_=~.·•|\s>/\\‐-―-]{1,200}                                               # rules, end marks, lone bullets
    | (?: page \s+ )? [-–—\[(]? \s? \d{1,3} \s? (?: (?: / | of ) \s? \d{1,3} )? \s? [-–—\])]?   # page numbers
    | (?: share (?: \s on )? | tweet | copy \s link | print | e-?mail | facebook | twitter | whatsapp | kakao \s? talk
        | telegram | linkedin | x | line | save | comments? | read \s more | see \s also | listen | click \s here
        | related (?: \s (?: articles | stories | news ) )? | advertisement | ad | subscribe | sign \s up | follow \s us
        | enlarge | close | menu | home | 공유 (?:하기)? | 기사 \s? 공유 | 사진 \s? 확대 | 크게 \s? 보기
        | 이미지 \s? 확대 | 인쇄 | 스크랩 | 댓글 | 글자 \s? 크기 | 본문 \s? 듣기 | 관련 \s? 기사 | 구독 (?:하기)?
        | 페이스북 | 트위터 | 카카오톡 | 링크 \s? 복사 | 광고 | 닫기
        | 画像を?拡大 | 写真を?拡大 | 拡大 | シェア (?:する)? | 共有 | ツイート
        | 印刷 | 保存 | 関連記事 | 広告 | 続きを読む | [|·•,/&\s\d]+ )++
    | (?: https?:// )? (?: [\w-]{1,60} \. ){1,4} (?: com | net | org | kr | jp | news | info | tv ) /? \s?
    | (?: ©|ⓒ|\(c\)|copyright ) .{0,150}
    | .{0,60} (?: all \s rights \s reserved | 무단 \s? 전재 | 無断転載 ) .{0,80}
    | \(? (?: end | 끝 | 了 | 終わり ) \)? \.?
    """
)
_CAPTION = _pattern(
    r"""
    .{0,600} (?: /|\||\()? \s* (?: source | photo (?:graph)? (?: \s by)? | picture | image | courtesy (?: \s of)?
        | credit ) \s? [:/] \s? [^.!?\n]{1,80} [|)]? \s*
    | .{0,600} [./]\s* (?: photo | photograph | picture ) \s by \s [^.!?\n]{1,60}
    | .{0,600} [/|(\[.] \s* (?: yonhap | reuters | afp | ap | epa | kyodo | jiji | getty ) (?: [^.!?\n]{0,25} )? [)\]|]
    | .{0,600} (?: 사진 | 자료 \s? 사진 ) \s? [=:/] .{1,60}
    | .{0,600} / \s? (?: 연합뉴스 | 뉴시스 | 뉴스1 | 로이터 | 대통령실 \s? 제공 ) .{0,30}
    | .{0,600} [（(\[] (?: 写真 | 代表撮影 | 共同 | 時事 | ロイター ) .{0,40} [）)\]]
    | .{1,600} \| \s*
    """
)
_CREDIT_TAIL = _pattern(r"(?: reporter | photographer | photo ) \s [\p{L}\s.-]{3,40} $")
_POSITION = _pattern(
    r"""
    \( \s? (?: left | right | l | r | cent(?:er|re) | (?:from|second|third) [^()]{1,30} | 왼쪽 | 오른쪽 | 가운데
    | 左 | 右 | 中央 ) \s? \)
    """
)
_BYLINE = _pattern(
    r"""
    [\[(]? (?: (?: reported | written | edited ) \s )? by \s+ (?-i: [\p{Lu}\p{Lo}] ) [\p{L}.'’-]*
        (?: [\s,&/]+ (?: and | of | for | in | at | the | (?-i: [\p{Lu}\p{Lo}] ) [\p{L}.'’-]* ) ){0,10} [)\]]?
    | [\[(] [^\])\n]{0,60} (?: reporter | correspondent | writer | editor | 기자 | 특파원 | 記者 | 特派員 )
        [^\])\n]{0,80} [\])]
    | (?: [\p{L}.'’-]+ \s ){1,4} (?: staff \s )? (?: reporter | correspondent | writer )
    | (?: [\p{L}/=·\s]{1,30}=\s?)? [\p{Hangul}]{2,4} \s? (?: 기자 | 특파원 | 논설위원 ) (?: \s? [\w.+-]+@[\w.-]+ )?
    | [\w.+-]{1,60} @ [\w-]{1,60} (?: \. [\w-]{1,30} ){1,4}
    | (?: published | updated | posted | 입력 | 수정 | 업데이트 | 更新 | 公開 ) \s? [:：]? \s? [\d\s.:/年月日-]{6,40}
        (?: [ap]\.?m\.? | kst | jst | gmt )?
    """
)
_SENTENCE_END = _pattern(r"""[.!?。！？…][)\]"'”’」』）\s*_|]*$""")
_HEADING_MARK = _pattern(r"\#{1,6} \s+ \S | \*{2} (?:<u>)? [^*\n]{1,200} (?:</u>)? \s? \*{2} \s* $")
_BULLET = _pattern(r"(?: [-*+•‣◦○●■□▲△▶◆◇※·ㆍ] \s+ | \(?\d{1,2}[.)] \s+ | [①-⑳] )")
_JAPANESE_UNIT = regex.compile(r"[\p{Hiragana}\p{Katakana}\p{Han}][、。，．！？」』）ー]*")  # no line starts with those
_FOREIGN_RUN = regex.compile(
    r"[\p{Hangul}\p{Hiragana}\p{Katakana}\p{Han}][\p{Hangul}\p{Hiragana}\p{Katakana}\p{Han} ]{0,14}"
)


def blocks(text: str) -> list[Block]:
    """Cut a text into blocks, in order. Every character that is not white space belongs to exactly one of them."""
    found: list[Block] = []
    for group in _groups(text):
        for span in _paragraphs(text, group):
            found.extend(_classified(text, span))
    return _twice_given(text, found)


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.split("\n"):
        yield Span(start, start + len(line))
        start += len(line) + 1


def _groups(text: str) -> Iterator[list[Span]]:
    """Runs of lines without a blank one between them."""
    group: list[Span] = []
    for line in _lines(text):
        if line.slice(text).strip():
            group.append(line)
        elif group:
            yield group
            group = []
    if group:
        yield group


def _paragraphs(text: str, group: list[Span]) -> Iterator[Span]:
    """Join the lines of a group that were one line before somebody wrapped them.

    A greedy wrapper breaks a line only where the next word no longer fits. So a break is a wrap if the first word of
    the next line would have made this one longer than the longest line of the group; any other break was meant.
    """
    width = max(len(line.slice(text).rstrip()) for line in group)
    start = group[0].start
    for line, following in pairwise(group):
        here, there = line.slice(text).rstrip(), following.slice(text).strip()
        wrapped = width <= WRAP_CHARS and len(here) + len(_unbroken(there)) > width and here.lstrip() != there
        # A line in the middle of a sentence goes on, whatever the width: unwrapped prose does not end in lower case.
        goes_on = width <= WRAP_CHARS and not _ends_sentence(here) and there[:1].islower()
        if not (wrapped or goes_on) or _BULLET.match(there) or _ends_alone(here) or _starts_alone(there):
            yield Span(start, line.end)
            start = following.start
    yield Span(start, group[-1].end)


def _unbroken(line: str) -> str:
    """What a wrapper would have had to add to the line before: a space and a word, or one Japanese character."""
    unit = _JAPANESE_UNIT.match(line)
    return unit.group() if unit else f" {line.split(maxsplit=1)[0]}"


def _ends_alone(line: str) -> bool:
    """Whether nothing goes on after a line. After a caption's credit nothing does, though its lines may be wrapped."""
    return _stands_alone(line) or bool(_CAPTION.fullmatch(line.strip()) or _BYLINE.fullmatch(line.strip()))


def _starts_alone(line: str) -> bool:
    """Whether a line does not go on from the one before. One with "by" in lower case may."""
    return _stands_alone(line) or (not line[:1].islower() and bool(_BYLINE.fullmatch(line)))


def _stands_alone(line: str) -> bool:
    line = line.strip()
    return bool(_FURNITURE.fullmatch(line) or _HEADING_MARK.match(line))


def _ends_sentence(line: str) -> bool:
    return bool(_SENTENCE_END.search(line[-40:]))


def _classified(text: str, span: Span) -> Iterator[Block]:
    for part in _without_buttons(text, span):
        trimmed = trim(text, part)
        if len(trimmed):
            yield Block(_kind(trimmed.slice(text)), trimmed)


def _kind(paragraph: str) -> Kind:
    line = paragraph.replace("\n", " ")  # the patterns are for what was one line before somebody wrapped it
    if _FURNITURE.fullmatch(line[:800]) and len(line) <= 800:
        return Kind.FURNITURE
    if len(line) <= BYLINE_CHARS and _BYLINE.fullmatch(line):
        return Kind.BYLINE
    if len(line) <= 700 and (_CAPTION.fullmatch(line) or (_POSITION.search(line) and _CREDIT_TAIL.search(line[-80:]))):
        return Kind.CAPTION
    if _HEADING_MARK.match(line) and len(line) <= 200:
        return Kind.HEADING
    if len(line) <= HEADING_CHARS and not _ends_sentence(line) and not _BULLET.match(line) and line == paragraph:
        return Kind.HEADING
    return Kind.PROSE


def _without_buttons(text: str, span: Span) -> list[Span]:
    """Cut a line at words in a script that is not its own, outside brackets: a button that was scraped along.

    Only for Latin text: Korean and Japanese prose is full of Latin words.
    """
    line = span.slice(text)
    runs = list(_FOREIGN_RUN.finditer(line))
    latin = sum(character.isascii() and character.isalpha() for character in line)
    if not runs or latin < 80 or sum(len(run.group()) for run in runs) * 10 > latin:
        return [span]
    parts, start = [], 0
    for run in runs:
        word = run.group().rstrip()
        before, after = line[: run.start()].rstrip()[-1:], line[run.start() + len(word) :].lstrip()[:1]
        if (before and before in "([（“‘\"'「『/") or (after and after in ")]）”’\"'」』/"):
            continue  # a gloss, such as a name in its own script
        parts += [Span(start, run.start()), Span(run.start(), run.start() + len(word))]
        start = run.start() + len(word)
    parts.append(Span(start, len(line)))
    return [Span(span.start + part.start, span.start + part.end) for part in parts]


def _twice_given(text: str, found: list[Block]) -> list[Block]:
    """A block that repeats the one before it, or the one before the button between them, is a caption given twice."""
    keys = [_letters(block.span.slice(text)) for block in found]
    twice: set[int] = set()
    for number, key in enumerate(keys):
        for earlier in (number - 1, number - 2):
            if earlier >= 0 and len(key) > 20 and key == keys[earlier]:
                twice |= {number, earlier}
    return [
        Block(Kind.CAPTION, block.span) if number in twice and block.kind is Kind.PROSE else block
        for number, block in enumerate(found)
    ]


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def trim(text: str, span: Span) -> Span:
    """The same span without white space at its ends; empty at its start if it holds nothing else."""
    piece = span.slice(text)
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, max(start, span.start + len(piece.rstrip())))
