from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.liveness_reason import LivenessReason
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.met_step_body import MetStepBody
    from ..models.prompt_body import PromptBody


T = TypeVar("T", bound="LivenessResponse")


@_attrs_define
class LivenessResponse:
    """A verdict. Never a score.

    Attributes:
        attempts_left (int): Captures the session will still judge. Example: 2.
        expires_at (datetime.datetime): When the session ends.
        live (bool): Whether a living person did what was asked.
        reasons (list[LivenessReason]): Why not; empty when live. Example: [].
        session_id (UUID): The session.
        steps (list[MetStepBody]): The steps, and whether each was met in order and in time.
        liveness_token (None | str | Unset): Proof of the verdict for `/verify` or `/register`: good once, for a minute.
        next_ (None | PromptBody | Unset):
    """

    attempts_left: int
    expires_at: datetime.datetime
    live: bool
    reasons: list[LivenessReason]
    session_id: UUID
    steps: list[MetStepBody]
    liveness_token: None | str | Unset = UNSET
    next_: None | PromptBody | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.prompt_body import PromptBody  # noqa: PLC0415

        attempts_left = self.attempts_left

        expires_at = self.expires_at.isoformat()

        live = self.live

        reasons = []
        for reasons_item_data in self.reasons:
            reasons_item = reasons_item_data.value
            reasons.append(reasons_item)

        session_id = str(self.session_id)

        steps = []
        for steps_item_data in self.steps:
            steps_item = steps_item_data.to_dict()
            steps.append(steps_item)

        liveness_token: None | str | Unset
        if isinstance(self.liveness_token, Unset):
            liveness_token = UNSET
        else:
            liveness_token = self.liveness_token

        next_: dict[str, Any] | None | Unset
        if isinstance(self.next_, Unset):
            next_ = UNSET
        elif isinstance(self.next_, PromptBody):
            next_ = self.next_.to_dict()
        else:
            next_ = self.next_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attempts_left": attempts_left,
                "expires_at": expires_at,
                "live": live,
                "reasons": reasons,
                "session_id": session_id,
                "steps": steps,
            }
        )
        if liveness_token is not UNSET:
            field_dict["liveness_token"] = liveness_token
        if next_ is not UNSET:
            field_dict["next"] = next_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.met_step_body import MetStepBody  # noqa: PLC0415
        from ..models.prompt_body import PromptBody  # noqa: PLC0415

        d = dict(src_dict)
        attempts_left = d.pop("attempts_left")

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        live = d.pop("live")

        reasons = []
        _reasons = d.pop("reasons")
        for reasons_item_data in _reasons:
            reasons_item = LivenessReason(reasons_item_data)

            reasons.append(reasons_item)

        session_id = UUID(d.pop("session_id"))

        steps = []
        _steps = d.pop("steps")
        for steps_item_data in _steps:
            steps_item = MetStepBody.from_dict(steps_item_data)

            steps.append(steps_item)

        def _parse_liveness_token(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        liveness_token = _parse_liveness_token(d.pop("liveness_token", UNSET))

        def _parse_next_(data: object) -> None | PromptBody | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                next_type_0 = PromptBody.from_dict(data)

                return next_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PromptBody | Unset, data)

        next_ = _parse_next_(d.pop("next", UNSET))

        liveness_response = cls(
            attempts_left=attempts_left,
            expires_at=expires_at,
            live=live,
            reasons=reasons,
            session_id=session_id,
            steps=steps,
            liveness_token=liveness_token,
            next_=next_,
        )

        liveness_response.additional_properties = d
        return liveness_response

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
