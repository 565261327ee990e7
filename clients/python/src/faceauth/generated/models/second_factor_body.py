from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.next_body import NextBody

if TYPE_CHECKING:
    from ..models.options_json import OptionsJson


T = TypeVar("T", bound="SecondFactorBody")


@_attrs_define
class SecondFactorBody:
    """An intermediate success: the face was recognised, and nobody is signed in yet. Never a token.

    Attributes:
        expires_in (int): Seconds until it is too old. Example: 120.
        next_ (NextBody): What the person does next.
        options (OptionsJson): Options of WebAuthn Level 3: `PublicKeyCredentialRequestOptionsJSON` or
            `PublicKeyCredentialCreationOptionsJSON`.
        transaction (str): Send it with the answer, within `expires_in` seconds, to any replica. It takes three answers
            and signs in once. Example: VGhpcyBpcyBub3QgYSByZWFsIHRyYW5zYWN0aW9uLi4.
    """

    expires_in: int
    next_: NextBody
    options: OptionsJson
    transaction: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        expires_in = self.expires_in

        next_ = self.next_.value

        options = self.options.to_dict()

        transaction = self.transaction

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "expires_in": expires_in,
                "next": next_,
                "options": options,
                "transaction": transaction,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.options_json import OptionsJson  # noqa: PLC0415

        d = dict(src_dict)
        expires_in = d.pop("expires_in")

        next_ = NextBody(d.pop("next"))

        options = OptionsJson.from_dict(d.pop("options"))

        transaction = d.pop("transaction")

        second_factor_body = cls(
            expires_in=expires_in,
            next_=next_,
            options=options,
            transaction=transaction,
        )

        second_factor_body.additional_properties = d
        return second_factor_body

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
