from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.android_key_attestation_format import AndroidKeyAttestationFormat

T = TypeVar("T", bound="AndroidKeyAttestation")


@_attrs_define
class AndroidKeyAttestation:
    """Android key attestation: of a key that was made with the nonce of the session as its
    challenge.

        Example:
            {'certificates': ['MIICozCC...', 'MIICKTCC...', 'MIIByjCC...'], 'format': 'android_key', 'signature':
                'MEUCIQDx...'}

        Attributes:
            certificates (list[str]): The chain in DER, the certificate of the key first.
            format_ (AndroidKeyAttestationFormat):
            signature (str): ECDSA on P-256 with SHA-256 over the statement about the capture, in DER.
    """

    certificates: list[str]
    format_: AndroidKeyAttestationFormat
    signature: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        certificates = self.certificates

        format_ = self.format_.value

        signature = self.signature

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "certificates": certificates,
                "format": format_,
                "signature": signature,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        certificates = cast(list[str], d.pop("certificates"))

        format_ = AndroidKeyAttestationFormat(d.pop("format"))

        signature = d.pop("signature")

        android_key_attestation = cls(
            certificates=certificates,
            format_=format_,
            signature=signature,
        )

        android_key_attestation.additional_properties = d
        return android_key_attestation

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
