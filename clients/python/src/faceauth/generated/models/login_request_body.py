from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.asking_client_body import AskingClientBody
    from ..models.signed_in_here_body import SignedInHereBody


T = TypeVar("T", bound="LoginRequestBody")


@_attrs_define
class LoginRequestBody:
    """What the login page shows.

    Example:
        {'client': {'first_party': False, 'name': 'Timesheets'}, 'expires_in': 600, 'fresh_face': False, 'login_hint':
            'ada', 'needs_consent': True, 'prompt_create': False, 'scopes': ['openid', 'profile'], 'second_factor': False,
            'signed_in': {'username': 'ada'}, 'ui_locales': ['en']}

    Attributes:
        client (AskingClientBody): Who asks.
        expires_in (int): Seconds until nobody can answer it.
        fresh_face (bool): Whether the app wants a new sign-in.
        needs_consent (bool): Whether the person has to agree to what the app is given.
        prompt_create (bool): Whether the person wants to enrol.
        scopes (list[str]): What the app is given.
        second_factor (bool): Whether a face alone is not enough: sign in with `second_factor`.
        ui_locales (list[str]): Languages of the page, the first preferred.
        login_hint (None | str | Unset): Who will sign in, as the app believes.
        signed_in (None | SignedInHereBody | Unset):
    """

    client: AskingClientBody
    expires_in: int
    fresh_face: bool
    needs_consent: bool
    prompt_create: bool
    scopes: list[str]
    second_factor: bool
    ui_locales: list[str]
    login_hint: None | str | Unset = UNSET
    signed_in: None | SignedInHereBody | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.signed_in_here_body import SignedInHereBody  # noqa: PLC0415

        client = self.client.to_dict()

        expires_in = self.expires_in

        fresh_face = self.fresh_face

        needs_consent = self.needs_consent

        prompt_create = self.prompt_create

        scopes = self.scopes

        second_factor = self.second_factor

        ui_locales = self.ui_locales

        login_hint: None | str | Unset
        if isinstance(self.login_hint, Unset):
            login_hint = UNSET
        else:
            login_hint = self.login_hint

        signed_in: dict[str, Any] | None | Unset
        if isinstance(self.signed_in, Unset):
            signed_in = UNSET
        elif isinstance(self.signed_in, SignedInHereBody):
            signed_in = self.signed_in.to_dict()
        else:
            signed_in = self.signed_in

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "client": client,
                "expires_in": expires_in,
                "fresh_face": fresh_face,
                "needs_consent": needs_consent,
                "prompt_create": prompt_create,
                "scopes": scopes,
                "second_factor": second_factor,
                "ui_locales": ui_locales,
            }
        )
        if login_hint is not UNSET:
            field_dict["login_hint"] = login_hint
        if signed_in is not UNSET:
            field_dict["signed_in"] = signed_in

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.asking_client_body import AskingClientBody  # noqa: PLC0415
        from ..models.signed_in_here_body import SignedInHereBody  # noqa: PLC0415

        d = dict(src_dict)
        client = AskingClientBody.from_dict(d.pop("client"))

        expires_in = d.pop("expires_in")

        fresh_face = d.pop("fresh_face")

        needs_consent = d.pop("needs_consent")

        prompt_create = d.pop("prompt_create")

        scopes = cast(list[str], d.pop("scopes"))

        second_factor = d.pop("second_factor")

        ui_locales = cast(list[str], d.pop("ui_locales"))

        def _parse_login_hint(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        login_hint = _parse_login_hint(d.pop("login_hint", UNSET))

        def _parse_signed_in(data: object) -> None | SignedInHereBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                signed_in_type_0 = SignedInHereBody.from_dict(data)

                return signed_in_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SignedInHereBody | Unset, data)

        signed_in = _parse_signed_in(d.pop("signed_in", UNSET))

        login_request_body = cls(
            client=client,
            expires_in=expires_in,
            fresh_face=fresh_face,
            needs_consent=needs_consent,
            prompt_create=prompt_create,
            scopes=scopes,
            second_factor=second_factor,
            ui_locales=ui_locales,
            login_hint=login_hint,
            signed_in=signed_in,
        )

        login_request_body.additional_properties = d
        return login_request_body

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
