from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.error_code import ErrorCode

T = TypeVar("T", bound="FieldError")


@_attrs_define
class FieldError:
    """Which part of the request a code is about.

    Attributes:
        code (ErrorCode): Why a request was refused:

            - `malformed_json` (400): The body is not valid JSON. Send a JSON object as the document describes it.
            - `missing_field` (400): A required field is missing. Add the field that `errors` names.
            - `invalid_field` (400): A field has a value it cannot have. Mend the field that `errors` names.
            - `invalid_base64` (400): An image is not valid base64. Send base64 (RFC 4648), bare or as a data URL.
            - `authentication_failed` (401): Sign-in failed. Check the username and try again with a clear picture.
            - `passkey_refused` (401): The passkey was refused. Try again with a passkey of this account, and this device's
            unlock.
            - `recovery_code_refused` (401): The recovery code was refused. Check the code; each one is good once.
            - `token_invalid` (401): The token is not valid. Sign in again.
            - `token_expired` (401): The token is too old. Refresh it, or sign in again for a sensitive action.
            - `insufficient_scope` (403): The caller may not do this. Use a key that has the scope.
            - `consent_required` (403): Consent is required. Ask the person for consent and send `consent.granted: true`.
            - `enrolment_not_allowed` (403): Enrolment is not allowed. Ask the operator how to enrol.
            - `invitation_invalid` (403): The invitation is not valid. It was used, replaced or taken back, or is for
            another name: ask for a new one.
            - `liveness_required` (403): A liveness capture is required. Start a session at /liveness/sessions and send its
            capture.
            - `attestation_required` (403): The capture is not attested. Send the attestation by the app's device of exactly
            this nonce, these frames and these times.
            - `second_factor_unavailable` (403): There are no passkeys here. Sign in with a face alone, or ask the operator.
            - `second_factor_missing` (403): The account has no passkey. Sign in without a second factor and add a passkey
            to the account.
            - `step_up_required` (403): The app asks for more than this sign-in shows. The detail says what: a new sign-in,
            or a second factor.
            - `client_consent_required` (403): The person has to agree first. Show what the app asks for, and send consent.
            - `foreign_origin` (403): The request comes from a foreign page. Only the page of this service may send it.
            - `not_found` (404): There is nothing here. Check the address; /docs lists every endpoint.
            - `method_not_allowed` (405): The method is not allowed here. Use a method that the Allow header names.
            - `request_timeout` (408): The request took too long to arrive. Try again, or send a smaller picture.
            - `username_taken` (409): The username is taken. Choose another one, or sign in.
            - `session_consumed` (409): The liveness session has been used. Use the newest nonce of the session, or start a
            new one.
            - `idempotency_conflict` (409): The Idempotency-Key belongs to another request. Use a new key for a new request.
            - `passkey_conflict` (409): The passkey cannot be added or removed. The detail says why.
            - `invitation_expired` (410): The invitation is too old. Ask for a new one.
            - `authorization_expired` (410): The request of the app is over. Go back to the app and begin again there.
            - `transaction_expired` (410): The transaction is over. Begin again; it lasts two minutes and takes three
            answers.
            - `session_expired` (410): The liveness session has expired. Start a new session.
            - `payload_too_large` (413): The request is too large. Send at most 10 MiB of pictures, or a clip of 4 MiB and
            20 seconds.
            - `image_dimensions_too_large` (413): An image has too many pixels. Shrink it to at most 4096 pixels on the
            longer side.
            - `unsupported_media_type` (415): The media type is not supported. Send JSON or a form, with JPEG, PNG or WebP
            images.
            - `image_format_mismatch` (415): An image is declared as something else. Declare a picture or a video, or
            nothing.
            - `image_undecodable` (422): An image cannot be decoded. It is damaged or cut off: take it or send it again.
            - `no_face` (422): No face was found. Face the camera in good light.
            - `multiple_faces` (422): More than one face was found. Be alone in the picture.
            - `not_upright` (422): The face is not upright. Turn the picture upright.
            - `not_natural` (422): The picture is no natural photo of a face. Send a plain photo, without effects or
            filters.
            - `occluded` (422): The face is covered. Take off what covers it: a mask, a scarf, dark glasses, a hand.
            - `face_cut_off` (422): The face is cut off. Keep the whole face in the picture.
            - `face_too_small` (422): The face is too small. Come closer to the camera.
            - `too_dark` (422): The face is too dark. Turn towards the light.
            - `too_bright` (422): The face is too bright. Turn away from the light.
            - `pose_out_of_range` (422): The head is turned too far. Look straight into the camera.
            - `blurred` (422): The picture is blurred. Hold still and wipe the lens.
            - `eyes_closed` (422): The eyes are closed. Open the eyes.
            - `liveness_failed` (422): The picture does not look like a living person. Show your face itself, not a picture
            of it.
            - `frames_inconsistent` (422): The pictures do not show one person. Send pictures of the same person.
            - `challenge_not_met` (422): The challenge was not met. Follow the prompts in order.
            - `rate_limited` (429): Too many requests. Wait for the seconds that Retry-After names.
            - `too_many_failures` (429): Too many failed sign-ins. Wait for the seconds that Retry-After names.
            - `internal_error` (500): Something went wrong on our side. Try again; if it stays, tell the operator the
            request id.
            - `overloaded` (503): The service is busy. Try again after the seconds that Retry-After names.
            - `model_unavailable` (503): Face analysis is not available. Try again after the seconds that Retry-After names.
            - `database_unavailable` (503): The database is not available. Try again after the seconds that Retry-After
            names.
        pointer (str): JSON pointer (RFC 6901) into the request; form fields are named as their JSON twins. Example:
            /face_images/1.
    """

    code: ErrorCode
    pointer: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code = self.code.value

        pointer = self.pointer

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "pointer": pointer,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        code = ErrorCode(d.pop("code"))

        pointer = d.pop("pointer")

        field_error = cls(
            code=code,
            pointer=pointer,
        )

        field_error.additional_properties = d
        return field_error

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
