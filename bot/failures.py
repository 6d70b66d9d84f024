"""What an asker is told when something fails: what to do next, and never the exception's own text."""

from __future__ import annotations

import logging

from bot.desk import QueueFull, Stale
from bot.layout import Layout, Tone
from bot.messages import Speaker
from bot.render import notice_layout
from index.answer import MAX_QUESTION_CHARS
from index.errors import IndexDamaged, IndexMissing, QuestionError, StoreUnavailable

log = logging.getLogger(__name__)


def failure_layout(error: BaseException, say: Speaker, request: str) -> Layout:
    """The asker's mistake, a known failure, or anything else, which also goes to the log with its traceback."""
    match error:
        case QuestionError():
            return notice_layout(say("notice.empty"))
        case QueueFull():
            return notice_layout(say("notice.queue_full"))
        case Stale():
            return notice_layout(say("notice.stale"))
        case StoreUnavailable() | IndexMissing() | IndexDamaged():
            log.error("the index does not answer: %s", error)
            return notice_layout(say("notice.unavailable"), Tone.PROBLEM)
    log.error("failed", exc_info=error)
    return notice_layout(say("notice.failed", id=request), Tone.PROBLEM)


def question_problem(question: str, say: Speaker) -> Layout | None:
    """What is wrong with a question before it is asked, if anything."""
    if not question.strip():
        return notice_layout(say("notice.empty"))
    if len(question) > MAX_QUESTION_CHARS:
        return notice_layout(say("notice.too_long", limit=MAX_QUESTION_CHARS, length=len(question)))
    return None
