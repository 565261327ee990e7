from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ProviderMetadata")


@_attrs_define
class ProviderMetadata:
    """What a client has to know of this provider (OpenID Connect Discovery 1.0, RFC 8414).

    Example:
        {'acr_values_supported': ['urn:faceauth:acr:face', 'urn:faceauth:acr:face-liveness'], 'authorization_endpoint':
            'https://id.example.org/authorize', 'authorization_response_iss_parameter_supported': True,
            'claims_parameter_supported': False, 'claims_supported': ['sub', 'name', 'preferred_username'],
            'code_challenge_methods_supported': ['S256'], 'end_session_endpoint': 'https://id.example.org/end-session',
            'grant_types_supported': ['authorization_code', 'refresh_token'], 'id_token_signing_alg_values_supported':
            ['EdDSA'], 'introspection_endpoint': 'https://id.example.org/oauth/introspect',
            'introspection_endpoint_auth_methods_supported': ['client_secret_basic', 'private_key_jwt'],
            'introspection_endpoint_auth_signing_alg_values_supported': ['ES256', 'EdDSA'], 'issuer':
            'https://id.example.org', 'jwks_uri': 'https://id.example.org/.well-known/jwks.json', 'prompt_values_supported':
            ['none', 'login', 'consent', 'select_account', 'create'], 'pushed_authorization_request_endpoint':
            'https://id.example.org/oauth/par', 'request_parameter_supported': False, 'request_uri_parameter_supported':
            False, 'require_pushed_authorization_requests': False, 'response_modes_supported': ['query'],
            'response_types_supported': ['code'], 'revocation_endpoint': 'https://id.example.org/oauth/revoke',
            'revocation_endpoint_auth_methods_supported': ['none', 'client_secret_basic'],
            'revocation_endpoint_auth_signing_alg_values_supported': ['ES256', 'EdDSA', 'RS256', 'PS256'],
            'scopes_supported': ['openid', 'profile', 'offline_access'], 'subject_types_supported': ['public', 'pairwise'],
            'token_endpoint': 'https://id.example.org/token', 'token_endpoint_auth_methods_supported': ['none',
            'client_secret_basic', 'private_key_jwt'], 'token_endpoint_auth_signing_alg_values_supported': ['ES256',
            'EdDSA', 'RS256', 'PS256'], 'ui_locales_supported': ['de', 'en'], 'userinfo_endpoint':
            'https://id.example.org/userinfo'}

    Attributes:
        acr_values_supported (list[str]):
        authorization_endpoint (str):
        authorization_response_iss_parameter_supported (bool):
        claims_parameter_supported (bool):
        claims_supported (list[str]):
        code_challenge_methods_supported (list[str]):
        end_session_endpoint (str):
        grant_types_supported (list[str]):
        id_token_signing_alg_values_supported (list[str]):
        introspection_endpoint (str):
        introspection_endpoint_auth_methods_supported (list[str]):
        introspection_endpoint_auth_signing_alg_values_supported (list[str]):
        issuer (str): `iss` of tokens and answers.
        jwks_uri (str):
        prompt_values_supported (list[str]):
        pushed_authorization_request_endpoint (str):
        request_parameter_supported (bool):
        request_uri_parameter_supported (bool):
        require_pushed_authorization_requests (bool):
        response_modes_supported (list[str]):
        response_types_supported (list[str]):
        revocation_endpoint (str):
        revocation_endpoint_auth_methods_supported (list[str]):
        revocation_endpoint_auth_signing_alg_values_supported (list[str]):
        scopes_supported (list[str]):
        subject_types_supported (list[str]):
        token_endpoint (str):
        token_endpoint_auth_methods_supported (list[str]):
        token_endpoint_auth_signing_alg_values_supported (list[str]):
        ui_locales_supported (list[str]):
        userinfo_endpoint (str):
    """

    acr_values_supported: list[str]
    authorization_endpoint: str
    authorization_response_iss_parameter_supported: bool
    claims_parameter_supported: bool
    claims_supported: list[str]
    code_challenge_methods_supported: list[str]
    end_session_endpoint: str
    grant_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    introspection_endpoint: str
    introspection_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_signing_alg_values_supported: list[str]
    issuer: str
    jwks_uri: str
    prompt_values_supported: list[str]
    pushed_authorization_request_endpoint: str
    request_parameter_supported: bool
    request_uri_parameter_supported: bool
    require_pushed_authorization_requests: bool
    response_modes_supported: list[str]
    response_types_supported: list[str]
    revocation_endpoint: str
    revocation_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_signing_alg_values_supported: list[str]
    scopes_supported: list[str]
    subject_types_supported: list[str]
    token_endpoint: str
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    ui_locales_supported: list[str]
    userinfo_endpoint: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        acr_values_supported = self.acr_values_supported

        authorization_endpoint = self.authorization_endpoint

        authorization_response_iss_parameter_supported = (
            self.authorization_response_iss_parameter_supported
        )

        claims_parameter_supported = self.claims_parameter_supported

        claims_supported = self.claims_supported

        code_challenge_methods_supported = self.code_challenge_methods_supported

        end_session_endpoint = self.end_session_endpoint

        grant_types_supported = self.grant_types_supported

        id_token_signing_alg_values_supported = self.id_token_signing_alg_values_supported

        introspection_endpoint = self.introspection_endpoint

        introspection_endpoint_auth_methods_supported = (
            self.introspection_endpoint_auth_methods_supported
        )

        introspection_endpoint_auth_signing_alg_values_supported = (
            self.introspection_endpoint_auth_signing_alg_values_supported
        )

        issuer = self.issuer

        jwks_uri = self.jwks_uri

        prompt_values_supported = self.prompt_values_supported

        pushed_authorization_request_endpoint = self.pushed_authorization_request_endpoint

        request_parameter_supported = self.request_parameter_supported

        request_uri_parameter_supported = self.request_uri_parameter_supported

        require_pushed_authorization_requests = self.require_pushed_authorization_requests

        response_modes_supported = self.response_modes_supported

        response_types_supported = self.response_types_supported

        revocation_endpoint = self.revocation_endpoint

        revocation_endpoint_auth_methods_supported = self.revocation_endpoint_auth_methods_supported

        revocation_endpoint_auth_signing_alg_values_supported = (
            self.revocation_endpoint_auth_signing_alg_values_supported
        )

        scopes_supported = self.scopes_supported

        subject_types_supported = self.subject_types_supported

        token_endpoint = self.token_endpoint

        token_endpoint_auth_methods_supported = self.token_endpoint_auth_methods_supported

        token_endpoint_auth_signing_alg_values_supported = (
            self.token_endpoint_auth_signing_alg_values_supported
        )

        ui_locales_supported = self.ui_locales_supported

        userinfo_endpoint = self.userinfo_endpoint

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "acr_values_supported": acr_values_supported,
                "authorization_endpoint": authorization_endpoint,
                "authorization_response_iss_parameter_supported": authorization_response_iss_parameter_supported,
                "claims_parameter_supported": claims_parameter_supported,
                "claims_supported": claims_supported,
                "code_challenge_methods_supported": code_challenge_methods_supported,
                "end_session_endpoint": end_session_endpoint,
                "grant_types_supported": grant_types_supported,
                "id_token_signing_alg_values_supported": id_token_signing_alg_values_supported,
                "introspection_endpoint": introspection_endpoint,
                "introspection_endpoint_auth_methods_supported": introspection_endpoint_auth_methods_supported,
                "introspection_endpoint_auth_signing_alg_values_supported": introspection_endpoint_auth_signing_alg_values_supported,
                "issuer": issuer,
                "jwks_uri": jwks_uri,
                "prompt_values_supported": prompt_values_supported,
                "pushed_authorization_request_endpoint": pushed_authorization_request_endpoint,
                "request_parameter_supported": request_parameter_supported,
                "request_uri_parameter_supported": request_uri_parameter_supported,
                "require_pushed_authorization_requests": require_pushed_authorization_requests,
                "response_modes_supported": response_modes_supported,
                "response_types_supported": response_types_supported,
                "revocation_endpoint": revocation_endpoint,
                "revocation_endpoint_auth_methods_supported": revocation_endpoint_auth_methods_supported,
                "revocation_endpoint_auth_signing_alg_values_supported": revocation_endpoint_auth_signing_alg_values_supported,
                "scopes_supported": scopes_supported,
                "subject_types_supported": subject_types_supported,
                "token_endpoint": token_endpoint,
                "token_endpoint_auth_methods_supported": token_endpoint_auth_methods_supported,
                "token_endpoint_auth_signing_alg_values_supported": token_endpoint_auth_signing_alg_values_supported,
                "ui_locales_supported": ui_locales_supported,
                "userinfo_endpoint": userinfo_endpoint,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        acr_values_supported = cast(list[str], d.pop("acr_values_supported"))

        authorization_endpoint = d.pop("authorization_endpoint")

        authorization_response_iss_parameter_supported = d.pop(
            "authorization_response_iss_parameter_supported"
        )

        claims_parameter_supported = d.pop("claims_parameter_supported")

        claims_supported = cast(list[str], d.pop("claims_supported"))

        code_challenge_methods_supported = cast(
            list[str], d.pop("code_challenge_methods_supported")
        )

        end_session_endpoint = d.pop("end_session_endpoint")

        grant_types_supported = cast(list[str], d.pop("grant_types_supported"))

        id_token_signing_alg_values_supported = cast(
            list[str], d.pop("id_token_signing_alg_values_supported")
        )

        introspection_endpoint = d.pop("introspection_endpoint")

        introspection_endpoint_auth_methods_supported = cast(
            list[str], d.pop("introspection_endpoint_auth_methods_supported")
        )

        introspection_endpoint_auth_signing_alg_values_supported = cast(
            list[str], d.pop("introspection_endpoint_auth_signing_alg_values_supported")
        )

        issuer = d.pop("issuer")

        jwks_uri = d.pop("jwks_uri")

        prompt_values_supported = cast(list[str], d.pop("prompt_values_supported"))

        pushed_authorization_request_endpoint = d.pop("pushed_authorization_request_endpoint")

        request_parameter_supported = d.pop("request_parameter_supported")

        request_uri_parameter_supported = d.pop("request_uri_parameter_supported")

        require_pushed_authorization_requests = d.pop("require_pushed_authorization_requests")

        response_modes_supported = cast(list[str], d.pop("response_modes_supported"))

        response_types_supported = cast(list[str], d.pop("response_types_supported"))

        revocation_endpoint = d.pop("revocation_endpoint")

        revocation_endpoint_auth_methods_supported = cast(
            list[str], d.pop("revocation_endpoint_auth_methods_supported")
        )

        revocation_endpoint_auth_signing_alg_values_supported = cast(
            list[str], d.pop("revocation_endpoint_auth_signing_alg_values_supported")
        )

        scopes_supported = cast(list[str], d.pop("scopes_supported"))

        subject_types_supported = cast(list[str], d.pop("subject_types_supported"))

        token_endpoint = d.pop("token_endpoint")

        token_endpoint_auth_methods_supported = cast(
            list[str], d.pop("token_endpoint_auth_methods_supported")
        )

        token_endpoint_auth_signing_alg_values_supported = cast(
            list[str], d.pop("token_endpoint_auth_signing_alg_values_supported")
        )

        ui_locales_supported = cast(list[str], d.pop("ui_locales_supported"))

        userinfo_endpoint = d.pop("userinfo_endpoint")

        provider_metadata = cls(
            acr_values_supported=acr_values_supported,
            authorization_endpoint=authorization_endpoint,
            authorization_response_iss_parameter_supported=authorization_response_iss_parameter_supported,
            claims_parameter_supported=claims_parameter_supported,
            claims_supported=claims_supported,
            code_challenge_methods_supported=code_challenge_methods_supported,
            end_session_endpoint=end_session_endpoint,
            grant_types_supported=grant_types_supported,
            id_token_signing_alg_values_supported=id_token_signing_alg_values_supported,
            introspection_endpoint=introspection_endpoint,
            introspection_endpoint_auth_methods_supported=introspection_endpoint_auth_methods_supported,
            introspection_endpoint_auth_signing_alg_values_supported=introspection_endpoint_auth_signing_alg_values_supported,
            issuer=issuer,
            jwks_uri=jwks_uri,
            prompt_values_supported=prompt_values_supported,
            pushed_authorization_request_endpoint=pushed_authorization_request_endpoint,
            request_parameter_supported=request_parameter_supported,
            request_uri_parameter_supported=request_uri_parameter_supported,
            require_pushed_authorization_requests=require_pushed_authorization_requests,
            response_modes_supported=response_modes_supported,
            response_types_supported=response_types_supported,
            revocation_endpoint=revocation_endpoint,
            revocation_endpoint_auth_methods_supported=revocation_endpoint_auth_methods_supported,
            revocation_endpoint_auth_signing_alg_values_supported=revocation_endpoint_auth_signing_alg_values_supported,
            scopes_supported=scopes_supported,
            subject_types_supported=subject_types_supported,
            token_endpoint=token_endpoint,
            token_endpoint_auth_methods_supported=token_endpoint_auth_methods_supported,
            token_endpoint_auth_signing_alg_values_supported=token_endpoint_auth_signing_alg_values_supported,
            ui_locales_supported=ui_locales_supported,
            userinfo_endpoint=userinfo_endpoint,
        )

        provider_metadata.additional_properties = d
        return provider_metadata

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
