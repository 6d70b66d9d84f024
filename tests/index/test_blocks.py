from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Span
from index.blocks import Kind, blocks, trim
from tests.hostile import ANY_TEXT, HOSTILE_PIECES, assert_linear

PROSE = "The two governments will build a terminal for hydrogen in the harbour within three years, officials said."
CAPTION = "The two leaders (left) shake hands at the gate on the 23rd. Reporter Han So in Tokyo"


def layout(text: str) -> list[tuple[Kind, str]]:
    return [(block.kind, block.span.slice(text)) for block in blocks(text)]


def kinds(text: str) -> list[Kind]:
    return [block.kind for block in blocks(text)]


@pytest.mark.parametrize(
    "line",
    [
        "![]() |",
        "![a hall](https://example.com/hall.jpg)",
        "12",
        "- 7 -",
        "Page 3 of 7",
        "3/12",
        "\\###",
        "###",
        "* * *",
        "----",
        "Share",
        "Facebook",
        "Share on Facebook | Twitter | Print",
        "Read more",
        "사진 확대",
        "기사 공유",
        "画像を拡大",
        "関連記事",
        "HarbourNews.com",
        "https://www.harbour-news.co.kr/",
        "© 2025 Harbour News",
        "Copyright Harbour News. All rights reserved.",
        "무단 전재 및 재배포 금지",
        "(END)",
        "(끝)",
    ],
)
def test_what_belongs_to_the_page_is_furniture_wherever_it_stands(line: str) -> None:
    assert kinds(line) == [Kind.FURNITURE]
    assert layout(f"{PROSE}\n{line}\n{PROSE[:-1]} too.") == [
        (Kind.PROSE, PROSE),
        (Kind.FURNITURE, line),
        (Kind.PROSE, f"{PROSE[:-1]} too."),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "The two leaders pose in Tokyo on August 23. / Source: Harbour News |",
        "The two leaders pose in Tokyo. / Photo by Han So",
        "The two leaders pose in Tokyo on Saturday. [Yonhap]",
        "The two leaders pose in Tokyo on Saturday. (AFP)",
        "The two leaders pose in Tokyo on Saturday. (AP-Yonhap)",
        "두 정상이 악수하고 있다. [사진=대통령실 제공]",
        "두 정상이 악수하고 있다. / 연합뉴스",
        "首脳会談に臨む両首脳（写真：共同）",
        CAPTION,
    ],
)
def test_a_line_with_a_credit_is_a_caption(line: str) -> None:
    assert layout(f"{line}\n{PROSE}") == [(Kind.CAPTION, line), (Kind.PROSE, PROSE)]


@pytest.mark.parametrize(
    "line",
    [
        "By Han So and Bae Min",
        "by Han So-ra, Staff Correspondent of the Harbour News",
        "BY HAN SO",
        "[Tokyo Reporter Han So / Correspondent Bae Min]",
        "Han So staff reporter",
        "김민수 기자",
        "김민수 기자 minsu@example.com",
        "[東京 記者 山田]",
        "desk@example.com",
        "Published: 2025-08-24 09:30",
        "입력 2025.08.24 09:30",
    ],
)
def test_who_wrote_it_and_when_is_a_byline(line: str) -> None:
    assert kinds(line) == [Kind.BYLINE]
    assert layout(f"{PROSE}\n{line}") == [(Kind.PROSE, PROSE), (Kind.BYLINE, line)]


@pytest.mark.parametrize(
    "line", ["# Reactions", "## **Reactions**", "**<u>What comes next</u>**", "Reactions in Seoul"]
)
def test_headings_stand_alone(line: str) -> None:
    assert layout(f"{PROSE}\n{line}\n{PROSE}")[1] == (Kind.HEADING, line)


@pytest.mark.parametrize(
    "text",
    [
        "They share a border.",
        "He closed the page and read more of it.",
        "Reporters asked about the photo by the gate.",
        "By Friday the two sides had agreed.",
        "In 2025 trade grew by 12 percent.",
        "The source: an official who asked not to be named.",
        "The site harbournews.com reported it first.",
        "사진 속 두 정상은 웃고 있었다.",
        "12 ministers came.",
    ],
)
def test_prose_that_mentions_such_things_stays_prose(text: str) -> None:
    assert kinds(text) == [Kind.PROSE]


def test_a_button_in_another_script_inside_a_line_is_cut_out_and_the_caption_given_twice_is_known() -> None:
    text = f"{CAPTION} 사진 확대 {CAPTION}\n{PROSE}"
    assert layout(text) == [
        (Kind.CAPTION, CAPTION),
        (Kind.FURNITURE, "사진 확대"),
        (Kind.CAPTION, CAPTION),
        (Kind.PROSE, PROSE),
    ]


def test_a_button_inside_prose_leaves_the_prose_on_either_side() -> None:
    assert layout(f"{PROSE} 사진 확대 {PROSE[:-1]} again.") == [
        (Kind.PROSE, PROSE),
        (Kind.FURNITURE, "사진 확대"),
        (Kind.PROSE, f"{PROSE[:-1]} again."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "President Han (한소라) spoke at length of trade and of the many ships that both sides want to build together.",
        "The word “정” has no English name, said the president, who spoke of it for most of the evening in the hall.",
        "두 정상은 AI와 수소, SMR 같은 미래 산업에서 협력하기로 했다고 대통령실이 밝혔다.",
    ],
)
def test_a_gloss_in_another_script_is_no_button(text: str) -> None:
    assert layout(text) == [(Kind.PROSE, text)]


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n\n![]() |\n\n"])
def test_a_short_caption_given_twice_is_no_prose(gap: str) -> None:
    line = "Members of the delegation wave from the stairs of the aircraft."
    assert [kind for kind, text in layout(f"{line}{gap}{line}\n\n{PROSE}") if text == line] == [Kind.CAPTION] * 2
    assert kinds(f"{line}\n\n{PROSE}")[0] is Kind.PROSE


@pytest.mark.parametrize(
    "text",
    [
        "The leaders met on Saturday and agreed to build a\nterminal. They will meet again in spring. The visit\nis "
        "the first of its kind.",
        "両首脳は東京で会談し、水素基地の建設で\n合意した。来春には再び会談する予定で、\n定期的な往来が続く。",
        "両首脳は東京で会談し、基地の建設で合意\nし、来春には再び会談する予定だと述べ\nた。",
        "두 정상은 도쿄에서 만나 수소 기지를 짓기로\n합의했다. 내년 봄에 다시 만날 예정이며 왕래는\n이어진다.",
    ],
)
def test_lines_that_somebody_wrapped_are_one_paragraph(text: str) -> None:
    assert layout(text) == [(Kind.PROSE, text)]


def test_captions_and_bylines_in_a_group_of_short_lines_stay_apart() -> None:
    lines = ["The two leaders pose in Tokyo on August 23. / Source: Harbour News |", "By Han So", "Both left early."]
    assert layout("\n".join(lines)) == list(zip([Kind.CAPTION, Kind.BYLINE, Kind.PROSE], lines, strict=True))


def test_a_caption_may_be_wrapped_too() -> None:
    text = "The two leaders pose in the harbour of Ulsan on\nAugust 23. / Source: Harbour News |"
    assert layout(text) == [(Kind.CAPTION, text)]


def test_wrapped_prose_may_go_on_with_by() -> None:
    text = "The terminal in the harbour was opened at noon\nby President Lee."
    assert layout(text) == [(Kind.PROSE, text)]


def test_lines_that_were_meant_stay_apart() -> None:
    lines = ["He came.", "She had been there.", "They left.", "Nobody stayed, or so the guards at the gate said."]
    assert [text for _, text in layout("\n".join(lines))] == lines


def test_points_of_a_list_stay_apart() -> None:
    points = [
        "• Shuttle visits resume",
        "• A terminal is built",
        "1. Chips come next",
        "2) Ships come last",
        "- All signed",
    ]
    assert layout("\n".join(points)) == [(Kind.PROSE, point) for point in points]


def test_a_blank_line_always_parts() -> None:
    assert len(blocks("The talks went\n\non for hours.")) == 2


@given(text=ANY_TEXT)
def test_blocks_come_in_order_and_hold_every_character_but_white_space(text: str) -> None:
    found = blocks(text)
    assert all(one.span.end <= other.span.start for one, other in pairwise(found))
    assert all(block.span.slice(text) == block.span.slice(text).strip() != "" for block in found)
    assert "".join("".join(block.span.slice(text).split()) for block in found) == "".join(text.split())


@given(text=st.text(" \n\t\u00a0\u3000ab", max_size=20), data=st.data())
def test_trimming_takes_white_space_and_nothing_else(text: str, data: st.DataObject) -> None:
    ends = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    assert trim(text, Span(*ends)).slice(text) == text[slice(*ends)].strip()


@pytest.mark.parametrize("piece", HOSTILE_PIECES)
def test_time_grows_with_the_length_of_the_text(piece: str) -> None:
    assert_linear(blocks, piece)


@pytest.mark.parametrize("piece", HOSTILE_PIECES)
def test_time_grows_with_the_number_of_hostile_lines(piece: str) -> None:
    assert_linear(blocks, piece.strip("\n") * 30 + "\n")
