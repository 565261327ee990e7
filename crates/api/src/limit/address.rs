//! The address that a request is counted under.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use actix_web::http::header::HeaderMap;

use crate::settings::TrustedProxy;

/// Finds the address a request is counted under.
#[derive(Debug, Clone)]
pub(crate) struct ClientAddress {
    trusted: Arc<[TrustedProxy]>,
}

impl ClientAddress {
    pub(crate) fn new(trusted: &[TrustedProxy]) -> Self {
        Self { trusted: trusted.into() }
    }

    /// The rightmost hop that is not a trusted proxy. Forwarded headers count only when the
    /// connection itself comes from a trusted proxy. A hop that cannot be read ends the walk,
    /// because its author may also have chosen every hop left of it.
    pub(crate) fn of(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let mut client = peer?.to_canonical();
        let hops: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .flat_map(|value| value.to_str().unwrap_or_default().split(','))
            .collect();
        for hop in hops.iter().rev() {
            if !self.trusted.iter().any(|proxy| proxy.contains(client)) {
                break;
            }
            let Some(address) = parse_hop(hop.trim()) else { break };
            client = address.to_canonical();
        }
        Some(client)
    }

    pub(crate) fn of_request(&self, request: &actix_web::HttpRequest) -> Option<IpAddr> {
        self.of(request.peer_addr().map(|peer| peer.ip()), request.headers())
    }

    /// The network that counts as one client. Without an address (a Unix socket in front, say)
    /// everybody is one.
    pub(crate) fn network_of_request(&self, request: &actix_web::HttpRequest) -> IpAddr {
        let address = self.of_request(request).unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        client_network(address)
    }
}

/// An address, perhaps with a port or in brackets, as proxies write them.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    hop.parse()
        .ok()
        .or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
}

/// Addresses that count as one client: a whole /64 of IPv6, which any one subscriber has.
fn client_network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{self, HeaderValue};

    fn client(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let trusted: Vec<TrustedProxy> = trusted.iter().map(|t| t.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for value in forwarded {
            let name = header::HeaderName::from_static("x-forwarded-for");
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let peer = Some(peer.parse().unwrap());
        ClientAddress::new(&trusted).of(peer, &headers).unwrap().to_string()
    }

    #[test]
    fn forwarded_headers_are_believed_from_trusted_proxies_alone() {
        assert_eq!(client(&[], "1.2.3.4", &["9.9.9.9"]), "1.2.3.4");
        let proxies = ["10.0.0.0/8"];
        assert_eq!(client(&proxies, "1.2.3.4", &["9.9.9.9"]), "1.2.3.4");
        assert_eq!(client(&proxies, "10.0.0.1", &["9.9.9.9"]), "9.9.9.9");
        // Forged entries of the client stand left of the entry of the proxy.
        assert_eq!(client(&proxies, "10.0.0.1", &["7.7.7.7, 9.9.9.9"]), "9.9.9.9");
        assert_eq!(client(&proxies, "10.0.0.1", &["9.9.9.9, 10.1.1.1"]), "9.9.9.9");
        assert_eq!(client(&proxies, "10.0.0.1", &["7.7.7.7", "9.9.9.9:1234"]), "9.9.9.9");
        assert_eq!(client(&proxies, "10.0.0.1", &["nonsense"]), "10.0.0.1");
        assert_eq!(client(&proxies, "::ffff:10.0.0.1", &["[2001:db8::1]"]), "2001:db8::1");
    }

    #[test]
    fn a_client_is_an_address_or_a_slash_64() {
        let network = |text: &str| client_network(text.parse().unwrap()).to_string();
        assert_eq!(network("1.2.3.4"), "1.2.3.4");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }
}
