from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="VerifyRecoveryCodeRequest")


@_attrs_define
class VerifyRecoveryCodeRequest:
    """A recovery code in place of a passkey.

    Attributes:
        code (str): One of the codes. Case, blanks and dashes do not count. Example: 0123-4567-89AB-CDEF-GHJK-MNPQ.
        transaction (str): Of `/verify`. Example: VGhpcyBpcyBub3QgYSByZWFsIHRyYW5zYWN0aW9uLi4.
    """

    code: str
    transaction: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        transaction = self.transaction

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "transaction": transaction,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        code = d.pop("code")

        transaction = d.pop("transaction")

        verify_recovery_code_request = cls(
            code=code,
            transaction=transaction,
        )

        verify_recovery_code_request.additional_properties = d
        return verify_recovery_code_request

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
