import re
import uuid

from userapi.throttling.lockout import Buckets

DEVICE = uuid.UUID("6f2c1a5e-9d41-4f0b-8c57-0a1b2c3d4e5f")
BUCKETS = Buckets(key=b"one key")


def test_a_bucket_has_64_characters_and_tells_nothing() -> None:
    assert re.fullmatch("[0-9a-f]{64}", BUCKETS.of_account("ada@example.com"))


def test_every_account_and_device_has_a_bucket_of_its_own() -> None:
    buckets = {
        BUCKETS.of_account("ada@example.com"),
        BUCKETS.of_account("grace@example.com"),
        BUCKETS.of_account(str(DEVICE)),
        BUCKETS.of_device(DEVICE),
    }

    assert len(buckets) == 4


def test_the_same_account_has_the_same_bucket_in_every_process() -> None:
    assert BUCKETS.of_account("a@b.c") == Buckets(key=b"one key").of_account("a@b.c")


def test_another_key_names_other_buckets() -> None:
    assert BUCKETS.of_account("a@b.c") != Buckets(key=b"another").of_account("a@b.c")
