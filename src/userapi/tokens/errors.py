"""What can go wrong with signing keys.

DomainError
├── NoSigningKey        there is no key that can sign
└── SigningKeysRefused  a stored key is not one of ours
OperatorError           told to whoever runs a command; no operation answers with it
├── NoKeyToSign         there is no key that can sign, as a start tells it
├── NoKeyInFolder       the same, where the keys are files
├── NoKeyRing           the algorithm has no key ring
├── KeysAreFiles        the keys are files, which the commands leave alone
├── KeyRingNotEmpty     there is a key that signs already
├── KeyNotFound         no key has that id
├── KeyRetired          the key was retired before
└── LastSigningKey      without this key nothing could be signed
"""

from userapi.kit.errors import DomainError, Kind, OperatorError


class NoSigningKey(DomainError):
    """There is no key that can sign, so no token can be made."""

    kind = Kind.UNAVAILABLE
    code = "no-signing-key"
    title = "No signing key"
    detail = "No key can sign tokens; the operator must run `userapi keys generate`."


class SigningKeysRefused(DomainError):
    """A stored key is not one of ours, or was changed; it is neither used nor published."""

    kind = Kind.UNAVAILABLE
    code = "signing-keys-refused"
    title = "Signing keys refused"
    detail = "A stored signing key is refused; the operator must look at `userapi keys list`."


class NoKeyToSign(OperatorError):
    """There is no key that can sign."""

    message = "no key can sign tokens as JWT_ALGORITHM tells; run: userapi keys generate"


class NoKeyInFolder(OperatorError):
    """There is no key that can sign among those that are files."""

    message = (
        "no key in JWT_KEYS_DIR can sign tokens; put a private key for JWT_ALGORITHM there that "
        "this user may read, named as docs/signing-keys.md tells"
    )


class NoKeyRing(OperatorError):
    """The algorithm has no key ring."""

    message = "JWT_ALGORITHM is HS256, which signs with JWT_SECRET_KEY and has no key ring"


class KeysAreFiles(OperatorError):
    """The keys are files, which the commands leave alone."""

    message = "the keys are the files in JWT_KEYS_DIR; add and remove keys there"


class KeyRingNotEmpty(OperatorError):
    """There is a key that signs already."""

    message = "there is a key that signs already; run `userapi keys rotate` for another"


class KeyNotFound(OperatorError):
    """No key has that id."""

    message = "no key has that id; run `userapi keys list`"


class KeyRetired(OperatorError):
    """The key was retired before."""

    message = "the key was retired before"


class LastSigningKey(OperatorError):
    """Without this key nothing could be signed."""

    message = (
        "no other key can sign at this moment; run `userapi keys rotate`, and retire this one "
        "when the new one signs"
    )
