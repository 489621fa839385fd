//! Where a request comes from: the address of the connection, or what our own proxies say of it.

use std::{
    future::{Ready, ready},
    net::IpAddr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::HeaderMap, web::Data};
use domain::client_address::ClientAddress;

use crate::{error::ApiError, state::AppState};

const FORWARDED: &str = "x-forwarded-for";

/// The source of a request.
#[derive(Debug, Clone, Copy)]
pub struct FromAddress(pub ClientAddress);

impl FromRequest for FromAddress {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(state) = request.app_data::<Data<AppState>>() else {
            return ready(Err(ApiError::internal("there is no state")));
        };
        let peer = request.peer_addr().map_or(IpAddr::from([0; 4]), |peer| peer.ip());
        ready(Ok(Self(network(address(peer, request.headers(), state.trusted_proxy_hops)))))
    }
}

/// An address as one stranger has it: an IPv4 address, or the first 48 bits of an IPv6 address, which is
/// the most that one customer is handed out (RFC 6177): whoever has as much has 65,536 networks.
pub(crate) fn network(address: IpAddr) -> ClientAddress {
    ClientAddress(match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() >> 80 << 80,
    })
}

/// The address that the outermost of our proxies saw: so many places from the right of what they
/// wrote. Whatever stands left of it the client may have made up. What is no address, or is not there,
/// is not believed.
fn address(peer: IpAddr, headers: &HeaderMap, hops: u8) -> IpAddr {
    let values = headers.get_all(FORWARDED).filter_map(|value| value.to_str().ok());
    let all = values.collect::<Vec<_>>().join(",");
    let Some(back) = usize::from(hops).checked_sub(1) else { return peer };
    let told = all.rsplit(',').nth(back).map(str::trim).unwrap_or_default();
    told.parse().or_else(|_with_port| told.parse::<std::net::SocketAddr>().map(|a| a.ip())).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn the_networks_of_a_customer_are_one_address() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:2:2::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
    }

    #[test]
    fn only_what_our_own_proxies_wrote_counts() {
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        let of = |forwarded: &[&str], hops| {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append(HeaderName::from_static(FORWARDED), HeaderValue::from_str(value).unwrap());
            }
            address(peer, &headers, hops).to_string()
        };
        assert_eq!(of(&["198.51.100.7"], 0), "10.0.0.1", "nobody's word is taken");
        assert_eq!(of(&["198.51.100.7"], 1), "198.51.100.7");
        assert_eq!(of(&["1.1.1.1, 2.2.2.2, 198.51.100.7"], 1), "198.51.100.7");
        assert_eq!(of(&["1.1.1.1", "198.51.100.7, 10.0.0.2"], 2), "198.51.100.7");
        assert_eq!(of(&["198.51.100.7:4711"], 1), "198.51.100.7");
        assert_eq!(of(&["2001:db8::7"], 1), "2001:db8::7");
        for nonsense in ["", "unknown", "1.1.1.1, ", "198.51.100.7 evil"] {
            assert_eq!(of(&[nonsense], 1), "10.0.0.1", "{nonsense:?}");
        }
        assert_eq!(of(&["198.51.100.7"], 2), "10.0.0.1", "a proxy is missing");
        assert_eq!(of(&[], 1), "10.0.0.1");
    }
}
