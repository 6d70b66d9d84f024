"""The application behind the bot, and the person or team who owns it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.discord_double.world import Payload, User


@dataclass(eq=False)
class Application:
    id: int
    owner: User
    bot: User
    flags: int = 0
    team: list[User] = field(default_factory=list)
    team_role: str = "admin"

    def set_team(self, users: list[User], *, role: str = "admin") -> None:
        """Give the application to a team, the first of them its owner."""
        self.team = list(users)
        self.team_role = role

    def payload(self) -> Payload:
        """As GET /oauth2/applications/@me gives it: a team's application is owned by a made-up user."""
        shown: Payload = {
            "id": str(self.id),
            "name": self.bot.name,
            "icon": None,
            "description": "",
            "summary": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": self.flags,
            "hook": True,
            "integration_types_config": {"0": {}, "1": {}},
            "interactions_endpoint_url": None,
            "redirect_uris": [],
            "owner": self.owner.payload(),
            "team": None,
        }
        if self.team:
            team_id = str(self.id + 1)
            shown["owner"] = User(self.id + 1, f"team{team_id}").payload()
            shown["team"] = {
                "id": team_id,
                "name": "The team",
                "icon": None,
                "owner_user_id": str(self.team[0].id),
                "members": [
                    {
                        "user": member.payload(),
                        "team_id": team_id,
                        "membership_state": 2,
                        "permissions": ["*"],
                        "role": self.team_role,
                    }
                    for member in self.team
                ],
            }
        return shown
