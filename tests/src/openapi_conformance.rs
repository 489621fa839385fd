//! Whether an answer is one that the OpenAPI document tells of.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde_json::Value;

use crate::http_response::HttpResponse;

/// The answers of an operation: statuses, and the codes of their problems.
type Answers = BTreeMap<u16, BTreeSet<String>>;

/// An operation's method, the parts of its path, and its answers.
struct Operation {
    method: String,
    path: Vec<String>,
    answers: Answers,
}

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let document = serde_json::to_value(server::routes::openapi_document()).expect("the document is JSON");
    let paths = document["paths"].as_object().expect("the document has paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().expect("a path has operations");
        item.iter().map(move |(method, operation)| Operation {
            method: method.to_uppercase(),
            path: parts(path),
            answers: answers(operation),
        })
    });
    operations.collect()
});

/// # Panics
/// When the operation of the document does not have this status or the code of this problem. What no
/// operation is about may be answered by anything.
#[track_caller]
pub(crate) fn check(method: &str, path: &str, answer: &HttpResponse) {
    let method = if method == "HEAD" { "GET" } else { method };
    let path = parts(path.split('?').next().unwrap_or_default());
    // What is written out goes before what is a parameter.
    let operations = OPERATIONS.iter().filter(|operation| operation.method == method);
    let operation = operations
        .filter(|operation| matches(&operation.path, &path))
        .min_by_key(|operation| operation.path.iter().filter(|part| part.starts_with('{')).count());
    let Some(operation) = operation else { return };
    let known = operation.answers.get(&answer.status);
    let known =
        known.unwrap_or_else(|| panic!("{}: {} is not in the document", answer.request, answer.status));
    if let Some(code) = answer.json["code"].as_str().filter(|_| answer.status >= 400) {
        let status = answer.status;
        assert!(known.contains(code), "{}: {status} {code} is not in the document", answer.request);
    }
}

fn answers(operation: &Value) -> Answers {
    let responses = operation["responses"].as_object().expect("an operation has responses");
    let codes = |response: &Value| {
        let schema = &response["content"]["application/problem+json"]["schema"];
        let codes = schema.pointer("/allOf/1/properties/code/enum").and_then(Value::as_array);
        codes.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    responses.iter().map(|(status, response)| (status.parse().expect("a status"), codes(response))).collect()
}

fn parts(path: &str) -> Vec<String> {
    path.split('/').map(str::to_owned).collect()
}

fn matches(known: &[String], path: &[String]) -> bool {
    let is_same = |(known, part): (&String, &String)| match known.strip_prefix('{') {
        Some(parameter) => {
            let ending = parameter.split_once('}').map_or("", |(_, ending)| ending);
            part.len() > ending.len() && part.ends_with(ending)
        }
        None => known == part,
    };
    known.len() == path.len() && known.iter().zip(path).all(is_same)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;
    use serde_json::json;

    use super::*;

    fn answer(status: u16, code: &str) -> HttpResponse {
        let (headers, request) = (HeaderMap::new(), "a request".to_owned());
        HttpResponse { status, headers, text: String::new(), json: json!({ "code": code }), request }
    }

    #[test]
    fn what_is_in_the_document_passes() {
        check("GET", "/api/7/tasks/9?x=1", &answer(404, "task_not_found"));
        check("HEAD", "/health", &answer(200, ""));
        check("POST", "/api/7/tasks/batch", &answer(200, ""));
        check("GET", "/calendar/secret.ics", &answer(404, "route_not_found"));
        check("GET", "/nowhere", &answer(404, "route_not_found"));
    }

    #[test]
    #[should_panic(expected = "418 is not in the document")]
    fn another_status_is_noticed() {
        check("GET", "/api/7/tasks/9", &answer(418, "teapot"));
    }

    #[test]
    #[should_panic(expected = "404 turn_not_found is not in the document")]
    fn another_code_is_noticed() {
        check("GET", "/api/7/tasks/9", &answer(404, "turn_not_found"));
    }
}
