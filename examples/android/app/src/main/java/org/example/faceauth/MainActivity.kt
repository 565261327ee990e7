package org.example.faceauth

import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.widget.Button
import android.widget.LinearLayout
import android.widget.TextView
import androidx.activity.ComponentActivity
import androidx.activity.result.contract.ActivityResultContracts.StartActivityForResult
import net.openid.appauth.AuthorizationException
import net.openid.appauth.AuthorizationRequest
import net.openid.appauth.AuthorizationResponse
import net.openid.appauth.AuthorizationService
import net.openid.appauth.AuthorizationServiceConfiguration
import net.openid.appauth.ResponseTypeValues

/** Where FaceAuth is, and what `faceauth clients create --public` printed. */
private val ISSUER = Uri.parse("https://auth.example.org")
private const val CLIENT_ID = "the id of the client"
private val REDIRECT = Uri.parse("org.example.faceauth:/callback")

/**
 * An app that signs people in by the system browser (RFC 8252). AppAuth does the protocol: PKCE,
 * `state`, `nonce`, and the checks of the ID token.
 */
class MainActivity : ComponentActivity() {
    private lateinit var browser: AuthorizationService
    private lateinit var said: TextView

    private val signIn = registerForActivityResult(StartActivityForResult()) { result ->
        result.data?.let(::comesBack)
    }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        browser = AuthorizationService(this)
        said = TextView(this)
        val button = Button(this).apply {
            text = "Sign in with your face"
            setOnClickListener { begin() }
        }
        setContentView(LinearLayout(this).apply {
            orientation = LinearLayout.VERTICAL
            addView(button)
            addView(said)
        })
    }

    override fun onDestroy() {
        browser.dispose()
        super.onDestroy()
    }

    private fun begin() {
        AuthorizationServiceConfiguration.fetchFromIssuer(ISSUER) { found, error ->
            if (found == null) return@fetchFromIssuer show(error)
            val request = AuthorizationRequest.Builder(found, CLIENT_ID, ResponseTypeValues.CODE, REDIRECT)
                .setScope("openid profile offline_access")
                .build()
            signIn.launch(browser.getAuthorizationRequestIntent(request))
        }
    }

    private fun comesBack(answer: Intent) {
        val response = AuthorizationResponse.fromIntent(answer)
            ?: return show(AuthorizationException.fromIntent(answer))
        browser.performTokenRequest(response.createTokenExchangeRequest()) { tokens, error ->
            val token = tokens?.idToken ?: return@performTokenRequest show(error)
            // An app that keeps people signed in stores the refresh token under a key of the Keystore.
            said.text = "Signed in as ${name(token)}"
        }
    }

    /** The name in an ID token that AppAuth has checked. */
    private fun name(token: String): String {
        val body = android.util.Base64.decode(token.split(".")[1], android.util.Base64.URL_SAFE)
        return org.json.JSONObject(String(body)).getString("preferred_username")
    }

    private fun show(error: AuthorizationException?) {
        said.text = error?.errorDescription ?: "The sign-in failed."
    }
}
