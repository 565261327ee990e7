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

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
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

/// Generators name the parameters of `refresh_token` `RefreshTokenRequest`, and see only whether
/// the operation's own body has that name.
#[test]
fn no_body_has_the_name_of_another_operation() {
    let document = json();
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    for (operation, documented) in operations(&document) {
        let id = documented["operationId"].as_str().expect("an id");
        let name = format!("{}Request", id.split('_').map(capitalised).collect::<String>());
        let own = documented["requestBody"].to_string().contains(&format!("schemas/{name}\""));
        assert!(own || !schemas.contains_key(&name), "{operation}: {name} is another's body");
    }
}

#[test]
fn a_form_has_no_null() {
    let document = json();
    for (operation, documented) in operations(&document) {
        let form = &documented["requestBody"]["content"]["multipart/form-data"]["schema"];
        for (name, field) in
            resolve(&document, form)["properties"].as_object().into_iter().flatten()
        {
            assert!(field["type"].is_string(), "{operation}: {name} is {}", field["type"]);
        }
    }
}

#[test]
fn every_choice_has_a_name() {
    let document = json();
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        for choice in schema["oneOf"].as_array().into_iter().flatten() {
            let named = choice["$ref"].is_string() || choice["type"] != "object";
            assert!(named, "give each choice of {name} a title: {choice}");
        }
    }
}
