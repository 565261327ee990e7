/// An app that signs people in by the system browser (RFC 8252). AppAuth does the protocol: PKCE,
/// `state`, `nonce`, and the checks of the ID token.
import AppAuth
import SwiftUI

/// Where FaceAuth is, and what `faceauth clients create --public` printed.
private enum Deployment {
    static let issuer = URL(string: "https://auth.example.org")!
    static let clientID = "the id of the client"
    static let redirect = URL(string: "org.example.faceauth:/callback")!
}

@main
struct SampleApp: App {
    @StateObject private var session = Session()

    var body: some Scene {
        WindowGroup { Home(session: session) }
    }
}

struct Home: View {
    @ObservedObject var session: Session

    var body: some View {
        VStack(spacing: 16) {
            if let name = session.name {
                Text("Signed in as \(name)")
                Button("Sign out") { session.forget() }
            } else {
                Button("Sign in with your face") { session.signIn() }
            }
            if let trouble = session.trouble { Text(trouble).foregroundStyle(.red) }
        }
        .padding()
    }
}

/// Who is signed in. An app that keeps people signed in stores `state` in the keychain.
@MainActor
final class Session: ObservableObject {
    @Published private(set) var name: String?
    @Published private(set) var trouble: String?
    private var state: OIDAuthState?
    /// Lives until the browser is back.
    private var flow: OIDExternalUserAgentSession?

    func signIn() {
        trouble = nil
        OIDAuthorizationService.discoverConfiguration(forIssuer: Deployment.issuer) { found, error in
            guard let found else { return self.show(error) }
            self.ask(found)
        }
    }

    private func ask(_ configuration: OIDServiceConfiguration) {
        guard let screen = Self.screen else { return }
        let request = OIDAuthorizationRequest(
            configuration: configuration,
            clientId: Deployment.clientID,
            scopes: [OIDScopeOpenID, OIDScopeProfile, "offline_access"],
            redirectURL: Deployment.redirect,
            responseType: OIDResponseTypeCode,
            additionalParameters: nil
        )
        flow = OIDAuthState.authState(byPresenting: request, presenting: screen) { state, error in
            guard let state, let token = state.lastTokenResponse?.idToken else { return self.show(error) }
            self.state = state
            self.name = OIDIDToken(idTokenString: token)?.claims["preferred_username"] as? String
        }
    }

    func forget() {
        state = nil
        name = nil
    }

    private func show(_ error: Error?) {
        trouble = error?.localizedDescription ?? "The sign-in failed."
    }

    private static var screen: UIViewController? {
        let scenes = UIApplication.shared.connectedScenes.compactMap { $0 as? UIWindowScene }
        return scenes.first?.keyWindow?.rootViewController
    }
}
