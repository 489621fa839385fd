//! Parses a message that is a plain yes or no and nothing else.

use super::Decision;

/// Words of the most spoken languages, in lower case. Exact, and no cleverer: what is not here goes to
/// the model, which can approve nothing. A yes of one language that means something else as the whole answer
/// in another is not here: `tak` is a yes in Polish and a no in Malay, `igen` is "again" in Swedish, `ano` is
/// "what" in Tagalog, and `так` is "so" in Russian.
const YES: [&str; 23] = [
    "yes",
    "yes please",
    "yes, please",
    "ja",
    "ja bitte",
    "ja, bitte",
    "oui",
    "sí",
    "si",
    "sim",
    "sì",
    "да",
    "evet",
    "ναι",
    "是",
    "是的",
    "はい",
    "네",
    "예",
    "نعم",
    "हाँ",
    "हां",
    "vâng",
];

/// As [`YES`].
const NO: [&str; 26] = [
    "no",
    "no thanks",
    "no, thanks",
    "nein",
    "nein danke",
    "nein, danke",
    "non",
    "nee",
    "nej",
    "nei",
    "não",
    "нет",
    "ні",
    "nie",
    "ne",
    "hayır",
    "nem",
    "όχι",
    "不",
    "不是",
    "いいえ",
    "아니요",
    "لا",
    "नहीं",
    "không",
    "tidak",
];

/// What a message says to a question, when it is a plain yes or no.
pub fn parse_yes_no(message: &str) -> Option<Decision> {
    let words = message.trim().trim_end_matches(['.', '!', '。', '！', '।']).trim_end().to_lowercase();
    if YES.contains(&words.as_str()) {
        return Some(Decision::Approve);
    }
    NO.contains(&words.as_str()).then_some(Decision::Reject)
}
