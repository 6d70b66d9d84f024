"""What each subcommand does once its arguments and the settings are known."""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TextIO

from bot import contract, serving
from bot.check import Problem, find_problems, settings_problems
from bot.serving import Answers, indexed_sources, open_library, refresh
from bot.settings import Settings
from bot.talk import Talk
from bot.terminal import Screen, outcome_text, problems_text, receipt_text, sources_text
from index.errors import SettingsError

HISTORY = "chat-history"


def run(args: argparse.Namespace, settings: Settings, screen: Screen, talk: Talk) -> int:
    if settings.discord_token:
        from bot.client import run as run_bot

        return run_bot(settings)
    talk.say("No DISCORD_TOKEN is set, so this is the terminal chat; docs/discord.md tells how to start the bot.")
    with open_library(settings, talk, catch_up=True, few=True) as answers:
        _converse(answers, settings, screen, talk)
    return 0


def sync(args: argparse.Namespace, settings: Settings, screen: Screen, talk: Talk) -> int:
    if not settings.discord_token:
        raise SettingsError({"DISCORD_TOKEN": "is not set: docs/discord.md tells where to get it"})
    from bot.client import sync as sync_commands

    screen.print(f"{sync_commands(settings)} commands registered")
    return 0


def chat(args: argparse.Namespace, settings: Settings, screen: Screen, talk: Talk) -> int:
    with open_library(settings, talk, few=True) as answers:
        _converse(answers, settings, screen, talk)
    return 0


def _converse(answers: Answers, settings: Settings, screen: Screen, talk: Talk) -> None:
    from bot.chat import Chat

    conversation = Chat(answers, screen, talk, reindex=lambda: refresh(settings, talk))
    lines = _stdin()
    if lines and lines.isatty() and screen.is_terminal:
        talk.say("Ask about the articles; /help lists the commands, Ctrl-D leaves.")
        conversation.interactive(settings.data / HISTORY)
    else:
        conversation.piped(lines or ())


def _stdin() -> TextIO | None:
    """None where it is closed. Bytes that are no text become replacement characters: one bad line stops no other."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    return sys.stdin


def ask(args: argparse.Namespace, settings: Settings, screen: Screen, talk: Talk) -> int:
    if args.batch is not None:
        from bot.batch import answer_batch, open_batch

        with open_batch(args.batch) as lines, open_library(settings, talk) as answers:
            return 1 if answer_batch(answers, lines, args.limit, screen, talk) else 0
    with open_library(settings, talk, few=True) as answers:
        started = time.perf_counter()
        outcome = serving.ask(answers, talk, args.question, limit=args.limit)
        ms = (time.perf_counter() - started) * 1000
        if args.json:
            screen.emit(contract.dumps(contract.answer_json(outcome, id=None, ms=ms)))
        else:
            topics = () if outcome.quotes else answers.topics()
            screen.print(outcome_text(outcome, columns=screen.columns, topics=topics))
    return 0


def reindex(args: argparse.Namespace, settings: Settings, screen: Screen, talk: Talk) -> int:
    receipt = refresh(settings, talk, full=args.full, force=args.force)
    if args.json:
        screen.emit(contract.dumps(contract.receipt_json(receipt)))
    else:
        screen.print(receipt_text(receipt))
    return 0


def sources(args: argparse.Namespace, settings: Settings, screen: Screen, talk: Talk) -> int:
    indexed = indexed_sources(settings)
    if args.json:
        screen.emit(contract.dumps(contract.sources_json(indexed)))
    else:
        screen.print(sources_text(indexed, columns=screen.columns))
    return 0


def evaluate(args: argparse.Namespace, settings: Settings, screen: Screen, talk: Talk) -> int:
    from bot import evaluation
    from bot.report import write_report
    from index.evaluate import evaluate as ask_all
    from index.questions import check_answers, read_questions

    questions = read_questions(Path(args.file))
    with open_library(settings, talk) as answers:
        articles = {source.article.path: source.article for source in answers.sources()}
        check_answers(questions, articles)
        if args.calibrate:
            with talk.bar(f"Fitting the verdict to {len(questions)} questions ...") as show:
                kept = answers.calibrate(questions, show)
            talk.say(f"Kept in {kept}; a bot that is running takes it up once it is restarted or the articles change.")
            talk.say(
                "The figures below are on the very questions that it was fitted to; others will do a little worse."
            )
        with talk.bar(f"Asking {len(questions)} questions ...") as show:
            found = ask_all(partial(serving.ask, answers, talk), questions, articles, show)
    if args.html is not None:
        write_report(found, args.file, Path(args.html))
    if args.json:
        screen.emit(contract.dumps(evaluation.evaluation_json(found, misses=args.misses)))
        return 0
    screen.print(evaluation.evaluation_text(found, columns=screen.columns))
    if args.misses:
        screen.print()
        screen.print(evaluation.misses_text(found.misses, columns=screen.columns))
    return 0


def check(args: argparse.Namespace, settings: Settings, screen: Screen, talk: Talk) -> int:
    return report(find_problems(settings), screen, as_json=args.json)


def report_settings(args: argparse.Namespace, exc: SettingsError, screen: Screen, talk: Talk) -> int:
    """Settings that cannot be used are a finding for `check`, and a failure for everything else."""
    if args.do is check:
        return report(settings_problems(exc), screen, as_json=args.json)
    talk.warn(f"summit: {exc}")
    return 1


def report(problems: Sequence[Problem], screen: Screen, *, as_json: bool) -> int:
    if as_json:
        screen.emit(contract.dumps(contract.problems_json(problems)))
    else:
        screen.print(problems_text(problems, columns=screen.columns))
    return 1 if problems else 0
