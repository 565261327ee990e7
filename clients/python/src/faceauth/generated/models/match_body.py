from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="MatchBody")


@_attrs_define
class MatchBody:
    """A comparison.

    Attributes:
        fmr (float): The false match rate that was measured at the threshold. Example: 0.0001.
        model (str): The model that compared. Example: sface+fr-feature+lm68.
        score (float): Mean of the comparison scores with the account's templates, -1 to 1. A matcher whose first
            stage settled the matter gives the score of that, which the whole could only have raised. Example: 0.71.
        threshold (float): Least score that is accepted. Example: 0.55.
    """

    fmr: float
    model: str
    score: float
    threshold: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        fmr = self.fmr

        model = self.model

        score = self.score

        threshold = self.threshold

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "fmr": fmr,
                "model": model,
                "score": score,
                "threshold": threshold,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        fmr = d.pop("fmr")

        model = d.pop("model")

        score = d.pop("score")

        threshold = d.pop("threshold")

        match_body = cls(
            fmr=fmr,
            model=model,
            score=score,
            threshold=threshold,
        )

        match_body.additional_properties = d
        return match_body

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
