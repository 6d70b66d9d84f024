"""The REST API: routes, permissions, rate limits, faults; every request is kept."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.discord_double import replies
from tests.discord_double.callbacks import Callbacks
from tests.discord_double.command_limits import check_commands
from tests.discord_double.faults import Disconnect, Kind, Request, Status
from tests.discord_double.gateway import Gateway
from tests.discord_double.messages import Message
from tests.discord_double.posting import (
    SEND_FLAGS,
    Refused,
    check_new,
    edit,
    insist,
    new_message,
    require,
    require_post,
    unknown_message,
)
from tests.discord_double.state import State
from tests.discord_double.world import Channel, Guild, Permission

log = logging.getLogger(__name__)

Handler = Callable[..., Any]
NONCE_S = 5 * 60.0  # "the past few minutes", in Discord's words


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    kind: Kind
    handler: Handler
    by_token: bool = False  # the path's token is the login


class Rest:
    def __init__(self, state: State, gateway: Gateway) -> None:
        self._state = state
        self._gateway = gateway
        self._callbacks = Callbacks(state)
        self._routes = [
            Route(method, re.compile(_as_pattern(path)), kind, handler, "{token}" in path)
            for method, path, kind, handler in self._table()
        ]

    def _table(self) -> list[tuple[str, str, Kind, Handler]]:
        callbacks, hook = self._callbacks, "/webhooks/{application}/{token}"
        message = "/channels/{channel}/messages/{message}"
        commands = "/applications/{application}/commands"
        return [
            ("GET", "/users/@me", Kind.LOGIN, lambda _: self._state.bot.payload()),
            ("GET", "/oauth2/applications/@me", Kind.LOGIN, lambda _: self._state.application.payload()),
            ("GET", "/applications/@me", Kind.LOGIN, lambda _: self._state.application.payload()),
            ("GET", "/gateway", Kind.GATEWAY, lambda _: {"url": self._gateway.url}),
            ("GET", "/gateway/bot", Kind.GATEWAY, self._gateway_bot),
            ("GET", "/users/{user}", Kind.OTHER, self._user),
            ("POST", "/users/@me/channels", Kind.OPEN_DM, self._open_dm),
            ("GET", "/guilds/{guild}", Kind.OTHER, lambda _, guild: self._guild(guild).payload()),
            ("GET", "/guilds/{guild}/members/{user}", Kind.OTHER, self._member),
            ("GET", "/channels/{channel}", Kind.OTHER, self._get_channel),
            ("GET", "/channels/{channel}/messages", Kind.GET_MESSAGE, self._history),
            ("POST", "/channels/{channel}/messages", Kind.SEND, self._send),
            ("POST", "/channels/{channel}/typing", Kind.TYPING, self._typing),
            ("GET", message, Kind.GET_MESSAGE, self._get_message),
            ("PATCH", message, Kind.EDIT, self._edit),
            ("DELETE", message, Kind.DELETE, self._delete),
            ("GET", commands, Kind.COMMANDS, lambda _, application: list(self._state.commands.values())),
            ("PUT", commands, Kind.COMMANDS, self._put_commands),
            ("POST", "/interactions/{interaction}/{token}/callback", Kind.CALLBACK, callbacks.callback),
            ("POST", hook, Kind.FOLLOWUP, lambda r, application, token: callbacks.followup(r, token)),
            *(
                row
                for which, get, patch, delete in (
                    ("@original", Kind.GET_ORIGINAL, Kind.EDIT_ORIGINAL, Kind.DELETE_ORIGINAL),
                    ("{which}", Kind.GET_FOLLOWUP, Kind.EDIT_FOLLOWUP, Kind.DELETE_FOLLOWUP),
                )
                for row in (
                    ("GET", f"{hook}/messages/{which}", get, self._hook_get),
                    ("PATCH", f"{hook}/messages/{which}", patch, self._hook_edit),
                    ("DELETE", f"{hook}/messages/{which}", delete, self._hook_delete),
                )
            ),
        ]

    # -- one request from end to end

    async def serve(self, http: web.Request) -> web.StreamResponse:
        path = re.sub(r"^/api(/v\d+)?", "", http.path)
        route, names = self._find(http.method, path)
        body, files = await replies.read(http)
        kind = route.kind if route else Kind.OTHER
        request = Request(http.method, path, kind, body, self._state.clock.now(), files)
        self._state.requests.append(request)
        status, payload, headers = await self._answer(http, request, route, names)
        request.status = status
        if status >= 400:
            request.code, request.message = payload.get("code", 0), payload["message"]
        self._state.changed()
        return replies.response(status, payload, headers)

    def _find(self, method: str, path: str) -> tuple[Route | None, dict[str, str]]:
        for route in self._routes:
            if route.method == method and (found := route.pattern.fullmatch(path)):
                return route, found.groupdict()
        return None, {}

    async def _answer(
        self, http: web.Request, request: Request, route: Route | None, names: dict[str, str]
    ) -> replies.Reply:
        fault = await self._state.faults.strike(request)
        if fault == Disconnect():
            await replies.cut(http)
        if isinstance(fault, Status):
            return replies.faulty(fault)
        if route is None:
            self._state.complain(f"{request.method} {request.path}", ["the double has no such route"])
            return replies.error(404, 0, "404: Not Found")
        if not route.by_token and http.headers.get("Authorization") != f"Bot {self._state.token}":
            return replies.error(401, 0, "401: Unauthorized")
        major = names.get("token") or names.get("channel") or names.get("guild") or ""
        spent = self._state.rates.take(request.kind, major)
        if spent.retry_after_s:
            return replies.limited(spent.retry_after_s, spent.headers, is_global=spent.is_global)
        try:
            payload = route.handler(request, **names)
        except Refused as refused:
            status, payload, headers = replies.error(refused.status, refused.code, refused.message)
            return status, payload | refused.extra, headers | spent.headers
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            log.exception("cannot read %s %s", request.method, request.path)
            self._state.complain(f"{request.method} {request.path}", [f"not to be read: {error!r}"])
            return replies.error(400, 50035, "Invalid Form Body")
        if isinstance(fault, Disconnect):
            await replies.cut(http)
        return (200 if payload is not None else 204), payload, spent.headers

    # -- what is looked up

    def _guild(self, guild: str) -> Guild:
        found = self._state.guilds.get(int(guild))
        if found is None or not found.installed:
            raise Refused(404, 10004, "Unknown Guild")
        return found

    def _channel(self, channel: str) -> Channel:
        found = self._state.channels.get(int(channel))
        if found is None:
            raise Refused(404, 10003, "Unknown Channel")
        return found

    def _message(self, channel: str, message: str) -> Message:
        found = self._state.messages.get(int(message))
        if found is None or found.deleted or found.ephemeral or found.channel is not self._channel(channel):
            unknown_message()
        return found

    def _gateway_bot(self, _: Request) -> Any:
        start = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": self._gateway.url, "shards": self._state.shards, "session_start_limit": start}

    def _user(self, _: Request, user: str) -> Any:
        found = self._state.users.get(int(user))
        if found is None:
            raise Refused(404, 10013, "Unknown User")
        return found.payload()

    def _member(self, _: Request, guild: str, user: str) -> Any:
        members = self._guild(guild)
        if int(user) not in members.users:
            raise Refused(404, 10007, "Unknown Member")
        return members.member_payload(members.users[int(user)])

    def _open_dm(self, request: Request) -> Any:
        user = self._state.users.get(int(request.body["recipient_id"]))
        if user is None:
            raise Refused(404, 10013, "Unknown User")
        return self._state.dm_with(user).payload()

    def _get_channel(self, _: Request, channel: str) -> Any:
        found = self._channel(channel)
        require(self._state, found, Permission(0))
        return found.payload()

    # -- messages

    def _shown(self, message: Message) -> Any:
        return self._gateway.message_payload(message, self._gateway.allowed_intents & (1 << 15))

    def _history(self, _: Request, channel: str) -> Any:
        where = self._channel(channel)
        require(self._state, where, Permission.READ_MESSAGE_HISTORY)
        there = [m for m in self._state.messages.values() if m.channel is where and not m.deleted and not m.ephemeral]
        return [self._shown(message) for message in reversed(there[-50:])]

    def _get_message(self, _: Request, channel: str, message: str) -> Any:
        require(self._state, self._channel(channel), Permission.READ_MESSAGE_HISTORY)
        return self._shown(self._message(channel, message))

    def _send(self, request: Request, channel: str) -> Any:
        state, where, body = self._state, self._channel(channel), request.body
        require_post(state, where, body, request.files)
        check_new(state, request, body, flags_allowed=SEND_FLAGS)
        nonce = body.get("nonce")
        if nonce is not None and body.get("enforce_nonce"):
            for earlier in reversed(state.messages.values()):
                if request.at - earlier.versions[0].at > NONCE_S:
                    break
                if earlier.author is state.bot and earlier.channel is where and earlier.nonce == str(nonce):
                    return earlier.payload
        message = new_message(state, where, body, request)
        message.nonce = None if nonce is None else str(nonce)
        message.reply_to = self._replied_to(where, body.get("message_reference"))
        cause = message.reply_to or state.last_user_message(where)
        state.add_message(message, cause=f"message {cause.id if cause else 0} in {where.id}")
        return self._shown(message)

    def _replied_to(self, where: Channel, reference: Any) -> Message | None:
        if not reference:
            return None
        require(self._state, where, Permission.READ_MESSAGE_HISTORY)
        found = self._state.messages.get(int(reference["message_id"]))
        if found is not None and not found.deleted and found.channel is where and not found.ephemeral:
            return found
        if reference.get("fail_if_not_exists", True):
            raise Refused(
                400,
                50035,
                "Invalid Form Body",
                extra={"errors": {"message_reference": {"_errors": ["Unknown message"]}}},
            )
        return None

    def _typing(self, _: Request, channel: str) -> None:
        require_post(self._state, self._channel(channel), {}, {})

    def _edit(self, request: Request, channel: str, message: str) -> Any:
        require(self._state, self._channel(channel), Permission(0))
        found = self._message(channel, message)
        if found.author is not self._state.bot:
            raise Refused(403, 50005, "Cannot edit a message authored by another user")
        edit(self._state, found, request.body, request, by_token=False)
        return self._shown(found)

    def _delete(self, _: Request, channel: str, message: str) -> None:
        found = self._message(channel, message)
        mine = found.author is self._state.bot
        require(self._state, found.channel, Permission(0) if mine else Permission.MANAGE_MESSAGES)
        self._state.delete_message(found)

    # -- commands, interactions

    def _put_commands(self, request: Request, application: str) -> Any:
        insist(self._state, request, check_commands(request.body))
        if not self._state.register_commands(request.body):
            raise Refused(400, 30034, "Max number of daily application command creates has been reached (200)")
        return list(self._state.commands.values())

    def _hook_get(self, _: Request, application: str, token: str, which: str = "@original") -> Any:
        return self._callbacks.get(token, which)

    def _hook_edit(self, request: Request, application: str, token: str, which: str = "@original") -> Any:
        return self._callbacks.edit(request, token, which)

    def _hook_delete(self, _: Request, application: str, token: str, which: str = "@original") -> Any:
        return self._callbacks.delete(token, which)


def _as_pattern(path: str) -> str:
    return re.sub(r"\\?\{(\w+)\\?\}", lambda m: rf"(?P<{m[1]}>{'[^/]+' if m[1] == 'token' else '[0-9]+'})", path)
