//! Whether a text is JSON, without keeping what it says.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};

/// What is known of a text that was read whole. Unlike `serde::de::IgnoredAny` it has every text
/// decoded and every number read, and is bound to the parser's depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WellFormedJson {
    pub(super) is_object: bool,
}

impl<'de> Deserialize<'de> for WellFormedJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

const OTHER: WellFormedJson = WellFormedJson { is_object: false };

impl<'de> Visitor<'de> for AnyValue {
    type Value = WellFormedJson;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<WellFormedJson, E> {
        Ok(OTHER)
    }

    fn visit_bool<E>(self, _: bool) -> Result<WellFormedJson, E> {
        Ok(OTHER)
    }

    fn visit_i64<E>(self, _: i64) -> Result<WellFormedJson, E> {
        Ok(OTHER)
    }

    fn visit_u64<E>(self, _: u64) -> Result<WellFormedJson, E> {
        Ok(OTHER)
    }

    fn visit_f64<E>(self, _: f64) -> Result<WellFormedJson, E> {
        Ok(OTHER)
    }

    fn visit_str<E>(self, _: &str) -> Result<WellFormedJson, E> {
        Ok(OTHER)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<WellFormedJson, A::Error> {
        while items.next_element::<WellFormedJson>()?.is_some() {}
        Ok(OTHER)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<WellFormedJson, A::Error> {
        while members.next_entry::<WellFormedJson, WellFormedJson>()?.is_some() {}
        Ok(WellFormedJson { is_object: true })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    proptest! {
        /// Both readers take and refuse the same texts.
        #[test]
        fn what_is_json_is_what_serde_json_reads(text in r#"([\[\]{}:,"\\ue0-9.+ -]|true|null|"a"|"\\ud83d"){0,12}"#) {
            let value = serde_json::from_str::<Value>(&text);
            let checked = serde_json::from_str::<WellFormedJson>(&text);
            prop_assert_eq!(checked.ok().map(|json| json.is_object), value.ok().map(|json| json.is_object()));
        }
    }
}
