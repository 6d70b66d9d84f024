"""People who use the bot: commands, menus, buttons, modals, and plain messages."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tests.discord_double.interactions import Act, InteractionKind
from tests.discord_double.messages import BUTTON, Message, walk
from tests.discord_double.state import State
from tests.discord_double.world import (
    DIRECT,
    Channel,
    ChannelKind,
    Context,
    Install,
    Payload,
    Permission,
    User,
)

_SLASH, _MESSAGE_MENU = 1, 3
_SUBCOMMAND, _GROUP = 1, 2
_OPTION_TYPES: dict[int, type | tuple[type, ...]] = {3: str, 4: int, 5: bool, 10: (int, float)}
# What an app may do where its bot is not a member, or in direct messages.
_APP_ELSEWHERE = DIRECT


@dataclass(eq=False)
class Posted:
    """A user's message, and the bot's reply to it."""

    state: State
    message: Message

    def _reply(self) -> Message | None:
        channel, bot = self.message.channel, self.state.bot
        found = None
        for message in reversed(self.state.messages.values()):
            if message is self.message:
                break
            if message.author is not bot or message.channel is not channel:
                continue
            if message.reply_to is self.message or (message.reply_to is None and channel.guild is None):
                found = message
        return found

    async def reply(self, timeout_s: float = 15.0) -> Message:
        return await self.state.until(
            self._reply, timeout_s=timeout_s, what=lambda: f"a reply to {self.message.content!r:.80}"
        )

    async def settled(self, quiet_s: float = 0.5, timeout_s: float = 30.0) -> Message:
        """The reply, once it has not been edited for `quiet_s` of real time."""
        async with asyncio.timeout(timeout_s):
            reply = await self.reply(timeout_s)
            await self.state.settled(lambda: len(reply.versions) + int(reply.deleted), quiet_s)
            return reply

    async def no_reply(self, within_s: float = 1.0) -> None:
        await asyncio.sleep(within_s)
        reply = self._reply()
        assert reply is None, f"the bot replied: {reply.text!r:.200}" if reply else ""


@dataclass(eq=False)
class Player(User):
    """A user who can act; `double.user(...)` makes one."""

    state: State = field(kw_only=True)

    @property
    def dm(self) -> Channel:
        return self.state.dm_with(self)

    # -- messages

    async def say(
        self,
        channel: Channel,
        text: str,
        *,
        mention_bot: bool = False,
        reply_to: Message | None = None,
        ping_reply: bool = True,
    ) -> Posted:
        may = channel.permissions_of(self)
        needed = Permission.SEND_MESSAGES_IN_THREADS if channel.kind is ChannelKind.THREAD else Permission.SEND_MESSAGES
        assert may & needed, f"{self.name} may not write in {channel.name}"
        content = f"{self.state.bot.mention} {text}" if mention_bot else text
        assert len(content) <= 2000, f"a user may not write {len(content)} characters"
        message = Message(self.state.flakes.next(), channel, self, self.state.clock.wall().isoformat(), content)
        message.reply_to = reply_to
        message.allowed_mentions = {"parse": ["users", "roles", "everyone"], "replied_user": ping_reply}
        if not may & Permission.MENTION_EVERYONE:
            message.allowed_mentions["parse"] = ["users"]
        self.state.add_message(message)
        return Posted(self.state, message)

    # -- commands

    async def slash(self, channel: Channel, name: str, /, **options: Any) -> Act:
        """`name` may hold subcommands: "settings show". Options are checked as Discord's client would."""
        command, leaf, wrap = self._resolve(channel, name)
        known = {option["name"]: option for option in leaf.get("options") or []}
        for option in known.values():
            assert option["name"] in options or not option.get("required"), f"/{name} needs {option['name']!r}"
        for given, value in options.items():
            assert given in known, f"/{name} has no option {given!r}, only {sorted(known)}"
            _check_option(known[given], value)
        data = self._slash_data(command, wrap, [_option(known[key], value) for key, value in options.items()])
        return self._act(InteractionKind.COMMAND, channel, data, command)

    async def slash_unchecked(self, channel: Channel, name: str, /, **options: Any) -> Act:
        """As a changed client would send it: values are not held against the option's limits."""
        command, leaf, wrap = self._resolve(channel, name)
        known = {option["name"]: option for option in leaf.get("options") or []}
        data = self._slash_data(command, wrap, [_option(known[key], value) for key, value in options.items()])
        return self._act(InteractionKind.COMMAND, channel, data, command)

    async def autocomplete(self, channel: Channel, name: str, /, **options: Any) -> Act:
        """What the user has typed so far; the last option is the one in focus."""
        command, leaf, wrap = self._resolve(channel, name)
        known = {option["name"]: option for option in leaf.get("options") or []}
        *_, focus = options
        assert known[focus].get("autocomplete"), f"/{name} {focus} has no autocomplete"
        filled = [_option(known[key], value) for key, value in options.items()]
        filled[-1]["focused"] = True
        return self._act(InteractionKind.AUTOCOMPLETE, channel, self._slash_data(command, wrap, filled), command)

    async def menu(self, channel: Channel, name: str, message: Message, /) -> Act:
        assert message.visible_to(self), f"{self.name} cannot see that message"
        command = self._offered(channel, _MESSAGE_MENU, name)
        data: Payload = {"id": command["id"], "name": command["name"], "type": _MESSAGE_MENU}
        data["target_id"] = str(message.id)
        data["resolved"] = {"messages": {str(message.id): message.payload}}
        return self._act(InteractionKind.COMMAND, channel, data, command)

    def _resolve(self, channel: Channel, name: str) -> tuple[Payload, Payload, list[Payload]]:
        """The command, the part of it that holds the options, and the subcommands on the way there."""
        first, *rest = name.split()
        command = leaf = self._offered(channel, _SLASH, first)
        wrap: list[Payload] = []
        for part in rest:
            inner = [o for o in leaf.get("options") or [] if o["type"] in (_SUBCOMMAND, _GROUP) and o["name"] == part]
            assert inner, f"/{first} has no subcommand {part!r}"
            leaf = inner[0]
            wrap.append(leaf)
        return command, leaf, wrap

    def _slash_data(self, command: Payload, wrap: list[Payload], options: list[Payload]) -> Payload:
        for level in reversed(wrap):
            options = [{"name": level["name"], "type": level["type"], "options": options}]
        return {"id": command["id"], "name": command["name"], "type": _SLASH, "options": options}

    def _offered(self, channel: Channel, kind: int, name: str) -> Payload:
        """The registered command, if Discord's client would show it to this user here."""
        commands = self.state.commands
        assert f"{kind}:{name}" in commands, f"no command {name!r} is registered, only {sorted(commands)}"
        command = commands[f"{kind}:{name}"]
        context, owners = self._setting(channel)
        contexts = command["contexts"]
        assert contexts is None or context in contexts, f"{name} is not offered in {context.name}: {contexts}"
        installs = {str(one) for one in command["integration_types"]}
        assert installs & owners.keys(), f"{name} is not installed for {self.name} here: {installs} {owners}"
        needed = command["default_member_permissions"]
        if self.state.enforce_default_permissions and needed is not None and channel.guild is not None:
            held = channel.permissions_of(self)
            shown = int(needed) and held & int(needed) == int(needed)
            assert shown or held & Permission.ADMINISTRATOR, f"{name} is hidden from {self.name}: needs {needed}"
        return command

    def _setting(self, channel: Channel) -> tuple[Context, dict[str, str]]:
        owners = {Install.USER.value: str(self.id)} if self.installed else {}
        if channel.guild is not None:
            assert channel.seen_by(self), f"{self.name} does not see {channel.name}"
            if channel.guild.installed:
                owners = {Install.GUILD.value: str(channel.guild.id)} | owners
            return Context.GUILD, owners
        assert self in channel.recipients, f"{self.name} is not in {channel.name}"
        if self.state.bot in channel.recipients:
            return Context.BOT_DM, {Install.GUILD.value: "0"} | owners
        return Context.PRIVATE_CHANNEL, owners

    # -- components

    async def press(
        self,
        message: Message,
        *,
        label: str | None = None,
        custom_id: str | None = None,
        custom_id_prefix: str | None = None,
        index: int | None = None,
    ) -> Act:
        assert message.visible_to(self), f"{self.name} cannot see that message: it is gone or meant for another"
        button = message.button(label=label, custom_id=custom_id, custom_id_prefix=custom_id_prefix, index=index)
        assert button.custom_id is not None, f"{button.label!r} is a link; pressing it tells the bot nothing"
        assert not button.disabled, f"{button.label!r} is greyed out"
        return self._press(message, button.custom_id)

    async def press_forged(self, message: Message, custom_id: str) -> Act:
        """A press that no button offers, or on a message this user cannot see; also on a deleted one."""
        return self._press(message, custom_id)

    def _press(self, message: Message, custom_id: str) -> Act:
        parts = [part for part in walk(message.components) if part.get("custom_id") == custom_id]
        data: Payload = {"custom_id": custom_id, "component_type": BUTTON, "id": parts[0]["id"] if parts else 1}
        return self._act(InteractionKind.COMPONENT, message.channel, data, pressed=message)

    async def submit(self, act: Act, values: dict[str, str]) -> Act:
        """Fill in and send the modal that `act` opened; fields are named by custom id."""
        assert act.modal is not None, "no modal was opened"
        parts = act.modal["components"]
        fields = {part["custom_id"] for part in walk(parts) if part.get("custom_id")}
        assert values.keys() <= fields, f"the modal has {fields}"
        data: Payload = {"custom_id": act.modal["custom_id"]}
        data["components"] = [_filled_in(part, values) for part in parts]
        return self._act(InteractionKind.MODAL_SUBMIT, act.channel, data, pressed=act.pressed)

    # -- on its way

    def _act(
        self,
        kind: InteractionKind,
        channel: Channel,
        data: Payload,
        command: Payload | None = None,
        pressed: Message | None = None,
    ) -> Act:
        context, owners = self._setting(channel)
        if command is not None:
            installs = {str(one) for one in command["integration_types"]}
            owners = {install: owner for install, owner in owners.items() if install in installs}
        elif pressed is not None and pressed.interaction is not None:
            owners = pressed.interaction["authorizing_integration_owners"]
        act = Act(self.state, self.state.flakes.next(), kind, self, channel, context, owners, data, pressed)
        self.state.acts[act.token] = act
        act.sent_at = self.state.clock.now()
        guild = channel.guild
        self.state.emit("INTERACTION_CREATE", self._interaction_payload(act), guild.id if guild else None)
        return act

    def _interaction_payload(self, act: Act) -> Payload:
        channel, guild, bot = act.channel, act.channel.guild, self.state.bot
        present = channel.permissions_of(bot) if guild is None or guild.installed else Permission(0)
        payload: Payload = {
            "id": str(act.id),
            "application_id": str(self.state.application.id),
            "type": int(act.kind),
            "token": act.token,
            "version": 1,
            "data": act.data,
            "channel_id": str(channel.id),
            "channel": channel.payload() | {"permissions": str(int(channel.permissions_of(self)))},
            "locale": self.locale,
            "app_permissions": str(int(present or _APP_ELSEWHERE)),
            "context": int(act.context),
            "authorizing_integration_owners": act.owners,
            "entitlements": [],
            "attachment_size_limit": 10 * 1024 * 1024,
        }
        if guild is None:
            payload["user"] = self.payload()
        else:
            member = guild.member_payload(self) | {"permissions": str(int(channel.permissions_of(self)))}
            payload |= {
                "member": member,
                "guild_id": str(guild.id),
                "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
                "guild_locale": guild.locale,
            }
        if act.pressed is not None:
            payload["message"] = act.pressed.payload
        return payload


def _option(option: Payload, value: Any) -> Payload:
    sent = str(value.id) if isinstance(value, User | Channel) else value
    return {"name": option["name"], "type": option["type"], "value": sent}


def _check_option(option: Payload, value: Any) -> None:
    name = option["name"]
    wanted = _OPTION_TYPES.get(option["type"])
    assert wanted is None or isinstance(value, wanted), f"{name}: {value!r} is not of type {option['type']}"
    if isinstance(value, str):
        least, most = option.get("min_length") or 0, option.get("max_length") or 6000
        assert least <= len(value) <= most, f"{name}: {len(value)} characters, the client allows {least} to {most}"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        assert option.get("min_value", value) <= value <= option.get("max_value", value), f"{name}: {value}"
    choices = [choice["value"] for choice in option.get("choices") or []]
    assert not choices or value in choices, f"{name}: {value!r} is none of {choices}"


def _filled_in(part: Payload, values: dict[str, str]) -> Payload:
    """A modal's component as it comes back: types, ids and values only."""
    back: Payload = {key: part[key] for key in ("type", "id", "custom_id") if key in part}
    if part.get("custom_id"):
        back["value"] = values.get(part["custom_id"], part.get("value") or "")
    if part.get("components"):
        back["components"] = [_filled_in(inner, values) for inner in part["components"]]
    if part.get("component"):
        back["component"] = _filled_in(part["component"], values)
    return back
