from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.action_body import ActionBody

T = TypeVar("T", bound="MetStepBody")


@_attrs_define
class MetStepBody:
    """A step, and whether it was met.

    Attributes:
        action (ActionBody): A step of a challenge. Sides are the person's own; frames are not mirrored.
        id (str): Names the step in its challenge. Example: 1.
        met (bool): Whether it was done in order and in time.
    """

    action: ActionBody
    id: str
    met: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        action = self.action.value

        id = self.id

        met = self.met

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "action": action,
                "id": id,
                "met": met,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        action = ActionBody(d.pop("action"))

        id = d.pop("id")

        met = d.pop("met")

        met_step_body = cls(
            action=action,
            id=id,
            met=met,
        )

        met_step_body.additional_properties = d
        return met_step_body

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
