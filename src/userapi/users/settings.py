"""The settings of users: who may look others up, and what their addresses are good for."""

from userapi.config.declarations import boolean, choice, settings_group
from userapi.users.policy import Directory


@settings_group("Users")
class UserSettings:
    """Who may look other users up."""

    directory: Directory = choice(
        "DIRECTORY",
        Directory,
        default=Directory.MEMBERS,
        help="Who may list users and read the profiles of others: every member, or only admins; "
        "recommended where anybody may register: admins.",
    )


@settings_group("Addresses")
class AddressSettings:
    """What an address is good for before it is proven."""

    require_verified: bool = boolean(
        "REQUIRE_VERIFIED_EMAIL",
        default=False,
        help="Whether only those log in who have proven their address. Accounts of before it was "
        "asked for have not.",
    )
