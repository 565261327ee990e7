from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.user_body import UserBody


T = TypeVar("T", bound="ResetResponse")


@_attrs_define
class ResetResponse:
    """An account that was reset.

    Attributes:
        enrolment_token (str): Valid for one `POST /me/faces`, as its bearer token, and before that for `POST
            /me/consent`.
            The next reset makes it invalid. Give it only to the person. Example: eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl.
        expires_in (int): Lifetime of the token in seconds. Example: 3600.
        user (UserBody): An account.
    """

    enrolment_token: str
    expires_in: int
    user: UserBody
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        enrolment_token = self.enrolment_token

        expires_in = self.expires_in

        user = self.user.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "enrolment_token": enrolment_token,
                "expires_in": expires_in,
                "user": user,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.user_body import UserBody  # noqa: PLC0415

        d = dict(src_dict)
        enrolment_token = d.pop("enrolment_token")

        expires_in = d.pop("expires_in")

        user = UserBody.from_dict(d.pop("user"))

        reset_response = cls(
            enrolment_token=enrolment_token,
            expires_in=expires_in,
            user=user,
        )

        reset_response.additional_properties = d
        return reset_response

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
