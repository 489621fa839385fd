use proptest::prelude::*;

use super::*;

fn events(pieces: &[&[u8]]) -> Vec<SseEvent> {
    let mut decoder = SseDecoder::default();
    let mut events: Vec<_> = pieces.iter().flat_map(|piece| decoder.push(piece)).collect();
    events.extend(decoder.finish());
    events
}

fn data(stream: &str) -> Vec<String> {
    events(&[stream.as_bytes()]).into_iter().map(|event| event.data).collect()
}

#[test]
fn every_way_to_write_an_event_is_read() {
    let cases: &[(&str, &[&str])] = &[
        ("data: a\n\ndata: b\n\n", &["a", "b"]),
        ("data: a\r\n\r\ndata: b\r\n\r\n", &["a", "b"]),
        ("data: a\r\rdata: b\r\r", &["a", "b"]),
        ("data:a\n\n", &["a"]),
        ("data:  a\n\n", &[" a"]),
        ("\u{FEFF}data: a\n\n", &["a"]),
        ("\u{FEFF}\ndata: a\n\n", &["a"]),
        (": comment\n\n: OPENROUTER PROCESSING\n\ndata: a\n\n", &["a"]),
        (": between\ndata: a\n: and within\nid: 7\nretry: 10\nwhatever\n\n", &["a"]),
        ("data: {\ndata: }\n\n", &["{\n}"]),
        ("data\n\ndata:\n\ndata: \n\n", &[]),
        ("data:\ndata:\n\n", &["\n"]),
        ("event: only\n\n", &[]),
        ("\n\n\n", &[]),
        ("", &[]),
        ("<html>\n<body>no stream</body>\n\n", &[]),
        ("data: [DONE]", &["[DONE]"]),
        ("data: [DONE]\n", &["[DONE]"]),
        ("data: a\n\ndata: half", &["a", "half"]),
        ("data: caf\u{e9} \u{1F600}\n\n", &["caf\u{e9} \u{1F600}"]),
    ];
    for (stream, expected) in cases {
        assert_eq!(data(stream), *expected, "{stream:?}");
    }
}

#[test]
fn an_event_has_its_own_name_and_not_the_one_before() {
    let names: Vec<_> = events(&[b"event: error\ndata: a\n\ndata: b\n\nevent:x\n\ndata: c\n\n"])
        .into_iter()
        .map(|event| event.name)
        .collect();
    assert_eq!(names, ["error", "", ""]);
}

#[test]
fn bytes_that_are_no_text_do_not_end_the_stream() {
    let read = events(&[b"data: \xFF\xFE\n\ndata: b\n\n"]);
    assert_eq!(read.len(), 2);
    assert_eq!(read[0].data, "\u{FFFD}\u{FFFD}");
}

#[test]
fn where_the_pieces_are_cut_changes_nothing() {
    let stream =
        "\u{FEFF}: hi\r\ndata: \u{1F600}\r\ndata:b\r\n\r\nevent: error\rdata: c\r\rdata: d\n\ndata: e";
    let bytes = stream.as_bytes();
    let whole = events(&[bytes]);
    assert_eq!(whole.len(), 4);
    for cut in 0..=bytes.len() {
        assert_eq!(events(&[&bytes[..cut], &bytes[cut..]]), whole, "cut at {cut}");
    }
    assert_eq!(events(&bytes.chunks(1).collect::<Vec<_>>()), whole);
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_are_read_alike(
        bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b':'), Just(b' '), Just(b'd'), any::<u8>()], 0..200),
        size in 1_usize..20,
    ) {
        prop_assert_eq!(events(&bytes.chunks(size).collect::<Vec<_>>()), events(&[&bytes]));
    }
}
