//! The document names what the router has, and nothing else.

use serde_json::Value;

use super::*;

fn document() -> Value {
    serde_json::to_value(openapi()).unwrap()
}

/// Each operation with its method and path.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap();
        item.iter().map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
    });
    operations.collect()
}

#[test]
fn the_document_has_the_routes_of_the_router_and_no_others() {
    let document = document();
    let mut described: Vec<_> = operations(&document).into_iter().map(|(name, _)| name).collect();
    let mut routed: Vec<_> = ROUTES.iter().map(|entry| format!("{} {}", entry.method, entry.path)).collect();
    described.sort();
    routed.sort();
    assert_eq!(described, routed, "described (left), and in the router (right)");
}

#[test]
fn every_operation_is_described() {
    let document = document();
    let mut ids = BTreeSet::new();
    let groups: Vec<_> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    for (name, operation) in operations(&document) {
        for member in ["summary", "operationId"] {
            assert!(
                operation[member].as_str().is_some_and(|text| !text.is_empty()),
                "{name} has no {member}"
            );
        }
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{name} shares its operationId");
        assert!(groups.contains(&&operation["tags"][0]), "{name} is in no group");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name} has no success");
        for (status, response) in responses {
            let description = response["description"].as_str().unwrap_or_default();
            assert!(!description.is_empty(), "{name} does not say what {status} means");
        }
        let body = operation.pointer("/requestBody/content").and_then(Value::as_object);
        for (media, content) in body.into_iter().flatten() {
            assert!(content["examples"].is_object(), "{name} has no example of its body, {media}");
        }
    }
}

#[test]
fn links_lead_to_operations_and_fill_their_parameters() {
    let document = document();
    let operations = operations(&document);
    let mut links = 0;
    for (name, operation) in &operations {
        let responses = operation["responses"].as_object().unwrap().values();
        for link in
            responses.filter_map(|response| response["links"].as_object()).flatten().map(|(_, link)| link)
        {
            let is_target = |(_, other): &&(String, &Value)| other["operationId"] == link["operationId"];
            let (_, target) = operations.iter().find(is_target).unwrap_or_else(|| panic!("{name}: {link}"));
            let wanted = target["parameters"].as_array().unwrap().iter().filter(|one| one["in"] == "path");
            let wanted: BTreeSet<_> = wanted.map(|one| one["name"].as_str().unwrap()).collect();
            let given = link["parameters"].as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(wanted, given, "{name}: {link}");
            links += 1;
        }
    }
    assert!(links > 10, "{links} links");
}

#[test]
fn whatever_is_referred_to_is_there() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100, "{} references", found.len());
    let missing = found.into_iter().filter(|place| document.pointer(place.trim_start_matches('#')).is_none());
    assert_eq!(missing.collect::<BTreeSet<_>>(), BTreeSet::new());
}

/// The table of docs/API.md is for people; this keeps it whole.
#[test]
fn the_document_and_the_documentation_have_the_same_problem_codes() {
    let document = document();
    let described = document["components"]["examples"].as_object().unwrap().keys().cloned();
    let prose = include_str!("../../../../../docs/API.md");
    let table = prose.split_once("| status | code | when |").unwrap().1.split_once("\n\n").unwrap().0;
    let cells = table.lines().skip(2).filter_map(|line| line.split('|').nth(2));
    let told = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned);
    // Answered to whatever is no operation.
    let of_no_operation = "method_not_allowed";
    let described: BTreeSet<_> = described.chain([of_no_operation.to_owned()]).collect();
    assert_eq!(described, told.collect(), "in the document (left) and in docs/API.md (right)");
}

#[test]
fn a_program_is_told_the_scope_that_the_router_asks_for() {
    let document = document();
    for (name, operation) in operations(&document) {
        let (method, path) = name.split_once(' ').unwrap();
        let entry =
            ROUTES.iter().find(|entry| entry.method.as_str() == method && entry.path == path).unwrap();
        let security = operation["security"].as_array().unwrap();
        let program = security.iter().find_map(|way| way.get(PROGRAM)).map(Value::to_string);
        let expected = match entry.access {
            Access::User(ProgramAccess::Scope(scope))
            | Access::UserSelfThrottled(ProgramAccess::Scope(scope)) => {
                Some(format!("[\"{}\"]", scope.as_str()))
            }
            Access::User(ProgramAccess::AnyScope | ProgramAccess::AnyScopeOrOAuth)
            | Access::UserSelfThrottled(ProgramAccess::AnyScope | ProgramAccess::AnyScopeOrOAuth) => {
                Some("[]".to_owned())
            }
            _ => None,
        };
        assert_eq!(program, expected, "{name}");
        assert_eq!(security.is_empty(), entry.access == Access::Public, "{name}");
    }
}
