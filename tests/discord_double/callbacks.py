"""The requests that answer an interaction: the first response, and what its token allows for 15 minutes."""

from __future__ import annotations

from typing import Any

from tests.discord_double import limits
from tests.discord_double.faults import Request
from tests.discord_double.interactions import Act, InteractionKind, ResponseKind
from tests.discord_double.messages import EPHEMERAL, LOADING, Message
from tests.discord_double.posting import (
    RESPONSE_FLAGS,
    Refused,
    check_new,
    edit,
    fill,
    insist,
    new_message,
    unknown_message,
)
from tests.discord_double.state import State
from tests.discord_double.world import Install, Payload

FOLLOWUPS_WHERE_ABSENT = 5
_MAY = {
    InteractionKind.COMMAND: {ResponseKind.MESSAGE, ResponseKind.DEFER, ResponseKind.MODAL},
    InteractionKind.AUTOCOMPLETE: {ResponseKind.CHOICES},
    InteractionKind.COMPONENT: set(ResponseKind) - {ResponseKind.CHOICES},
    InteractionKind.MODAL_SUBMIT: set(ResponseKind) - {ResponseKind.CHOICES, ResponseKind.MODAL},
}


class Callbacks:
    def __init__(self, state: State) -> None:
        self._state = state

    def callback(self, request: Request, interaction: str, token: str) -> Payload:
        state, body = self._state, request.body
        act = state.acts.get(token)
        if act is None or str(act.id) != interaction or act.too_late:
            raise Refused(404, 10062, "Unknown interaction")
        if act.response is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        try:
            kind = ResponseKind(body.get("type"))
        except ValueError:
            insist(state, request, [f"type: {body.get('type')!r} is no response"])
            raise
        data = body.get("data") or {}
        if kind not in _MAY[act.kind] or (
            kind in (ResponseKind.UPDATE, ResponseKind.DEFER_UPDATE) and act.pressed is None
        ):
            insist(state, request, [f"type: {kind.name} does not answer {act.kind.name}"])
        message = self._respond(request, act, kind, data)
        ephemeral = bool(message and message.ephemeral)
        act.respond(kind, request.at, ephemeral=ephemeral)
        told: Payload = {"id": str(act.id), "type": int(act.kind)}
        resource: Payload = {"type": int(kind)}
        if message is not None:
            told |= {
                "response_message_id": str(message.id),
                "response_message_loading": message.deferred,
                "response_message_ephemeral": ephemeral,
            }
            resource["message"] = message.payload
        return {"interaction": told, "resource": resource}

    def _respond(self, request: Request, act: Act, kind: ResponseKind, data: Payload) -> Message | None:
        state = self._state
        match kind:
            case ResponseKind.MESSAGE:
                check_new(state, request, data, flags_allowed=RESPONSE_FLAGS)
                act.original = self._post(request, act, data)
            case ResponseKind.DEFER:
                insist(state, request, limits.check_message(data, flags_allowed=EPHEMERAL, editing=True))
                act.original = self._post(request, act, {"flags": data.get("flags") or 0}, flags=LOADING)
            case ResponseKind.UPDATE if act.pressed is not None:
                edit(state, act.pressed, data, request, by_token=True)
                return act.pressed
            case ResponseKind.DEFER_UPDATE:
                return act.pressed
            case ResponseKind.CHOICES:
                choices = data.get("choices") or []
                insist(state, request, limits.check_choices(choices))
                act.offered = choices
            case ResponseKind.MODAL:
                insist(state, request, limits.check_modal(data))
                act.modal = data
        return act.original

    def _post(self, request: Request, act: Act, data: Payload, *, flags: int = 0) -> Message:
        message = new_message(self._state, act.channel, data, request, flags=flags)
        message.asker = act.user
        message.interaction = act.metadata()
        message.application_id = self._state.application.id
        return self._state.add_message(message, cause=act.cause)

    def _act(self, token: str) -> Act:
        act = self._state.acts.get(token)
        if act is None or act.expired:
            raise Refused(401, 50027, "Invalid Webhook Token")
        if act.response is None:
            raise Refused(404, 10015, "Unknown Webhook")
        return act

    def followup(self, request: Request, token: str) -> Payload:
        state, act, body = self._state, self._act(token), request.body
        check_new(state, request, body, flags_allowed=RESPONSE_FLAGS)
        original = act.original
        if original is not None and original.deferred and not original.deleted:
            # The first follow-up after a deferred response takes its place, and its visibility.
            original.flags |= (body.get("flags") or 0) & ~EPHEMERAL
            original.flags &= ~LOADING
            fill(state, original, body, request)
            state.update_message(original, cause=act.cause)
            return original.payload
        if Install.GUILD.value not in act.owners and len(act.followups) >= FOLLOWUPS_WHERE_ABSENT:
            raise Refused(400, 40094, "This interaction has reached the maximum number of follow-up messages")
        message = self._post(request, act, body)
        act.followups.append(message)
        state.changed()
        return message.payload

    def _message(self, act: Act, which: str) -> Message:
        if which == "@original":
            updated = act.response and act.response.kind in (ResponseKind.UPDATE, ResponseKind.DEFER_UPDATE)
            found = act.pressed if updated else act.original
        else:
            mine = [*act.messages, *([act.pressed] if act.pressed else [])]
            found = next((message for message in mine if str(message.id) == which), None)
        if found is None or found.deleted:
            unknown_message()
        return found

    def get(self, token: str, which: str) -> Payload:
        return self._message(self._act(token), which).payload

    def edit(self, request: Request, token: str, which: str) -> Payload:
        message = self._message(self._act(token), which)
        edit(self._state, message, request.body, request, by_token=True)
        return message.payload

    def delete(self, token: str, which: str) -> Any:
        self._state.delete_message(self._message(self._act(token), which))
        return None
