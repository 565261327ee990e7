from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.attempt_body import AttemptBody
    from ..models.authorization_code_body import AuthorizationCodeBody
    from ..models.connected_client_body import ConnectedClientBody
    from ..models.face_body import FaceBody
    from ..models.login_session_body import LoginSessionBody
    from ..models.passkey_body import PasskeyBody
    from ..models.recorded_consent_body import RecordedConsentBody
    from ..models.session_body import SessionBody
    from ..models.user_body import UserBody


T = TypeVar("T", bound="ExportResponse")


@_attrs_define
class ExportResponse:
    """Everything that is held about the account holder.

    Attributes:
        attempts (list[AttemptBody]): Every attempt that is still kept, newest first.
        attested_keys (int): Keys of apps that last signed a capture for this name. Example: 0.
        authorization_codes (list[AuthorizationCodeBody]): Codes that apps can redeem or have redeemed, oldest first.
        authorization_requests (int): Requests of apps that wait for somebody of this name. Example: 0.
        clients (list[ConnectedClientBody]): Apps that the account holder has signed in to, the last used first.
        consents (list[RecordedConsentBody]): Every agreement, oldest first.
        created_at (datetime.datetime): When it was made.
        enrolment_images (int): Pictures of the enrolled faces that are kept, sealed: none unless the operator keeps
            them. Example: 0.
        exported_at (datetime.datetime): When this was so.
        faces (list[FaceBody]): The enrolled faces.
        failures_in_a_row (int): Sign-ins that have failed in a row. Example: 0.
        last_active_at (datetime.datetime): When it was last used.
        liveness_sessions (int): Liveness sessions that are bound to the name. Example: 0.
        login_sessions (list[LoginSessionBody]): Browsers in which the account holder is signed in for apps.
        not_included (list[str]): What is held and not shown here, and why. Example: ['The templates of the faces: they
            are biometric data.'].
        passkeys (list[PasskeyBody]): Passkeys, oldest first.
        recovery_codes (int): Recovery codes that nobody has used. Example: 10.
        sessions (list[SessionBody]): Refresh tokens, oldest first.
        undelivered_events (int): Events about the account that wait to be told to the operator's receiver of webhooks.
            Example: 0.
        user (UserBody): An account.
    """

    attempts: list[AttemptBody]
    attested_keys: int
    authorization_codes: list[AuthorizationCodeBody]
    authorization_requests: int
    clients: list[ConnectedClientBody]
    consents: list[RecordedConsentBody]
    created_at: datetime.datetime
    enrolment_images: int
    exported_at: datetime.datetime
    faces: list[FaceBody]
    failures_in_a_row: int
    last_active_at: datetime.datetime
    liveness_sessions: int
    login_sessions: list[LoginSessionBody]
    not_included: list[str]
    passkeys: list[PasskeyBody]
    recovery_codes: int
    sessions: list[SessionBody]
    undelivered_events: int
    user: UserBody
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        attempts = []
        for attempts_item_data in self.attempts:
            attempts_item = attempts_item_data.to_dict()
            attempts.append(attempts_item)

        attested_keys = self.attested_keys

        authorization_codes = []
        for authorization_codes_item_data in self.authorization_codes:
            authorization_codes_item = authorization_codes_item_data.to_dict()
            authorization_codes.append(authorization_codes_item)

        authorization_requests = self.authorization_requests

        clients = []
        for clients_item_data in self.clients:
            clients_item = clients_item_data.to_dict()
            clients.append(clients_item)

        consents = []
        for consents_item_data in self.consents:
            consents_item = consents_item_data.to_dict()
            consents.append(consents_item)

        created_at = self.created_at.isoformat()

        enrolment_images = self.enrolment_images

        exported_at = self.exported_at.isoformat()

        faces = []
        for faces_item_data in self.faces:
            faces_item = faces_item_data.to_dict()
            faces.append(faces_item)

        failures_in_a_row = self.failures_in_a_row

        last_active_at = self.last_active_at.isoformat()

        liveness_sessions = self.liveness_sessions

        login_sessions = []
        for login_sessions_item_data in self.login_sessions:
            login_sessions_item = login_sessions_item_data.to_dict()
            login_sessions.append(login_sessions_item)

        not_included = self.not_included

        passkeys = []
        for passkeys_item_data in self.passkeys:
            passkeys_item = passkeys_item_data.to_dict()
            passkeys.append(passkeys_item)

        recovery_codes = self.recovery_codes

        sessions = []
        for sessions_item_data in self.sessions:
            sessions_item = sessions_item_data.to_dict()
            sessions.append(sessions_item)

        undelivered_events = self.undelivered_events

        user = self.user.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attempts": attempts,
                "attested_keys": attested_keys,
                "authorization_codes": authorization_codes,
                "authorization_requests": authorization_requests,
                "clients": clients,
                "consents": consents,
                "created_at": created_at,
                "enrolment_images": enrolment_images,
                "exported_at": exported_at,
                "faces": faces,
                "failures_in_a_row": failures_in_a_row,
                "last_active_at": last_active_at,
                "liveness_sessions": liveness_sessions,
                "login_sessions": login_sessions,
                "not_included": not_included,
                "passkeys": passkeys,
                "recovery_codes": recovery_codes,
                "sessions": sessions,
                "undelivered_events": undelivered_events,
                "user": user,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.attempt_body import AttemptBody  # noqa: PLC0415
        from ..models.authorization_code_body import AuthorizationCodeBody  # noqa: PLC0415
        from ..models.connected_client_body import ConnectedClientBody  # noqa: PLC0415
        from ..models.face_body import FaceBody  # noqa: PLC0415
        from ..models.login_session_body import LoginSessionBody  # noqa: PLC0415
        from ..models.passkey_body import PasskeyBody  # noqa: PLC0415
        from ..models.recorded_consent_body import RecordedConsentBody  # noqa: PLC0415
        from ..models.session_body import SessionBody  # noqa: PLC0415
        from ..models.user_body import UserBody  # noqa: PLC0415

        d = dict(src_dict)
        attempts = []
        _attempts = d.pop("attempts")
        for attempts_item_data in _attempts:
            attempts_item = AttemptBody.from_dict(attempts_item_data)

            attempts.append(attempts_item)

        attested_keys = d.pop("attested_keys")

        authorization_codes = []
        _authorization_codes = d.pop("authorization_codes")
        for authorization_codes_item_data in _authorization_codes:
            authorization_codes_item = AuthorizationCodeBody.from_dict(
                authorization_codes_item_data
            )

            authorization_codes.append(authorization_codes_item)

        authorization_requests = d.pop("authorization_requests")

        clients = []
        _clients = d.pop("clients")
        for clients_item_data in _clients:
            clients_item = ConnectedClientBody.from_dict(clients_item_data)

            clients.append(clients_item)

        consents = []
        _consents = d.pop("consents")
        for consents_item_data in _consents:
            consents_item = RecordedConsentBody.from_dict(consents_item_data)

            consents.append(consents_item)

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        enrolment_images = d.pop("enrolment_images")

        exported_at = datetime.datetime.fromisoformat(d.pop("exported_at"))

        faces = []
        _faces = d.pop("faces")
        for faces_item_data in _faces:
            faces_item = FaceBody.from_dict(faces_item_data)

            faces.append(faces_item)

        failures_in_a_row = d.pop("failures_in_a_row")

        last_active_at = datetime.datetime.fromisoformat(d.pop("last_active_at"))

        liveness_sessions = d.pop("liveness_sessions")

        login_sessions = []
        _login_sessions = d.pop("login_sessions")
        for login_sessions_item_data in _login_sessions:
            login_sessions_item = LoginSessionBody.from_dict(login_sessions_item_data)

            login_sessions.append(login_sessions_item)

        not_included = cast(list[str], d.pop("not_included"))

        passkeys = []
        _passkeys = d.pop("passkeys")
        for passkeys_item_data in _passkeys:
            passkeys_item = PasskeyBody.from_dict(passkeys_item_data)

            passkeys.append(passkeys_item)

        recovery_codes = d.pop("recovery_codes")

        sessions = []
        _sessions = d.pop("sessions")
        for sessions_item_data in _sessions:
            sessions_item = SessionBody.from_dict(sessions_item_data)

            sessions.append(sessions_item)

        undelivered_events = d.pop("undelivered_events")

        user = UserBody.from_dict(d.pop("user"))

        export_response = cls(
            attempts=attempts,
            attested_keys=attested_keys,
            authorization_codes=authorization_codes,
            authorization_requests=authorization_requests,
            clients=clients,
            consents=consents,
            created_at=created_at,
            enrolment_images=enrolment_images,
            exported_at=exported_at,
            faces=faces,
            failures_in_a_row=failures_in_a_row,
            last_active_at=last_active_at,
            liveness_sessions=liveness_sessions,
            login_sessions=login_sessions,
            not_included=not_included,
            passkeys=passkeys,
            recovery_codes=recovery_codes,
            sessions=sessions,
            undelivered_events=undelivered_events,
            user=user,
        )

        export_response.additional_properties = d
        return export_response

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
