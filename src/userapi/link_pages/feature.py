"""What the pages for the links in mails bring."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from userapi.config.settings import Settings
from userapi.container import Feature
from userapi.link_pages.http import PATHS, Look, init_link_pages
from userapi.mail.settings import ProductSettings
from userapi.passwords.settings import PasswordPolicySettings


def init(app: Flask, parts: Mapping[type, Any]) -> None:
    """Serve the pages."""
    settings: Settings = parts[Settings]
    product = settings.of(ProductSettings)
    length = settings.of(PasswordPolicySettings).min_length
    init_link_pages(app, Look(product.name, product.colour, length))


FEATURE = Feature(name="link_pages", init=init, pages=PATHS)
