from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.enrolled_face_body import EnrolledFaceBody
    from ..models.problem import Problem
    from ..models.user_body import UserBody


T = TypeVar("T", bound="BatchResult")


@_attrs_define
class BatchResult:
    """What became of one line, a line of the answer.

    Attributes:
        line (int): The line of the request, from 1. Example: 1.
        status (int): 201 when the person was enrolled, else the status of the problem. Example: 201.
        faces (list[EnrolledFaceBody] | Unset): Its faces.
        problem (None | Problem | Unset):
        user (None | Unset | UserBody):
    """

    line: int
    status: int
    faces: list[EnrolledFaceBody] | Unset = UNSET
    problem: None | Problem | Unset = UNSET
    user: None | Unset | UserBody = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.problem import Problem  # noqa: PLC0415
        from ..models.user_body import UserBody  # noqa: PLC0415

        line = self.line

        status = self.status

        faces: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.faces, Unset):
            faces = []
            for faces_item_data in self.faces:
                faces_item = faces_item_data.to_dict()
                faces.append(faces_item)

        problem: dict[str, Any] | None | Unset
        if isinstance(self.problem, Unset):
            problem = UNSET
        elif isinstance(self.problem, Problem):
            problem = self.problem.to_dict()
        else:
            problem = self.problem

        user: dict[str, Any] | None | Unset
        if isinstance(self.user, Unset):
            user = UNSET
        elif isinstance(self.user, UserBody):
            user = self.user.to_dict()
        else:
            user = self.user

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "line": line,
                "status": status,
            }
        )
        if faces is not UNSET:
            field_dict["faces"] = faces
        if problem is not UNSET:
            field_dict["problem"] = problem
        if user is not UNSET:
            field_dict["user"] = user

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.enrolled_face_body import EnrolledFaceBody  # noqa: PLC0415
        from ..models.problem import Problem  # noqa: PLC0415
        from ..models.user_body import UserBody  # noqa: PLC0415

        d = dict(src_dict)
        line = d.pop("line")

        status = d.pop("status")

        _faces = d.pop("faces", UNSET)
        faces: list[EnrolledFaceBody] | Unset = UNSET
        if _faces is not UNSET:
            faces = []
            for faces_item_data in _faces:
                faces_item = EnrolledFaceBody.from_dict(faces_item_data)

                faces.append(faces_item)

        def _parse_problem(data: object) -> None | Problem | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                problem_type_0 = Problem.from_dict(data)

                return problem_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Problem | Unset, data)

        problem = _parse_problem(d.pop("problem", UNSET))

        def _parse_user(data: object) -> None | Unset | UserBody:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                user_type_0 = UserBody.from_dict(data)

                return user_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UserBody, data)

        user = _parse_user(d.pop("user", UNSET))

        batch_result = cls(
            line=line,
            status=status,
            faces=faces,
            problem=problem,
            user=user,
        )

        batch_result.additional_properties = d
        return batch_result

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
