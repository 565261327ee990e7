//! The Debian packages the build and the tests need.
//!
//! When all packages are installed, apt is not run and root is not needed.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};
use rustix::process::geteuid;

use crate::certificates;
use crate::layout::Layout;
use crate::process;
use crate::progress::{heading, say};

/// To compile: a C and C++ tool chain, OpenCV's headers and libraries for the modules
/// the vision and clip crates call, and clang, with which the opencv crate reads those headers.
const BUILD: &[&str] = &[
    "gcc",
    "g++",
    "libc6-dev",
    "libopencv-imgproc-dev",
    "libopencv-calib3d-dev",
    "libopencv-video-dev",
    "libopencv-videoio-dev",
    "libclang1-14",
    "clang-14",
];

/// Renders the clips of the tests.
const CLIPS: &str = "ffmpeg";

/// Runs the examples of proxies in `deploy/` in the Rust tests: the proxies and their client.
const PROXY: &[&str] = &["nginx", "caddy", "haproxy", "curl"];

/// Makes the certificate of a proxy, in the Rust tests and in those of the browser.
const CERTIFICATE: &str = "openssl";

/// Stands between the Rust tests and their database, in transaction mode.
const POOLER: &str = "pgbouncer";

/// Tells a process another time, in the Rust tests.
const CLOCK: &str = "libfaketime";

/// Reads the rules and queries of `deploy/observability`: promtool is in it.
const PROMETHEUS: &str = "prometheus";

/// Runs the sample in Java, and reads JSON for it.
const JAVA: &[&str] = &["default-jdk-headless", "libjackson2-databind-java"];

/// What the sample in Java needs on its class path, where Debian puts it.
pub const JAVA_LIBRARIES: &str = "/usr/share/java/jackson-databind.jar:\
    /usr/share/java/jackson-core.jar:/usr/share/java/jackson-annotations.jar";

/// The browser of the browser tests.
const BROWSER: &str = "chromium";

/// Where Debian puts [`BROWSER`].
pub const BROWSER_PATH: &str = "/usr/bin/chromium";

/// What this run needs beyond the compiler.
#[derive(Clone, Copy, Debug, Default)]
pub struct Needs {
    /// A package will be fetched with pip.
    pub pip: bool,
    /// Tests may run, which render clips.
    pub clips: bool,
    /// The browser tests will run.
    pub browser: bool,
    /// The samples will run, one of them in Java.
    pub java: bool,
    /// The Rust tests will run, among them those of the examples of proxies, of the pooler and of clocks.
    pub proxy: bool,
    /// The files of deployments will be checked.
    pub promtool: bool,
}

/// Makes sure of the Debian packages: installs what is missing as root or through
/// sudo, else prints the line to run.
///
/// # Errors
/// When something is missing and cannot be installed.
pub fn ensure(layout: &Layout, needs: Needs) -> Result<()> {
    let installed = installed_among(&wanted(needs));
    let Some(installed) = installed else {
        say("this is not Debian: make sure of a C++ compiler, clang and OpenCV yourself");
        return Ok(());
    };
    let missing: Vec<&str> = wanted(needs)
        .into_iter()
        .filter(|package| !installed.iter().any(|have| have == package))
        .filter(|package| !has_another_way(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }

    let line = format!("apt-get install --no-install-recommends {}", missing.join(" "));
    let Some(become_root) = become_root() else {
        bail!(
            "these Debian packages are missing: {}\n\
             Install them, then run this again:\n\n    sudo {line}\n",
            missing.join(" ")
        );
    };
    heading(&format!("Installing Debian packages: {}", missing.join(" ")));
    let kept = layout.dev.join("ca-certificates.before");
    if installed_among(&[certificates::PACKAGE]).is_some_and(|installed| installed.is_empty()) {
        certificates::keep(&kept)?;
    }
    let done = install(layout, &become_root, &missing);
    if kept.exists() {
        certificates::restore(&kept, &become_root)?;
    }
    done
}

/// Runs apt, its output in a file. A Ctrl-C waits for it: half an installation is worse
/// than a late end.
fn install(layout: &Layout, become_root: &[&str], packages: &[&str]) -> Result<()> {
    let log_path = layout.dev.join("apt.log");
    say(&format!("this may take a few minutes; the log is {}", log_path.display()));
    let log = File::create(&log_path)?;
    let as_root = |words: &[&str]| -> Result<bool> {
        let words: Vec<&str> = become_root.iter().chain(words).copied().collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).process_group(0);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log.try_clone()?);
        let status = command.status()?;
        process::check_interrupted()?;
        Ok(status.success())
    };
    let apt_get = |arguments: &[&str]| {
        let mut words = vec!["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"];
        // A machine that just booted updates itself; mirrors do fail.
        words.extend(["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]);
        words.extend(arguments);
        as_root(&words)
    };
    // Finishes what an interrupted run left; there mostly is nothing.
    as_root(&["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--configure", "-a"])?;
    let mut words = vec!["install", "--fix-broken", "--no-install-recommends"];
    words.extend(packages);
    if !(apt_get(&["update"])? && apt_get(&words)?) {
        let said = fs::read_to_string(&log_path).unwrap_or_default();
        bail!("apt-get failed\n{}", process::tail(&said));
    }
    Ok(())
}

fn wanted(needs: Needs) -> Vec<&'static str> {
    let mut wanted = BUILD.to_vec();
    if needs.pip {
        wanted.extend(["python3", "python3-pip", certificates::PACKAGE]);
    }
    if needs.clips {
        wanted.push(CLIPS);
    }
    if needs.browser {
        wanted.push(BROWSER);
    }
    if needs.browser || needs.proxy {
        wanted.push(CERTIFICATE);
    }
    if needs.java {
        wanted.extend(JAVA);
    }
    if needs.proxy {
        wanted.extend(PROXY);
        wanted.extend([POOLER, CLOCK]);
    }
    if needs.promtool {
        wanted.push(PROMETHEUS);
    }
    wanted
}

/// Tools that need not come from Debian to be good.
fn has_another_way(package: &str) -> bool {
    match package {
        "python3" | "python3-pip" => {
            process::succeeds(Command::new("python3").args(["-m", "pip", "--version"]))
        }
        certificates::PACKAGE => Path::new(certificates::BUNDLE).exists(),
        _ => false,
    }
}

/// Those of `packages` that are installed; `None` without dpkg.
fn installed_among(packages: &[&str]) -> Option<Vec<String>> {
    // Fails, by design, when it knows one of the names not; what it prints counts.
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat=${binary:Package} ${db:Status-Status}\n"])
        .args(packages)
        .output()
        .ok()?;
    Some(parse_installed(&String::from_utf8_lossy(&output.stdout)))
}

fn parse_installed(listing: &str) -> Vec<String> {
    listing
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, status)| *status == "installed")
        // A library's name may carry its architecture: `libc6-dev:amd64`.
        .map(|(name, _)| name.split(':').next().unwrap_or(name).to_owned())
        .collect()
}

/// The words that make a command run as root: none when we are, `None` when we cannot.
fn become_root() -> Option<Vec<&'static str>> {
    if geteuid().is_root() {
        Some(Vec::new())
    } else if process::succeeds(Command::new("sudo").args(["-n", "true"])) {
        Some(vec!["sudo", "-n"])
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_really_installed_counts() {
        let listing =
            "gcc installed\nlibc6-dev:amd64 installed\nclang-14 config-files\ng++ not-installed\n";
        assert_eq!(parse_installed(listing), ["gcc", "libc6-dev"]);
    }

    const TOOLS: [&str; 9] =
        ["python3-pip", CLIPS, BROWSER, CERTIFICATE, JAVA[0], PROXY[0], POOLER, CLOCK, PROMETHEUS];

    #[test]
    fn tools_are_wanted_only_when_needed() {
        let least = wanted(Needs::default());
        for package in TOOLS {
            assert!(!least.contains(&package), "{package}");
        }
        let most = wanted(Needs {
            pip: true,
            clips: true,
            browser: true,
            java: true,
            proxy: true,
            promtool: true,
        });
        for package in TOOLS {
            assert!(most.contains(&package), "{package}");
        }
    }
}
