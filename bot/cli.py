"""The `summit` command: its arguments, and what becomes of errors."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from bot import commands
from bot.serving import DEFAULT_LIMIT
from bot.settings import Settings, environment
from bot.talk import Talk
from bot.terminal import Screen
from index.errors import QuestionError, SettingsError, SummitError

EXAMPLES = """\
examples:
  summit ask "What did they agree on hydrogen?"
  summit --articles ~/news ask "Who met whom?" --limit 3 --json
  summit ask --batch questions.jsonl --json > answers.jsonl
  echo "What was said about tariffs?" | summit chat
  summit reindex
  summit eval questions.jsonl --misses
  summit check
"""
MAX_LIMIT = 20
Command = Callable[[argparse.Namespace, Settings, Screen, Talk], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 done, 1 failed, 2 wrong usage."""
    try:
        return _main(argv)
    except BrokenPipeError:
        # Whoever read our output has had enough (`| head`). What Python flushes at exit must not fail a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _main(argv: Sequence[str] | None) -> int:
    try:
        parser = _parser()
        args = parser.parse_args(argv)
        _check_usage(parser, args)
    except SystemExit as exc:  # argparse has printed the help, or what is wrong
        sys.stdout.flush()
        return exc.code if isinstance(exc.code, int) else 2
    screen, talk = Screen(sys.stdout), Talk()
    try:
        command: Command = args.do
        code = command(args, _settings(args), screen, talk)
        sys.stdout.flush()
        return code
    except SettingsError as exc:
        return commands.report_settings(args, exc, screen, talk)
    except SummitError as exc:
        talk.warn(f"summit: {exc}")
        return 2 if isinstance(exc, QuestionError) else 1
    except KeyboardInterrupt:
        talk.warn("summit: stopped; what was indexed before still serves")
        return 1


def _settings(args: argparse.Namespace) -> Settings:
    """Options beat the environment, which beats `.env`."""
    options = {"SUMMIT_ARTICLES": getattr(args, "articles", ""), "SUMMIT_DATA": getattr(args, "data", "")}
    return Settings.from_env(environment(os.environ) | {name: value for name, value in options.items() if value})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="summit",
        description="Ask a folder of news articles; the answer is their own words, each with its source.",
        epilog=EXAMPLES,
        allow_abbrev=False,
        formatter_class=_layout,
    )
    _add_folders(parser)
    parser.set_defaults(do=commands.run, json=False)
    subcommands = parser.add_subparsers(metavar="COMMAND", title="commands")

    def add(name: str, do: Command, words: str, *, json: bool = True) -> argparse.ArgumentParser:
        sub = subcommands.add_parser(
            name, help=words, description=f"{words[0].upper()}{words[1:]}.", allow_abbrev=False, formatter_class=_layout
        )
        sub.set_defaults(do=do)
        _add_folders(sub)
        if json:
            sub.add_argument("--json", action="store_true", help="print JSON instead of text")
        return sub

    add("run", commands.run, "start the Discord bot; without DISCORD_TOKEN, the terminal chat", json=False)
    add("sync", commands.sync, "register the bot's commands with Discord, changed or not", json=False)
    add("chat", commands.chat, "ask in the terminal, or line by line from a pipe", json=False)
    ask = add("ask", commands.ask, "answer one question, or a batch of them")
    ask.add_argument("question", metavar="QUESTION", nargs="?", help="in any words, in any language")
    ask.add_argument("--batch", metavar="FILE", help="JSON lines with id and question, or - for stdin; needs --json")
    ask.add_argument(
        "--limit",
        metavar="N",
        type=_limit,
        default=DEFAULT_LIMIT,
        help=f"at most N quotes, 1 to {MAX_LIMIT} ({DEFAULT_LIMIT})",
    )
    reindex = add("reindex", commands.reindex, "take in what changed in the articles folder")
    reindex.add_argument("--full", action="store_true", help="embed everything anew, unchanged articles too")
    reindex.add_argument("--force", action="store_true", help="publish even if over half of the articles are gone")
    add("sources", commands.sources, "list the indexed articles")
    evaluate = add("eval", commands.evaluate, "ask questions whose answers are known, and print how well it went")
    evaluate.add_argument("file", metavar="FILE", help="JSON lines with id, question and answers (docs/evaluation.md)")
    evaluate.add_argument("--misses", action="store_true", help="list what went wrong beside what came first")
    evaluate.add_argument("--html", metavar="OUT", help="also write a report with plots, one file that needs no other")
    evaluate.add_argument(
        "--calibrate", action="store_true", help="first fit the verdict to these questions, and keep it"
    )
    add("check", commands.check, "look for problems in settings, articles and index; exit 1 if there are any")
    return parser


def _layout(prog: str) -> argparse.HelpFormatter:
    """The same on every terminal: the help is compared with a saved copy."""
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=20, width=100)


def _add_folders(parser: argparse.ArgumentParser) -> None:
    # Not given means not set, not a default: an option before the subcommand must not be lost to the one after it.
    parser.add_argument("--articles", metavar="DIR", default=argparse.SUPPRESS, help="articles folder (docs/articles)")
    parser.add_argument("--data", metavar="DIR", default=argparse.SUPPRESS, help="index and chat history (.summit)")


def _check_usage(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    if args.do is not commands.ask:
        return
    if (args.question is None) == (args.batch is None):
        parser.error("ask needs either a QUESTION or --batch FILE")
    if args.batch is not None and not args.json:
        parser.error("--batch answers in JSON lines: give --json too")


def _limit(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= MAX_LIMIT:
        raise argparse.ArgumentTypeError(f"expects a number from 1 to {MAX_LIMIT}, not {value!r}")
    return int(value)
