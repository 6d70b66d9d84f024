"""Korean words and runs of Japanese script -> tokens, by their particles and endings; no dictionary."""

from __future__ import annotations

import regex

from index.statement import Token, TokenKind, words

# Korean: subject and topic particles are one role, so that copies may swap them; the others keep theirs.
_PARTICLES = {
    "": "은 는 이 가 께서",
    "를": "을 를",
    "로": "으로 로",
    "와": "와 과",
    "다": "이다 이며 이고 이라고 라고 라며",
}
_OTHER_PARTICLES = "에서는 에서도 에서 에게 에는 에도 에 의 도 까지 부터 보다 처럼"
_ROLE = {form: role for role, forms in _PARTICLES.items() for form in forms.split()} | {
    form: form.removesuffix("는") for form in _OTHER_PARTICLES.split()
}
_PARTICLE = regex.compile(f"(?:{'|'.join(sorted(_ROLE, key=len, reverse=True))})$")
_ENDING = regex.compile(r"(?:다고|다며|다면서|다는|으며|으면서|다|고|며)$")
_KO_NEGATION = regex.compile(
    r"않|(?<!잘)못|(?<!끊임|변함|틀림|어김|거침)없|아니|아닌|거부|거절|(?:부인|반대)(?=[했하해])|무산|불발|실패"
)
_KO_GUARDS = words(
    "약 최소 최대 적어도 많아야 이상 이하 미만 초과 가량 정도 안팎 넘는 넘게 전 부 모든 일부 전체 거의 겨우 여 두배"
    " 이전 이후 만약"
)
_KO_LIGHTS = words("이날 또 또한 한편 앞서 이어 이번 당시 그리고 고 라고 며 등 것 기자들 기자들과 만나")
_KO_SAY = regex.compile(r"^(?:말|밝|전|덧붙|언급|설명)(?:했|혔|하|히)\p{Hangul}*$")
_JA_NEGATION = regex.compile(r"ない|なかっ|なく|ません|ず(?=に|$)|ぬ$")
_JA_DUTY = regex.compile(r"なければ|なくては|しれない|だけでなく|にほかならない")
_JA_HAN_NEGATION = regex.compile(r"否定|拒否|拒絶|失敗|中止|断念")
_JA_GUARDS = words("約 以上 以下 未満 超 前 元 副 最大 最低 全 程度 前後 から まで より だけ ほぼ かもしれ")
_JA_SAYS = words("述 語 話 言 明")
_JA_SUBJECT = words("は が も")


def hangul(raw: str, counts: bool) -> Token:
    """A Korean word. `counts`: it is set against a number, so that even one syllable before a particle is a word."""
    negation = _KO_NEGATION.search(raw)
    if negation or raw == "안":
        value = negation.group() if negation else "않"
        return Token("않" if value == "못" else value, TokenKind.NEGATION, raw)
    particle = _PARTICLE.search(raw)
    rest = raw[: particle.start()] if particle and particle.start() >= (0 if counts else 2) else raw
    if raw in _KO_LIGHTS or not rest:
        return Token(raw, TokenKind.LIGHT, raw)
    if raw in _KO_GUARDS or rest in _KO_GUARDS:
        return Token(raw if raw in _KO_GUARDS else rest, TokenKind.GUARD, raw)
    if _KO_SAY.match(raw):
        return Token("say", TokenKind.SAY, raw)
    if particle and rest != raw:
        return Token(rest, TokenKind.WORD, raw, _ROLE[particle.group()])
    ending = _ENDING.search(raw)
    return Token(raw[: ending.start()] if ending and ending.start() >= 2 else raw, TokenKind.WORD, raw)


def japanese(raw: str, script: str) -> Token:
    """A run of one script ("han", "katakana" or "hiragana")."""
    if raw in _JA_GUARDS:
        return Token(raw, TokenKind.GUARD, raw)
    if script == "hiragana" and _JA_DUTY.search(raw):  # two negations that make none, or a guess
        return Token(raw, TokenKind.GUARD, raw)
    if script == "hiragana" and _JA_NEGATION.search(raw):
        return Token("ない", TokenKind.NEGATION, raw)
    if script == "han" and _JA_HAN_NEGATION.search(raw):
        return Token(raw, TokenKind.NEGATION, raw)
    if raw in _JA_SAYS:
        return Token("say", TokenKind.SAY, raw)
    if raw in _JA_SUBJECT:
        return Token("は", TokenKind.LIGHT, raw)
    return Token(raw, TokenKind.WORD, raw)
