//! The address that a request comes from: that of the connection, or the one that our own proxies name.

use std::{
    future::{Ready, ready},
    net::IpAddr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::HeaderMap, web::Data};
use domain::client_network::ClientNetwork;

use crate::{error::ApiError, state::AppState};

const FORWARDED: &str = "x-forwarded-for";

/// The source of a request.
#[derive(Debug, Clone, Copy)]
pub struct FromAddress(pub ClientNetwork);

impl FromRequest for FromAddress {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(state) = request.app_data::<Data<AppState>>() else {
            return ready(Err(ApiError::internal("there is no state")));
        };
        let peer = request.peer_addr().map_or(IpAddr::from([0; 4]), |peer| peer.ip());
        ready(Ok(Self(ClientNetwork::of(address(peer, request.headers(), state.trusted_proxy_hops)))))
    }
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
