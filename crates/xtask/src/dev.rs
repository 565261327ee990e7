//! `./dev`: the API, its documentation and the page, on one port.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};

use crate::environment::Database;
use crate::frontend::Frontend;
use crate::install::Purpose;
use crate::postgres::Cluster;
use crate::process::Interrupted;
use crate::progress::heading;
use crate::server::{self, Beside, Output, Server};
use crate::setup::{self, Tools};

/// The variable that moves the whole address.
const BIND: &str = "FACEAUTH__SERVER__BIND";

/// Sets up, builds and serves until a Ctrl-C, which is a clean end.
///
/// # Errors
/// When a step fails, or the server ends without being stopped.
pub fn dev(port: u16) -> Result<()> {
    let address = address(port, std::env::var(BIND).ok().as_deref())?;
    check_port(address)?;
    let ready = setup::set_up(Purpose::Development, Tools::default())?;
    Frontend::of(&ready.layout).build()?;

    let database = Database::open(&ready, Cluster::Dev)?;
    let served = serve(&ready, &database, address);
    database.close(&ready)?;
    match served {
        Err(error) if error.is::<Interrupted>() => {
            heading("Stopped");
            Ok(())
        }
        served => served,
    }
}

fn serve(ready: &setup::Ready, database: &Database, address: SocketAddr) -> Result<()> {
    let server = Server::build(ready, database.url(), Beside::Nothing)?;
    server.prepare()?;
    // Building takes minutes the first time.
    check_port(address)?;
    let mut serving = server.serve(address, &[], Output::Terminal)?;
    welcome(address);
    let status = serving.wait()?;
    bail!("the server ended unexpectedly ({status})");
}

fn address(port: u16, bind: Option<&str>) -> Result<SocketAddr> {
    match bind {
        None => Ok(SocketAddr::from(([127, 0, 0, 1], port))),
        Some(bind) => bind.parse().with_context(|| format!("{BIND}={bind} is not an address")),
    }
}

fn check_port(address: SocketAddr) -> Result<()> {
    if server::is_free(address) {
        return Ok(());
    }
    let port = address.port();
    bail!(
        "port {port} is in use; choose another one:\n\n    ./dev --port {}\n",
        port.wrapping_add(1)
    );
}

fn welcome(address: SocketAddr) {
    eprintln!(
        "\n  FaceAuth is ready.\n\n    Page   http://{address}/\n    API    http://{address}/docs\n\n  \
         Ctrl-C stops it. Development settings: anybody may register, photos sign in.\n"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_local_unless_told_otherwise() {
        assert_eq!(address(8081, None).unwrap().to_string(), "127.0.0.1:8081");
        assert_eq!(address(8081, Some("0.0.0.0:9000")).unwrap().to_string(), "0.0.0.0:9000");
        assert!(address(8081, Some("somewhere")).is_err());
    }

    #[test]
    fn a_taken_port_names_a_way_out() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let error = check_port(listener.local_addr().unwrap()).unwrap_err().to_string();
        assert!(error.contains("./dev --port"), "{error}");
    }
}
