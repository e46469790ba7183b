"""The Ed25519 key that signs commands to devices, and the key with which devices check them."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cli.services.secrets import write_private


def ensure_keys(signing: Path, verify: Path) -> None:
    """Makes the pair once; the public file is written again from the private one."""
    if signing.exists():
        key = serialization.load_pem_private_key(signing.read_bytes(), password=None)
    else:
        key = Ed25519PrivateKey.generate()
        write_private(
            signing,
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )
    if not verify.exists():
        verify.write_bytes(
            key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
