"""A device that holds passkeys, as a browser would hand on its answers; and one that does what it should not."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

SITE = "http://localhost"
PRESENT, VERIFIED = AuthenticatorData.FLAG.UP, AuthenticatorData.FLAG.UV


@dataclass
class Device:
    """One key, its counter, and what it says of who holds it."""

    site: str = SITE
    flags: AuthenticatorData.FLAG = PRESENT | VERIFIED
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    name: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def makes(self, options: Mapping[str, Any]) -> str:
        """The answer to a page that asks for a new passkey."""
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(Aaguid.NONE, self.name, public)
        told = AuthenticatorData.create(
            self._site_hash(), self.flags | AuthenticatorData.FLAG.AT, self.count, credential_data=credential
        )
        attested = AttestationObject.create("none", told, {})
        return self._answer("webauthn.create", options, attestationObject=websafe_encode(attested))

    def answers(self, options: Mapping[str, Any]) -> str:
        """The answer to a page that asks for a passkey to sign in."""
        told = AuthenticatorData.create(self._site_hash(), self.flags, self.count)
        client = self._client("webauthn.get", options)
        signature = self.key.sign(told + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            "webauthn.get",
            options,
            authenticatorData=websafe_encode(told),
            signature=websafe_encode(signature),
        )

    def _site_hash(self) -> bytes:
        host = self.site.partition("://")[2].partition(":")[0]
        return hashlib.sha256(host.encode()).digest()

    def _client(self, kind: str, options: Mapping[str, Any]) -> CollectedClientData:
        return CollectedClientData.create(kind, websafe_decode(options["publicKey"]["challenge"]), self.site)

    def _answer(self, kind: str, options: Mapping[str, Any], **response: str) -> str:
        response["clientDataJSON"] = websafe_encode(self._client(kind, options))
        name = websafe_encode(self.name)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
