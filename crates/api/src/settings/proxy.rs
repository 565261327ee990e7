//! Proxies whose word on the client's address counts.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv6Net};

/// Shortest prefix of an IPv4 network of proxies: 10.0.0.0/8, the largest private network
/// (RFC 1918). No operator of proxies has a wider one.
const LEAST_PREFIX_V4: u8 = 8;
/// Shortest prefix of an IPv6 network of proxies: what registries give to a large provider is a
/// /19 or longer.
const LEAST_PREFIX_V6: u8 = 19;
/// Local addresses of IPv6 (RFC 4193), which cannot be reached from outside.
const UNIQUE_LOCAL: &str = "fc00::/7";

/// A network of proxies, or a single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedProxy(IpNet);

impl TrustedProxy {
    /// Whether `address` belongs to it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }

    /// Whether it takes in more than one operator's proxies can be: strangers would choose the
    /// address that they are counted under.
    #[must_use]
    pub fn is_too_wide(&self) -> bool {
        match self.0 {
            IpNet::V4(network) => network.prefix_len() < LEAST_PREFIX_V4,
            IpNet::V6(network) => {
                let local = UNIQUE_LOCAL.parse::<Ipv6Net>();
                network.prefix_len() < LEAST_PREFIX_V6
                    && !local.is_ok_and(|local| local.contains(&network))
            }
        }
    }
}

/// A text that is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a network is an address with a prefix length, for example 10.0.0.0/8")]
pub struct TrustedProxyError;

impl FromStr for TrustedProxy {
    type Err = TrustedProxyError;

    fn from_str(text: &str) -> Result<Self, TrustedProxyError> {
        let address = || text.parse::<IpAddr>().map(IpNet::from);
        text.parse().or_else(|_| address()).map(Self).map_err(|_| TrustedProxyError)
    }
}

impl fmt::Display for TrustedProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_networks_or_addresses() {
        let network: TrustedProxy = "10.0.0.0/8".parse().unwrap();
        assert!(network.contains("10.9.8.7".parse().unwrap()));
        assert!(!network.contains("11.0.0.1".parse().unwrap()));
        let one: TrustedProxy = "::1".parse().unwrap();
        assert!(one.contains("::1".parse().unwrap()) && !one.contains("::2".parse().unwrap()));
        assert_eq!("everybody".parse::<TrustedProxy>(), Err(TrustedProxyError));
    }

    #[test]
    fn half_the_internet_is_no_proxy() {
        let too_wide = |text: &str| text.parse::<TrustedProxy>().unwrap().is_too_wide();
        for wide in ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.1/0", "::/0", "2000::/3"] {
            assert!(too_wide(wide), "{wide}");
        }
        for narrow in ["10.0.0.0/8", "127.0.0.1", "172.16.0.0/12", "::1", "fc00::/7", "fd00::/8"] {
            assert!(!too_wide(narrow), "{narrow}");
        }
        assert!(!too_wide("2400:cb00::/32"));
    }
}
