"""Making and changing the bot's messages from request bodies, with the checks both REST ways in share."""

from __future__ import annotations

from typing import NoReturn

from tests.discord_double import limits
from tests.discord_double.faults import Request
from tests.discord_double.messages import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    Attachment,
    Message,
    numbered,
)
from tests.discord_double.state import State
from tests.discord_double.world import Channel, ChannelKind, Payload, Permission

SEND_FLAGS = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2
RESPONSE_FLAGS = SEND_FLAGS | EPHEMERAL
EDIT_FLAGS = SUPPRESS_EMBEDS | COMPONENTS_V2
# Of an interaction's message these may be named again when editing, and change nothing.
RESPONSE_EDIT_FLAGS = EDIT_FLAGS | EPHEMERAL


class Refused(Exception):
    """The reply is an error; `headers` are added to it."""

    def __init__(self, status: int, code: int, message: str, *, extra: Payload | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.extra = extra or {}


def insist(state: State, request: Request, complaints: list[str]) -> None:
    """Invalid form body, when anything is wrong; kept among the violations."""
    if complaints:
        state.complain(f"{request.method} {request.path}", complaints)
        raise Refused(400, 50035, "Invalid Form Body", extra={"errors": {"_errors": complaints}})


def unknown_message() -> NoReturn:
    raise Refused(404, 10008, "Unknown Message")


def require(state: State, channel: Channel, needed: Permission) -> None:
    """That the bot sees the channel, and holds all that is needed there."""
    held = channel.permissions_of(state.bot)
    if not held & Permission.VIEW_CHANNEL or (channel.guild and not channel.guild.installed):
        raise Refused(403, 50001, "Missing Access")
    if needed & ~held:
        raise Refused(403, 50013, "Missing Permissions")


def require_post(state: State, channel: Channel, body: Payload, files: dict[str, bytes]) -> None:
    if channel.kind is ChannelKind.DM and not channel.recipients[0].dms_open:
        raise Refused(403, 50007, "Cannot send messages to this user")
    needed = Permission.SEND_MESSAGES
    if channel.kind is ChannelKind.THREAD:
        needed = Permission.SEND_MESSAGES_IN_THREADS
    if body.get("embeds"):
        needed |= Permission.EMBED_LINKS
    if files:
        needed |= Permission.ATTACH_FILES
    require(state, channel, needed)


def check_new(state: State, request: Request, body: Payload, *, flags_allowed: int) -> None:
    complaints = limits.check_message(body, flags_allowed=flags_allowed)
    complaints += limits.check_files(request.files, body.get("components") or [])
    insist(state, request, complaints)
    if limits.is_empty(body, len(request.files)):
        state.complain(f"{request.method} {request.path}", ["an empty message"])
        raise Refused(400, 50006, "Cannot send an empty message")


def new_message(state: State, channel: Channel, body: Payload, request: Request, *, flags: int = 0) -> Message:
    """A message of the bot, not yet added to the state; `flags` come on top of the body's."""
    message = Message(state.flakes.next(), channel, state.bot, state.clock.wall().isoformat())
    message.flags = (body.get("flags") or 0) | flags
    message.on_delete = state.delete_message
    fill(state, message, body, request)
    return message


def fill(state: State, message: Message, body: Payload, request: Request) -> None:
    """Take over what the body says; what it does not name stays."""
    if "content" in body:
        message.content = body["content"] or ""
    if "embeds" in body:
        message.embeds = body["embeds"] or []
    if "components" in body:
        message.components = numbered(body["components"] or [])
    if "allowed_mentions" in body:
        message.allowed_mentions = body["allowed_mentions"]
    if "attachments" in body:
        named = {str(one.get("id")) for one in body["attachments"] or []}
        message.attachments = [one for one in message.attachments if str(one.id) in named]
    for filename, content in request.files.items():
        number = state.flakes.next()
        url = f"{state.base_url}/attachments/{message.channel.id}/{number}/{filename}"
        message.attachments.append(Attachment(number, filename, content, url))
        if message.is_v2 and filename not in limits.attached_names(message.components):
            state.complain(f"{request.method} {request.path}", [f"files: no component shows {filename}"])


def edit(state: State, message: Message, body: Payload, request: Request, *, by_token: bool) -> None:
    """Check, change, tell; a message that uses Components V2 stays so, and one that becomes so keeps no content."""
    allowed = RESPONSE_EDIT_FLAGS if by_token else EDIT_FLAGS
    becomes_v2 = bool((body.get("flags") or 0) & COMPONENTS_V2) and not message.is_v2
    complaints = limits.check_message(body, flags_allowed=allowed, was_v2=message.is_v2, editing=True)
    held = [one.filename for one in message.attachments]
    complaints += limits.check_files(request.files, body.get("components") or [], held)
    if becomes_v2 and message.content and "content" not in body:
        complaints.append("content: stays beside Components V2; it has to be set to null in this edit")
    if becomes_v2 and message.embeds and "embeds" not in body:
        complaints.append("embeds: stay beside Components V2; they have to be emptied in this edit")
    insist(state, request, complaints)
    kept = body if "components" in body else body | {"components": message.components}
    kept = {"content": message.content, "embeds": message.embeds} | kept
    if limits.is_empty(kept, len(request.files) + len(message.attachments)):
        state.complain(f"{request.method} {request.path}", ["an empty message"])
        raise Refused(400, 50006, "Cannot send an empty message")
    first_text = message.deferred
    if "flags" in body:
        wanted = body["flags"] or 0
        message.flags = (message.flags & ~SUPPRESS_EMBEDS) | (wanted & EDIT_FLAGS)
    fill(state, message, body, request)
    message.flags &= ~LOADING
    cause = f"interaction {message.interaction['id']}" if first_text and message.interaction else None
    state.update_message(message, cause=cause)
