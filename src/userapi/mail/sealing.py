"""Encrypting what a mail is made of for as long as it waits: its link lets somebody in."""

import hashlib
import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from userapi.mail.links import Link, LinkKind

_NONCE_BYTES = 12
_KEY_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class MailContent:
    """What the template is filled with, but for what the settings tell."""

    values: Mapping[str, str]
    name: str | None = None
    link: Link | None = None


class Seal:
    """Encrypts contents with AES-GCM, each bound to the id of its row."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self.key_id = hashlib.sha256(key).hexdigest()[:_KEY_ID_LENGTH]

    def close(self, content: MailContent, mail_id: uuid.UUID) -> bytes:
        """Return the content encrypted: nonce and ciphertext."""
        link = content.link
        plain = json.dumps(
            {
                "values": dict(content.values),
                "name": content.name,
                "link": None if link is None else [link.kind, link.token],
            }
        )
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain.encode(), mail_id.bytes)

    def open(self, sealed: bytes, mail_id: uuid.UUID) -> MailContent:
        """Return the content that `close` encrypted.

        Raises `ValueError` with another key, with another id, or when it was altered.
        """
        nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            plain = json.loads(self._cipher.decrypt(nonce, ciphertext, mail_id.bytes))
        except InvalidTag as error:
            message = "the mail cannot be read with this SECRET_KEY"
            raise ValueError(message) from error
        link = plain["link"]
        return MailContent(
            values=plain["values"],
            name=plain["name"],
            link=None if link is None else Link(LinkKind(link[0]), link[1]),
        )
