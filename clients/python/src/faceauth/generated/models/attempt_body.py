from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="AttemptBody")


@_attrs_define
class AttemptBody:
    """An enrolment or a sign-in, accepted or refused. Never a score.

    Attributes:
        at (datetime.datetime): When.
        kind (str): What was wanted: `register`, `verify` or `add_face`. Example: verify.
        model (str): The model in use. Example: sface+fr-feature+lm68.
        outcome (str): How it ended: `accepted`, or why it was refused. Example: accepted.
        reasons (list[str]): Why a liveness capture was refused. Example: [].
        assurance (None | str | Unset): What was shown, when it was accepted: the end of `acr`. Example: face-liveness.
        attestation (None | str | Unset): What the device of a capture proved (`android-tee`, `android-strongbox`,
            `apple-app-attest`),
            `missing`, or `refused`. Example: android-tee.
    """

    at: datetime.datetime
    kind: str
    model: str
    outcome: str
    reasons: list[str]
    assurance: None | str | Unset = UNSET
    attestation: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        kind = self.kind

        model = self.model

        outcome = self.outcome

        reasons = self.reasons

        assurance: None | str | Unset
        if isinstance(self.assurance, Unset):
            assurance = UNSET
        else:
            assurance = self.assurance

        attestation: None | str | Unset
        if isinstance(self.attestation, Unset):
            attestation = UNSET
        else:
            attestation = self.attestation

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "kind": kind,
                "model": model,
                "outcome": outcome,
                "reasons": reasons,
            }
        )
        if assurance is not UNSET:
            field_dict["assurance"] = assurance
        if attestation is not UNSET:
            field_dict["attestation"] = attestation

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        kind = d.pop("kind")

        model = d.pop("model")

        outcome = d.pop("outcome")

        reasons = cast(list[str], d.pop("reasons"))

        def _parse_assurance(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        assurance = _parse_assurance(d.pop("assurance", UNSET))

        def _parse_attestation(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        attestation = _parse_attestation(d.pop("attestation", UNSET))

        attempt_body = cls(
            at=at,
            kind=kind,
            model=model,
            outcome=outcome,
            reasons=reasons,
            assurance=assurance,
            attestation=attestation,
        )

        attempt_body.additional_properties = d
        return attempt_body

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
