//! Apps whose captures count.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

/// Apps whose captures count, by platform.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Apps {
    pub android: Option<AndroidApps>,
    pub apple: Option<AppleApps>,
}

/// Android apps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AndroidApps {
    /// PEM file.
    pub roots: PathBuf,
    /// Google's status list, JSON.
    pub revoked: PathBuf,
    /// SHA-256 of signing certificates in hexadecimal, by the name of the package.
    pub signers: BTreeMap<String, Vec<String>>,
}

/// Apple's apps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppleApps {
    /// PEM file.
    pub roots: PathBuf,
    /// The team, a dot and the bundle.
    pub app_ids: Vec<String>,
    #[serde(default)]
    pub environment: AppleEnvironment,
}

/// Where Apple's apps make their keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AppleEnvironment {
    /// Apps of the App Store.
    #[default]
    Production,
    /// Apps that run from Xcode.
    Development,
}
