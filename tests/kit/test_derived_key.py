from userapi.kit.secrets import derived_key

SECRET = "q7Wd-3xKp0_ZmVt9RbLc2NfYhGs8JuAe4TiXo6Br"
PURPOSE = "idempotency fingerprints"


def test_a_key_has_256_bits() -> None:
    assert len(derived_key(SECRET, PURPOSE)) == 32


def test_a_key_is_the_same_in_every_process_and_release() -> None:
    pinned = "d44839dc499eed9a8373e345438007af62f229ed4a5754c5271840300e208b90"

    assert derived_key(SECRET, PURPOSE).hex() == pinned


def test_each_purpose_has_a_key_of_its_own() -> None:
    assert derived_key(SECRET, PURPOSE) != derived_key(SECRET, "another purpose")


def test_each_secret_has_keys_of_its_own() -> None:
    assert derived_key(SECRET, PURPOSE) != derived_key(SECRET[::-1], PURPOSE)
