from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.recorded_consent_body import RecordedConsentBody


T = TypeVar("T", bound="MeResponse")


@_attrs_define
class MeResponse:
    """The caller's account.

    Attributes:
        consent (RecordedConsentBody): A recorded agreement.
        created_at (datetime.datetime): When the account was made.
        id (UUID): Identifier, `sub` of tokens.
        username (str): The name as first written. Example: ada.
    """

    consent: RecordedConsentBody
    created_at: datetime.datetime
    id: UUID
    username: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        consent = self.consent.to_dict()

        created_at = self.created_at.isoformat()

        id = str(self.id)

        username = self.username

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "consent": consent,
                "created_at": created_at,
                "id": id,
                "username": username,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.recorded_consent_body import RecordedConsentBody  # noqa: PLC0415

        d = dict(src_dict)
        consent = RecordedConsentBody.from_dict(d.pop("consent"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        id = UUID(d.pop("id"))

        username = d.pop("username")

        me_response = cls(
            consent=consent,
            created_at=created_at,
            id=id,
            username=username,
        )

        me_response.additional_properties = d
        return me_response

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
