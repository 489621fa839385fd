//! The ways in which models misbehave, and what each of them means to a client.

use std::time::Duration;

use serde_json::json;
use tests::script::{CallIds, Index, Reply, call, calls, raw, silence, status, text};

/// Words in errors of the model's that no client may see.
pub(super) const MODEL_SAID: &str = "internal-words-of-the-provider";

/// A misbehaviour: what the model says to a message and to what follows from it, and the turn's
/// `finish_reason` or else its status and code.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) script: Vec<Reply>,
    pub(super) expected: Result<&'static str, (u16, &'static str)>,
    pub(super) adds: usize,
}

fn case(
    name: &'static str,
    script: impl IntoIterator<Item = Reply>,
    expected: Result<&'static str, (u16, &'static str)>,
    adds: usize,
) -> Case {
    Case { name, script: script.into_iter().collect(), expected, adds }
}

fn add() -> Reply {
    call("add_task", json!({"title": "Bread"}))
}

fn adds(count: usize) -> Reply {
    calls((0..count).map(|index| ("add_task", json!({"title": format!("task {index}")}))))
}

fn done() -> Reply {
    text("Done.")
}

fn failed() -> Reply {
    text("That did not work.")
}

fn refusing(code: u16) -> Reply {
    status(code).body(format!(r#"{{"error":{{"message":"{MODEL_SAID}","code":"x"}}}}"#))
}

fn json_body(body: &str) -> Reply {
    status(200).header("content-type", "application/json").body(body)
}

const STOP: Result<&str, (u16, &str)> = Ok("stop");
const BAD_REPLY: Result<&str, (u16, &str)> = Err((502, "model_bad_reply"));
const MISCONFIGURED: Result<&str, (u16, &str)> = Err((502, "model_misconfigured"));
const UNAVAILABLE: Result<&str, (u16, &str)> = Err((503, "model_unavailable"));
const BUSY: Result<&str, (u16, &str)> = Err((503, "model_busy"));

pub(super) fn cases() -> Vec<Case> {
    [refusals(), cuts(), shapes(), arguments(), excesses(), endings()].into_iter().flatten().collect()
}

/// Row 78: a status instead of an answer.
fn refusals() -> Vec<Case> {
    vec![
        case("a key that is wrong", [refusing(401)], MISCONFIGURED, 0),
        case("no credit left", [refusing(402)], MISCONFIGURED, 0),
        case("a region that is not served", [refusing(403)], MISCONFIGURED, 0),
        case("a model that is not there", [refusing(404)], MISCONFIGURED, 0),
        case("a redirect", [status(302).header("location", "http://127.0.0.1:1/")], MISCONFIGURED, 0),
        case("too many requests", [refusing(429).header("retry-after", "30")], BUSY, 0),
        case("too many requests, once", [done().but_first(status(429).header("retry-after", "0"))], STOP, 0),
        case("a bug of theirs", [refusing(500)], UNAVAILABLE, 0),
        case("a bad gateway of theirs, once", [done().but_first(refusing(502))], STOP, 0),
        case("an outage", [refusing(503)], UNAVAILABLE, 0),
        case("too much to do over there", [refusing(529)], UNAVAILABLE, 0),
        case("a failure after an effect", [add(), refusing(500)], UNAVAILABLE, 1),
    ]
}

/// Row 79: an answer that breaks off.
fn cuts() -> Vec<Case> {
    let stream = || add().sse();
    vec![
        case("a stream that is cut", [add().cut_after(300), done()], BAD_REPLY, 0),
        case("a stream that is reset, once", [add().but_first(add().reset_after(300)), done()], STOP, 1),
        case("a stream that ends without a finish", [add().no_finish().no_done(), done()], BAD_REPLY, 0),
        case("a stream without its last mark", [add().no_done(), done()], STOP, 1),
        case("half a frame and a proper end", [raw(stream()).end_after(280), done()], BAD_REPLY, 0),
        case(
            "an error in the middle",
            [raw(format!("data: {{\"error\":{{\"message\":\"{MODEL_SAID}\",\"code\":502}}}}\n\n")), done()],
            UNAVAILABLE,
            0,
        ),
        case("an empty stream", [raw(""), done()], BAD_REPLY, 0),
        case(
            "a page instead of a stream",
            [status(200).header("content-type", "text/html").body("<html>")],
            BAD_REPLY,
            0,
        ),
        case("JSON that is none", [json_body("{\"choices\":")], BAD_REPLY, 0),
        case("no choices at all", [json_body("{\"choices\":[]}")], BAD_REPLY, 0),
        case("drops", [add().dribble(7, Duration::from_millis(1)), done()], STOP, 1),
        case("a failure after an effect and a cut", [add(), text("Added it.").cut_after(150)], BAD_REPLY, 1),
    ]
}

/// Platform 1.3: fragments as providers send them.
fn shapes() -> Vec<Case> {
    let two = || adds(2);
    vec![
        case("no index", [two().index(Index::Missing), done()], STOP, 2),
        case("index always zero", [two().index(Index::Zero), done()], STOP, 2),
        case("no ids", [two().ids(CallIds::Missing), done()], STOP, 2),
        case("empty ids", [two().ids(CallIds::Empty), done()], STOP, 2),
        case("the same id twice", [two().ids(CallIds::Same), done()], STOP, 2),
        case("ids of three hundred characters", [two().ids(CallIds::Long), done()], STOP, 2),
        case("ids of nine characters", [two().ids(CallIds::Short), done()], STOP, 2),
        case("ids that come late", [two().ids(CallIds::Late).fragments(3), done()], STOP, 2),
        case("two hundred fragments", [two().fragments(200), done()], STOP, 2),
        case("names in two pieces", [two().split_names(), done()], STOP, 2),
        case("calls that finish with stop", [two().finish("stop"), done()], STOP, 2),
        case("words beside calls", [two().say("One moment."), done()], STOP, 2),
        case("no usage", [two().without_usage(), done().without_usage()], STOP, 2),
        case("carriage returns", [raw(two().sse().replace('\n', "\r\n")), done()], STOP, 2),
        case("no space after the colon", [raw(two().sse().replace("data: ", "data:")), done()], STOP, 2),
        case("comments", [raw(format!(": PROCESSING\n\n{}", two().sse())), done()], STOP, 2),
        case("a byte order mark", [raw(format!("\u{FEFF}{}", two().sse())), done()], STOP, 2),
    ]
}

/// Rows 80 and 81: arguments that are none.
fn arguments() -> Vec<Case> {
    let with = |arguments: &str| [silence().call_raw("add_task", arguments), failed()];
    vec![
        case("arguments that are no JSON", with("{\"title\": "), STOP, 0),
        case("arguments that are nothing", with(""), STOP, 0),
        case("arguments that are null", with("null"), STOP, 0),
        case("arguments that are a list", with("[\"Bread\"]"), STOP, 0),
        case("arguments of the wrong type", with("{\"title\": 7}"), STOP, 0),
        case("a title that is too long", with(&json!({"title": "x".repeat(300)}).to_string()), STOP, 0),
        case("members that nobody knows", with("{\"title\":\"Bread\",\"color\":\"red\"}"), STOP, 1),
        case("somebody else's id", with("{\"title\":\"Bread\",\"user_id\":\"someone\"}"), STOP, 1),
        case("a tool that is not there", [call("drop_table", json!({})), done()], STOP, 0),
        case("a task that is not there", [call("delete_task", json!({"task_id": 4711})), failed()], STOP, 0),
    ]
}

/// Rows 82 and 83: too much of it.
fn excesses() -> Vec<Case> {
    let for_ever = (0..20).map(|number| call("add_task", json!({"title": format!("Bread {number}")})));
    let the_same = (0..20).map(|_| add());
    vec![
        case("sixteen calls", [adds(16), done()], STOP, 16),
        case("a hundred calls", [adds(100), done()], STOP, 16),
        case("calls for ever", for_ever, Ok("step_limit"), 7),
        case("the same call for ever", the_same, Ok("step_limit"), 1),
    ]
}

/// Row 84: ends that are none.
fn endings() -> Vec<Case> {
    vec![
        case("a length that is reached", [text("And then").finish("length")], Ok("length"), 0),
        case("a length that is reached in a call", [add().finish("length"), failed()], STOP, 0),
        case("a filter", [text("I").finish("content_filter")], Ok("content_filter"), 0),
        case("silence", [silence()], STOP, 0),
        case("silence after an effect", [add(), silence()], STOP, 1),
        case("a lie", [text("I have added it."), text("I have not added anything.")], STOP, 0),
        case("a lie that it insists on", [text("I have added it."), text("I have added it!")], STOP, 0),
    ]
}
