//! Where a request comes from, as far as fairness between strangers needs it.

/// A number that stands for the address that one stranger is taken to have. Which addresses are one is
/// decided where requests are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientAddress(pub u128);
