"""Contains all the data models used in inputs/outputs"""

from .accept_request import AcceptRequest
from .action_body import ActionBody
from .add_face_form import AddFaceForm
from .add_face_request import AddFaceRequest
from .add_passkey_response import AddPasskeyResponse
from .android_key_attestation import AndroidKeyAttestation
from .android_key_attestation_format import AndroidKeyAttestationFormat
from .apple_app_attestation import AppleAppAttestation
from .apple_app_attestation_format import AppleAppAttestationFormat
from .asking_client_body import AskingClientBody
from .attempt_body import AttemptBody
from .attempts_response import AttemptsResponse
from .authorization_code_body import AuthorizationCodeBody
from .authorization_parameters import AuthorizationParameters
from .batch_item import BatchItem
from .batch_result import BatchResult
from .box_body import BoxBody
from .capture_limits import CaptureLimits
from .capture_response import CaptureResponse
from .confirm_logout_request import ConfirmLogoutRequest
from .connected_client_body import ConnectedClientBody
from .connected_clients_response import ConnectedClientsResponse
from .consent_body import ConsentBody
from .credential_json import CredentialJson
from .detect_form import DetectForm
from .detect_request import DetectRequest
from .detect_response import DetectResponse
from .detected_face_body import DetectedFaceBody
from .enrolled_face_body import EnrolledFaceBody
from .error_code import ErrorCode
from .export_response import ExportResponse
from .face_body import FaceBody
from .face_limits import FaceLimits
from .faces_response import FacesResponse
from .field_error import FieldError
from .frame_input import FrameInput
from .health_response import HealthResponse
from .image_limits import ImageLimits
from .image_size_body import ImageSizeBody
from .introspection_body import IntrospectionBody
from .invite_request import InviteRequest
from .invite_response import InviteResponse
from .key import Key
from .key_set import KeySet
from .landmarks_body import LandmarksBody
from .live_session_body import LiveSessionBody
from .liveness_form import LivenessForm
from .liveness_input import LivenessInput
from .liveness_reason import LivenessReason
from .liveness_response import LivenessResponse
from .logged_out_body import LoggedOutBody
from .login_request_body import LoginRequestBody
from .login_session_body import LoginSessionBody
from .logout_parameters import LogoutParameters
from .match_body import MatchBody
from .me_response import MeResponse
from .met_step_body import MetStepBody
from .next_body import NextBody
from .oauth_error_body import OauthErrorBody
from .options_json import OptionsJson
from .page_look_response import PageLookResponse
from .passkey_body import PasskeyBody
from .passkeys_response import PasskeysResponse
from .point_body import PointBody
from .presented_token_request import PresentedTokenRequest
from .problem import Problem
from .prompt_body import PromptBody
from .provider_metadata import ProviderMetadata
from .purpose_body import PurposeBody
from .pushed_body import PushedBody
from .quality_body import QualityBody
from .read_invitation_request import ReadInvitationRequest
from .read_invitation_response import ReadInvitationResponse
from .recorded_consent_body import RecordedConsentBody
from .recovery_codes_response import RecoveryCodesResponse
from .redirect_body import RedirectBody
from .refresh_request import RefreshRequest
from .refuse_request import RefuseRequest
from .register_form import RegisterForm
from .register_passkey_request import RegisterPasskeyRequest
from .register_passkey_response import RegisterPasskeyResponse
from .register_request import RegisterRequest
from .register_response import RegisterResponse
from .registration_body import RegistrationBody
from .reset_request import ResetRequest
from .reset_response import ResetResponse
from .revoke_request import RevokeRequest
from .second_factor_body import SecondFactorBody
from .second_factor_mode_body import SecondFactorModeBody
from .session_body import SessionBody
from .session_request import SessionRequest
from .session_response import SessionResponse
from .sessions_response import SessionsResponse
from .signed_in_body import SignedInBody
from .signed_in_here_body import SignedInHereBody
from .step_body import StepBody
from .token_request import TokenRequest
from .token_response import TokenResponse
from .tokens_body import TokensBody
from .user_body import UserBody
from .user_info_body import UserInfoBody
from .verify_form import VerifyForm
from .verify_passkey_request import VerifyPasskeyRequest
from .verify_recovery_code_request import VerifyRecoveryCodeRequest
from .verify_request import VerifyRequest
from .verify_response import VerifyResponse

__all__ = (
    "AcceptRequest",
    "ActionBody",
    "AddFaceForm",
    "AddFaceRequest",
    "AddPasskeyResponse",
    "AndroidKeyAttestation",
    "AndroidKeyAttestationFormat",
    "AppleAppAttestation",
    "AppleAppAttestationFormat",
    "AskingClientBody",
    "AttemptBody",
    "AttemptsResponse",
    "AuthorizationCodeBody",
    "AuthorizationParameters",
    "BatchItem",
    "BatchResult",
    "BoxBody",
    "CaptureLimits",
    "CaptureResponse",
    "ConfirmLogoutRequest",
    "ConnectedClientBody",
    "ConnectedClientsResponse",
    "ConsentBody",
    "CredentialJson",
    "DetectedFaceBody",
    "DetectForm",
    "DetectRequest",
    "DetectResponse",
    "EnrolledFaceBody",
    "ErrorCode",
    "ExportResponse",
    "FaceBody",
    "FaceLimits",
    "FacesResponse",
    "FieldError",
    "FrameInput",
    "HealthResponse",
    "ImageLimits",
    "ImageSizeBody",
    "IntrospectionBody",
    "InviteRequest",
    "InviteResponse",
    "Key",
    "KeySet",
    "LandmarksBody",
    "LivenessForm",
    "LivenessInput",
    "LivenessReason",
    "LivenessResponse",
    "LiveSessionBody",
    "LoggedOutBody",
    "LoginRequestBody",
    "LoginSessionBody",
    "LogoutParameters",
    "MatchBody",
    "MeResponse",
    "MetStepBody",
    "NextBody",
    "OauthErrorBody",
    "OptionsJson",
    "PageLookResponse",
    "PasskeyBody",
    "PasskeysResponse",
    "PointBody",
    "PresentedTokenRequest",
    "Problem",
    "PromptBody",
    "ProviderMetadata",
    "PurposeBody",
    "PushedBody",
    "QualityBody",
    "ReadInvitationRequest",
    "ReadInvitationResponse",
    "RecordedConsentBody",
    "RecoveryCodesResponse",
    "RedirectBody",
    "RefreshRequest",
    "RefuseRequest",
    "RegisterForm",
    "RegisterPasskeyRequest",
    "RegisterPasskeyResponse",
    "RegisterRequest",
    "RegisterResponse",
    "RegistrationBody",
    "ResetRequest",
    "ResetResponse",
    "RevokeRequest",
    "SecondFactorBody",
    "SecondFactorModeBody",
    "SessionBody",
    "SessionRequest",
    "SessionResponse",
    "SessionsResponse",
    "SignedInBody",
    "SignedInHereBody",
    "StepBody",
    "TokenRequest",
    "TokenResponse",
    "TokensBody",
    "UserBody",
    "UserInfoBody",
    "VerifyForm",
    "VerifyPasskeyRequest",
    "VerifyRecoveryCodeRequest",
    "VerifyRequest",
    "VerifyResponse",
)
