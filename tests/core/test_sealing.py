"""SM4 and SM3 give what their standards print; cells of both ciphers stand side by side."""

import base64

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from core.sealing import SM4GCM, digest, key_of, keyed_hash, seal, unseal

KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
AES = "aes:" + base64.b64encode(b"1" * 32).decode()
SM4 = "guomi:sm4:" + base64.b64encode(KEY).decode()


def test_the_block_cipher_is_that_of_gb_t_32907():
    """GB/T 32907-2016, appendix A.1: the key enciphered under itself."""
    encryptor = Cipher(algorithms.SM4(KEY), modes.ECB()).encryptor()

    assert encryptor.update(KEY).hex() == "681edf34d206965e86b3e94f536e4246"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_the_hash_is_that_of_gb_t_32905(text, printed):
    """GB/T 32905-2016, appendix A.1 and A.2."""
    made = hashes.Hash(hashes.SM3())
    made.update(text)

    assert made.finalize().hex() == printed


def test_sealing_is_sm4_in_gcm():
    """RFC 8998, appendix A.1."""
    nonce, bound = bytes.fromhex("00001234567800000000abcd"), bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    text = bytes.fromhex("aa" * 8 + "bb" * 8 + "cc" * 8 + "dd" * 8 + "ee" * 8 + "ff" * 8 + "ee" * 8 + "aa" * 8)
    printed = (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )

    sealed = SM4GCM(KEY).encrypt(nonce, text, bound)

    assert sealed.hex() == printed
    assert SM4GCM(KEY).decrypt(nonce, sealed, bound) == text


def test_what_was_changed_or_moved_or_cut_short_does_not_open(settings):
    settings.DATA_KEYS = [SM4]
    cell = seal("王秀兰", bound_to="accounts_person.name:1")
    changed = cell[:-1] + bytes([cell[-1] ^ 1])

    for damaged, bound in (
        (cell, "accounts_person.name:2"),
        (changed, "accounts_person.name:1"),
        (cell[:20], "accounts_person.name:1"),
    ):
        with pytest.raises(InvalidTag):
            unseal(damaged, bound_to=bound)

    assert unseal(cell, bound_to="accounts_person.name:1") == "王秀兰"


def test_cells_of_both_ciphers_open_side_by_side(settings):
    settings.DATA_KEYS = [AES]
    before = seal("王秀兰", bound_to="x")
    settings.DATA_KEYS = [SM4, AES]
    after = seal("王秀兰", bound_to="x")

    assert [key_of(before), key_of(after)] == ["aes", "guomi"]
    assert [unseal(cell, bound_to="x") for cell in (before, after)] == ["王秀兰"] * 2


def test_look_ups_are_hashed_by_sha_256_unless_the_key_says_sm3(settings):
    """HMAC by hand (RFC 2104): H(key ^ opad, H(key ^ ipad, text)), with both blocks of 64 bytes."""
    key = bytes(range(32))
    plain = base64.b64encode(key).decode()

    def by_hand(kind, text):
        def hashed(data):
            made = hashes.Hash(kind)
            made.update(data)
            return made.finalize()

        inner, outer = (bytes(byte ^ pad for byte in key.ljust(64, b"\0")) for pad in (0x36, 0x5C))
        return hashed(outer + hashed(inner + text)).hex()

    assert digest(plain, b"t") == by_hand(hashes.SHA256(), b"t")
    assert digest(f"sm3:{plain}", b"t") == by_hand(hashes.SM3(), b"t")
    settings.HASH_KEY = f"sm3:{plain}"
    assert keyed_hash("a", purpose="one") == by_hand(hashes.SM3(), b"one:a") != keyed_hash("a", purpose="two")
