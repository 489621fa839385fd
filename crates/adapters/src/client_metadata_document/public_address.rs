//! Tells addresses of the public network from all others.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Blocks of IPv4 addresses that are not of the public network: IANA's registry of special-purpose addresses
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>), multicast, and what is reserved.
const SPECIAL_IPV4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 3),
];

/// Blocks of `2000::/3`, the global unicast addresses, that are not of the public network, or that wrap an
/// IPv4 address which may not be (<https://www.iana.org/assignments/iana-ipv6-special-registry>): protocol
/// assignments with Teredo, documentation, 6to4.
const SPECIAL_IPV6: [(u128, u32); 5] = [
    (0x2001_0000_u128 << 96, 23),
    (0x2001_0db8_u128 << 96, 32),
    (0x2002_0000_u128 << 96, 16),
    (0x2620_004f_8000_u128 << 80, 48),
    (0x3fff_0000_u128 << 96, 20),
];

/// Whether an address is of the public network. Everything else in IPv6, with the mapped addresses of IPv4
/// and those of NAT64, is not.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !SPECIAL_IPV4.iter().any(|block| is_in_ipv4(address, *block)),
        IpAddr::V6(address) => {
            is_in_ipv6(address, (0x2000_0000_u128 << 96, 3))
                && !SPECIAL_IPV6.iter().any(|block| is_in_ipv6(address, *block))
        }
    }
}

fn is_in_ipv4(address: Ipv4Addr, (block, bits): ([u8; 4], u32)) -> bool {
    let rest = 32 - bits;
    address.to_bits() >> rest == Ipv4Addr::from(block).to_bits() >> rest
}

fn is_in_ipv6(address: Ipv6Addr, (block, bits): (u128, u32)) -> bool {
    let rest = 128 - bits;
    address.to_bits() >> rest == block >> rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_is_not_public_however_it_is_written() {
        for inside in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
    }

    #[test]
    fn the_rest_is() {
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
