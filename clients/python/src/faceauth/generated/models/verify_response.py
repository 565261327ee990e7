from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.match_body import MatchBody
    from ..models.user_body import UserBody


T = TypeVar("T", bound="VerifyResponse")


@_attrs_define
class VerifyResponse:
    """Somebody who is signed in.

    Attributes:
        access_token (str): JWT (RFC 9068), verified by the keys at `/.well-known/jwks.json`. Example:
            eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl.
        expires_in (int): Lifetime of the access token in seconds. Example: 900.
        refresh_expires_in (int): Lifetime of the refresh token in seconds. Example: 2592000.
        refresh_token (str): Opaque; good for one `POST /token/refresh`. Example:
            fr_Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgdG9rZW4uLi4.
        token_type (str): How the access token is sent. Example: Bearer.
        user (UserBody): An account.
        device_token (None | str | Unset): Only in the answer of a sign-in: keep it on the device and send it with the
            next sign-in.
            Failures of others then do not make this device wait.
        match (MatchBody | Unset): A comparison.
    """

    access_token: str
    expires_in: int
    refresh_expires_in: int
    refresh_token: str
    token_type: str
    user: UserBody
    device_token: None | str | Unset = UNSET
    match: MatchBody | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        access_token = self.access_token

        expires_in = self.expires_in

        refresh_expires_in = self.refresh_expires_in

        refresh_token = self.refresh_token

        token_type = self.token_type

        user = self.user.to_dict()

        device_token: None | str | Unset
        if isinstance(self.device_token, Unset):
            device_token = UNSET
        else:
            device_token = self.device_token

        match: dict[str, Any] | Unset = UNSET
        if not isinstance(self.match, Unset):
            match = self.match.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "access_token": access_token,
                "expires_in": expires_in,
                "refresh_expires_in": refresh_expires_in,
                "refresh_token": refresh_token,
                "token_type": token_type,
                "user": user,
            }
        )
        if device_token is not UNSET:
            field_dict["device_token"] = device_token
        if match is not UNSET:
            field_dict["match"] = match

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.match_body import MatchBody  # noqa: PLC0415
        from ..models.user_body import UserBody  # noqa: PLC0415

        d = dict(src_dict)
        access_token = d.pop("access_token")

        expires_in = d.pop("expires_in")

        refresh_expires_in = d.pop("refresh_expires_in")

        refresh_token = d.pop("refresh_token")

        token_type = d.pop("token_type")

        user = UserBody.from_dict(d.pop("user"))

        def _parse_device_token(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        device_token = _parse_device_token(d.pop("device_token", UNSET))

        _match = d.pop("match", UNSET)
        match: MatchBody | Unset
        if isinstance(_match, Unset):
            match = UNSET
        else:
            match = MatchBody.from_dict(_match)

        verify_response = cls(
            access_token=access_token,
            expires_in=expires_in,
            refresh_expires_in=refresh_expires_in,
            refresh_token=refresh_token,
            token_type=token_type,
            user=user,
            device_token=device_token,
            match=match,
        )

        verify_response.additional_properties = d
        return verify_response

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
