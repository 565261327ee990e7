//! What every endpoint's part of the document must be.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document;
use super::examples::Schemas;
use crate::extract::files::{JSON_FIELDS, TIMES_FIELD};
use crate::extract::form::BOOLEAN_FIELDS;

fn json() -> Value {
    serde_json::to_value(document()).expect("the document")
}

/// What `schema` is, or refers to.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let Some(reference) = schema["$ref"].as_str() else { return schema };
    document.pointer(reference.trim_start_matches('#')).expect("a schema of the document")
}

/// Every operation with its name.
fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("methods");
        methods.iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

/// Whether a value that follows `schema` may be of the type `wanted`.
fn is_type(schema: &Value, wanted: &str) -> bool {
    match &schema["type"] {
        Value::Array(types) => types.iter().any(|one| one == wanted),
        one => one == wanted,
    }
}

#[test]
fn a_form_knows_which_of_its_texts_are_no_texts() {
    let document = json();
    let (mut booleans, mut objects) = (BTreeSet::new(), BTreeSet::new());
    for (operation, documented) in operations(&document) {
        let form = &documented["requestBody"]["content"]["multipart/form-data"]["schema"];
        let Some(fields) = resolve(&document, form)["properties"].as_object() else { continue };
        for (name, field) in fields {
            let field = resolve(&document, field);
            let at = format!("{operation}: {name}");
            if is_type(field, "boolean") {
                assert!(BOOLEAN_FIELDS.contains(&name.as_str()), "{at} is read as text");
                booleans.insert(name.clone());
            }
            if field["contentMediaType"] == "application/json" {
                assert!(JSON_FIELDS.contains(&name.as_str()), "{at} is read as text");
                objects.insert(name.clone());
            }
            let item = if is_type(field, "array") { &field["items"] } else { field };
            if is_type(item, "number") || is_type(item, "integer") {
                let last = name.rsplit('.').next();
                assert_eq!(last, Some(TIMES_FIELD), "{at} is read as text");
            }
        }
    }
    assert_eq!(booleans, BTreeSet::from(BOOLEAN_FIELDS.map(str::to_owned)));
    assert_eq!(objects, BTreeSet::from(JSON_FIELDS.map(str::to_owned)));
}

#[test]
fn every_body_has_an_example() {
    let (document, schemas) = (json(), Schemas::of(&document()));
    let mut lacking = Vec::new();
    for (operation, documented) in operations(&document) {
        let responses = documented["responses"].as_object().expect("responses");
        for part in responses.values().chain([&documented["requestBody"]]) {
            for (media_type, content) in part["content"].as_object().into_iter().flatten() {
                if content["example"].is_null() && content["examples"].is_null() {
                    let place = schemas.compose(&content["schema"]).err();
                    lacking.push((operation.clone(), media_type, place));
                }
            }
        }
    }
    assert!(lacking.is_empty(), "give these fields an example: {lacking:#?}");
}

#[test]
fn every_operation_says_who_may_call_it_and_what_it_does() {
    for (operation, documented) in operations(&json()) {
        assert!(documented["security"].is_array(), "{operation}: security(()) opens it to all");
        assert!(documented["description"].is_string(), "{operation} has only a title");
        let body = &documented["requestBody"];
        assert!(body.is_null() || body["required"] == true, "{operation}");
    }
}
