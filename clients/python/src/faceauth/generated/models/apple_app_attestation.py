from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.apple_app_attestation_format import AppleAppAttestationFormat
from ..types import UNSET, Unset

T = TypeVar("T", bound="AppleAppAttestation")


@_attrs_define
class AppleAppAttestation:
    """Apple App Attest: an attestation object with the first capture of a key, and an assertion
    with each later one.

        Example:
            {'assertion': 'omlzaWduYXR1cmVY...', 'format': 'apple_app_attest', 'key_id':
                'bSrEhF8TIzIvWSPwvZ0i2+UOBre4ASH84rK15m6emNY='}

        Attributes:
            format_ (AppleAppAttestationFormat):
            key_id (str): The identifier of the key.
            assertion (None | str | Unset): The assertion of the key about this capture.
            attestation_object (None | str | Unset): The object that attests the key for this capture.
    """

    format_: AppleAppAttestationFormat
    key_id: str
    assertion: None | str | Unset = UNSET
    attestation_object: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        format_ = self.format_.value

        key_id = self.key_id

        assertion: None | str | Unset
        if isinstance(self.assertion, Unset):
            assertion = UNSET
        else:
            assertion = self.assertion

        attestation_object: None | str | Unset
        if isinstance(self.attestation_object, Unset):
            attestation_object = UNSET
        else:
            attestation_object = self.attestation_object

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "format": format_,
                "key_id": key_id,
            }
        )
        if assertion is not UNSET:
            field_dict["assertion"] = assertion
        if attestation_object is not UNSET:
            field_dict["attestation_object"] = attestation_object

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        format_ = AppleAppAttestationFormat(d.pop("format"))

        key_id = d.pop("key_id")

        def _parse_assertion(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        assertion = _parse_assertion(d.pop("assertion", UNSET))

        def _parse_attestation_object(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        attestation_object = _parse_attestation_object(d.pop("attestation_object", UNSET))

        apple_app_attestation = cls(
            format_=format_,
            key_id=key_id,
            assertion=assertion,
            attestation_object=attestation_object,
        )

        apple_app_attestation.additional_properties = d
        return apple_app_attestation

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
