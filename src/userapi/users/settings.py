"""The settings of the directory of users."""

from userapi.config.declarations import choice, settings_group
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
