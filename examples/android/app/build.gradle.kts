plugins {
    id("com.android.application")
    kotlin("android")
}

android {
    namespace = "org.example.faceauth"
    compileSdk = 35

    defaultConfig {
        applicationId = "org.example.faceauth"
        minSdk = 26
        targetSdk = 35
        // AppAuth declares the redirect: org.example.faceauth:/callback.
        manifestPlaceholders["appAuthRedirectScheme"] = "org.example.faceauth"
    }
}

dependencies {
    implementation("net.openid:appauth:0.11.1")
    implementation("androidx.activity:activity-ktx:1.9.3")
}
