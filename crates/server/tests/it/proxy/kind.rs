//! The proxies that have an example in `deploy/`: how each of them is started with it.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use faceauth_test_support::paths;

/// A proxy with an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Nginx,
    Caddy,
    Haproxy,
}

/// Where the proxy of a test listens, and what it stands before.
pub struct Place<'a> {
    /// Its folder, which has `tls.pem`, `tls.key` and both in `tls.both`.
    pub root: &'a str,
    /// The port of HTTPS.
    pub tls: u16,
    /// The port of HTTP.
    pub plain: u16,
    /// The addresses of three replicas.
    pub replicas: &'a [String; 3],
}

/// The addresses of the replicas in every example.
const REPLICAS: [&str; 3] = ["127.0.0.1:8081", "127.0.0.1:8082", "127.0.0.1:8083"];

impl Kind {
    /// What Debian installs; not in everybody's search path.
    pub fn program(self) -> &'static str {
        match self {
            Self::Nginx => "/usr/sbin/nginx",
            Self::Caddy => "/usr/bin/caddy",
            Self::Haproxy => "/usr/sbin/haproxy",
        }
    }

    fn example(self) -> &'static str {
        match self {
            Self::Nginx => "deploy/nginx.conf.example",
            Self::Caddy => "deploy/Caddyfile",
            Self::Haproxy => "deploy/haproxy.cfg.example",
        }
    }

    /// Whether it passes an answer on that begins before its request has ended.
    pub fn carries_batches(self) -> bool {
        self == Self::Haproxy
    }

    /// Whether a request with a body goes to another replica when the first one refuses the
    /// connection. Caddy learned it in May 2026, and Debian's is older.
    pub fn retries_bodies(self) -> bool {
        self != Self::Caddy
    }

    /// The limit that waiting for an answer has in the example, and a short one.
    pub fn impatient(self) -> (&'static str, &'static str) {
        match self {
            Self::Nginx => ("proxy_read_timeout 60s", "proxy_read_timeout 1s"),
            Self::Caddy => ("response_header_timeout 60s", "response_header_timeout 1s"),
            Self::Haproxy => ("timeout server 60s", "timeout server 1s"),
        }
    }

    /// Writes the example with the ports, files and replicas of `place` and with `changes`, each of
    /// which must be in it. Answers the command that runs it in the foreground.
    pub fn command(self, place: &Place<'_>, changes: &[(&str, &str)]) -> Command {
        let example = paths::existing(paths::root().join(self.example()));
        let mut config = fs::read_to_string(example).expect("the example");
        let own = self.own(place);
        let own = own.iter().map(|(from, to)| (*from, to.as_str()));
        let replicas = place.replicas.iter().map(String::as_str);
        let replicas = REPLICAS.into_iter().zip(replicas);
        for (from, to) in own.chain(replicas).chain(changes.iter().copied()) {
            assert!(config.contains(from), "{} has no {from:?}", self.example());
            config = config.replace(from, to);
        }
        let root = Path::new(place.root);
        fs::write(root.join("example"), config).expect("write");
        let mut command = Command::new(self.program());
        match self {
            Self::Nginx => {
                fs::write(root.join("nginx.conf"), nginx_around(place.root)).expect("write");
                command.args(["-p", place.root, "-e", &format!("{}/log", place.root)]);
                command.args(["-c", &format!("{}/nginx.conf", place.root)]);
            }
            Self::Caddy => {
                command.args(["run", "--adapter", "caddyfile", "--config"]);
                command.arg(root.join("example"));
                command.env("HOME", root).env("XDG_DATA_HOME", root).env("XDG_CONFIG_HOME", root);
            }
            Self::Haproxy => {
                command.arg("-f").arg(root.join("example"));
            }
        }
        command
    }

    /// What a test changes in the example besides the replicas.
    fn own(self, place: &Place<'_>) -> Vec<(&'static str, String)> {
        let Place { root, tls, plain, .. } = place;
        match self {
            Self::Nginx => vec![
                ("listen 443 ssl http2;", format!("listen 127.0.0.1:{tls} ssl http2;")),
                ("listen 80;", format!("listen 127.0.0.1:{plain};")),
                ("/etc/ssl/private/login.example.org", format!("{root}/tls")),
            ],
            // Its certificates come from the network, and its control socket has a fixed port.
            Self::Caddy => vec![
                (
                    "{\n\tservers {",
                    format!(
                        "{{\n\tadmin off\n\thttp_port {plain}\n\thttps_port {tls}\n\tservers {{"
                    ),
                ),
                (
                    "{$FACEAUTH_SITE:login.example.org} {",
                    format!(
                        "login.example.org {{\n\tbind 127.0.0.1\n\ttls {root}/tls.pem {root}/tls.key"
                    ),
                ),
            ],
            Self::Haproxy => vec![
                ("bind :443", format!("bind 127.0.0.1:{tls}")),
                ("bind :80", format!("bind 127.0.0.1:{plain}")),
                ("/etc/ssl/private/login.example.org.pem", format!("{root}/tls.both")),
            ],
        }
    }
}

/// What Debian's nginx has around a file of `/etc/nginx/conf.d`.
fn nginx_around(root: &str) -> String {
    let mut main = format!(
        "daemon off;\npid {root}/pid;\nworker_processes 1;\nevents {{}}\nhttp {{\n\
         access_log off;\ninclude {root}/example;\n"
    );
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        writeln!(main, "{kind}_temp_path {root}/{kind};").expect("a string");
    }
    main + "}\n"
}
