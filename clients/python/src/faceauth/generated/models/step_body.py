from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.action_body import ActionBody

T = TypeVar("T", bound="StepBody")


@_attrs_define
class StepBody:
    """One thing to do.

    Attributes:
        action (ActionBody): A step of a challenge. Sides are the person's own; frames are not mirrored.
        id (str): Names the step in this challenge. Example: 1.
        within_ms (int): Time for it in milliseconds, from the end of the step before. Example: 6000.
    """

    action: ActionBody
    id: str
    within_ms: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        action = self.action.value

        id = self.id

        within_ms = self.within_ms

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "action": action,
                "id": id,
                "within_ms": within_ms,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        action = ActionBody(d.pop("action"))

        id = d.pop("id")

        within_ms = d.pop("within_ms")

        step_body = cls(
            action=action,
            id=id,
            within_ms=within_ms,
        )

        step_body.additional_properties = d
        return step_body

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
