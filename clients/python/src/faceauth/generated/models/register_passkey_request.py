from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.credential_json import CredentialJson


T = TypeVar("T", bound="RegisterPasskeyRequest")


@_attrs_define
class RegisterPasskeyRequest:
    """A passkey to register.

    Attributes:
        credential (CredentialJson): What the browser answered: `toJSON()` of a `PublicKeyCredential`.
        name (str): What its owner calls it. Example: my phone.
        transaction (str): Of `/verify`, `/register` or `/me/passkeys/challenge`. Example:
            VGhpcyBpcyBub3QgYSByZWFsIHRyYW5zYWN0aW9uLi4.
    """

    credential: CredentialJson
    name: str
    transaction: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        credential = self.credential.to_dict()

        name = self.name

        transaction = self.transaction

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "credential": credential,
                "name": name,
                "transaction": transaction,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.credential_json import CredentialJson  # noqa: PLC0415

        d = dict(src_dict)
        credential = CredentialJson.from_dict(d.pop("credential"))

        name = d.pop("name")

        transaction = d.pop("transaction")

        register_passkey_request = cls(
            credential=credential,
            name=name,
            transaction=transaction,
        )

        register_passkey_request.additional_properties = d
        return register_passkey_request

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
