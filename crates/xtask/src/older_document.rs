//! The document in OpenAPI 3.0, for generators of clients that know no later version well.
//!
//! Version 3.0 can say less: null stands beside a type as `nullable`, and nothing stands beside a
//! reference. What is lost is words for people, who read the document of version 3.1.

use std::collections::HashMap;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

/// The version that it is written in.
const VERSION: &str = "3.0.3";

/// Where SPDX has the texts of licences.
const LICENSES: &str = "https://spdx.org/licenses/";

/// Rewrites a document of version 3.1.
///
/// # Errors
/// When it is no JSON.
pub fn of(document: &str) -> Result<String> {
    let mut document: Value = serde_json::from_str(document).context("the document is no JSON")?;
    let types = types(&document);
    rewrite(&mut document, &types);
    document["openapi"] = VERSION.into();
    if let Some(license) = document.pointer_mut("/info/license").and_then(Value::as_object_mut) {
        // Version 3.0 has an address in the place of the word of SPDX.
        if let Some(Value::String(word)) = license.remove("identifier") {
            license.insert("url".to_owned(), format!("{LICENSES}{word}.html").into());
        }
    }
    // Some generators warn of examples of whole bodies, and none uses them.
    for operation in operations(&mut document) {
        let content = operation.pointer_mut("/requestBody/content").and_then(Value::as_object_mut);
        for content in content.into_iter().flat_map(Map::values_mut) {
            if let Some(content) = content.as_object_mut() {
                content.retain(|name, _| name != "example" && name != "examples");
            }
        }
    }
    Ok(format!("{}\n", serde_json::to_string_pretty(&document)?))
}

/// The types of the schemas with a name, by the text that refers to each.
fn types(document: &Value) -> HashMap<String, Value> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    let typed = schemas.into_iter().flatten().filter_map(|(name, schema)| {
        let named = schema.get("type").filter(|named| named.is_string())?;
        Some((format!("#/components/schemas/{name}"), named.clone()))
    });
    typed.collect()
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut);
    items.flat_map(Map::values_mut)
}

/// Rewrites a value and everything in it. Examples of bodies have none of the words of a schema.
fn rewrite(value: &mut Value, types: &HashMap<String, Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, types)),
        Value::Object(fields) => {
            if fields.contains_key("$ref") {
                fields.retain(|name, _| name == "$ref");
            }
            take_null_from_type(fields);
            take_null_from_choice(fields, types);
            fields.remove("contentMediaType");
            if let Some(Value::Array(examples)) = fields.get_mut("examples") {
                let first = examples.first_mut().map(Value::take);
                fields.remove("examples");
                fields.extend(first.map(|first| ("example".to_owned(), first)));
            }
            fields.values_mut().for_each(|field| rewrite(field, types));
        }
        _ => {}
    }
}

/// `type: [T, null]` becomes `T`, `nullable`.
fn take_null_from_type(fields: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = fields.get_mut("type") else { return };
    types.retain(|name| name != "null");
    if let [only] = types.as_mut_slice() {
        let only = only.take();
        fields.insert("type".to_owned(), only);
        fields.insert("nullable".to_owned(), true.into());
    }
}

/// `oneOf: [null, S]` becomes `allOf: [S]`, with `nullable` where `S` has a type: version 3.0 allows
/// it only beside one. Elsewhere it becomes `S`, and the field can only be missing.
fn take_null_from_choice(fields: &mut Map<String, Value>, types: &HashMap<String, Value>) {
    let Some(Value::Array(choices)) = fields.get_mut("oneOf") else { return };
    let before = choices.len();
    choices.retain(|choice| *choice != json!({"type": "null"}));
    if choices.len() == before {
        return;
    }
    let [only] = choices.as_mut_slice() else { return };
    let only = only.take();
    let named = match only.get("$ref").and_then(Value::as_str) {
        Some(reference) => types.get(reference).cloned(),
        None => only.get("type").cloned(),
    };
    match (named, only) {
        (Some(named), only) => {
            fields.remove("oneOf");
            fields.insert("allOf".to_owned(), json!([only]));
            fields.insert("type".to_owned(), named);
            fields.insert("nullable".to_owned(), true.into());
        }
        (None, Value::Object(only)) => *fields = only,
        (None, _) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_version_3_0_cannot_say_is_said_otherwise() {
        let newer = json!({
            "openapi": "3.1.0",
            "info": {"title": "T", "license": {"name": "L", "identifier": "L"}},
            "paths": {"/a": {"post": {"requestBody": {"content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/A", "description": "lost"},
                "example": {"a": "b"},
            }}}}}},
            "components": {"schemas": {"A": {"properties": {
                "text": {"type": ["string", "null"], "contentMediaType": "application/json"},
                "one": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/B"}]},
                "untyped": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/C"}]},
                "many": {"oneOf": [{"type": "null"}, {"$ref": "#/b"}, {"$ref": "#/c"}]},
                "both": {"oneOf": [{"$ref": "#/b"}, {"$ref": "#/c"}]},
                "shown": {"type": "string", "examples": ["x", "y"]},
            }}, "B": {"type": "object"}, "C": {"oneOf": []}}, "examples": {"kept": {"value": null}}},
        });
        let older: Value = serde_json::from_str(&of(&newer.to_string()).unwrap()).unwrap();
        let expected = json!({
            "openapi": "3.0.3",
            "info": {"title": "T", "license": {"name": "L", "url": "https://spdx.org/licenses/L.html"}},
            "paths": {"/a": {"post": {"requestBody": {"content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/A"},
            }}}}}},
            "components": {"schemas": {"A": {"properties": {
                "text": {"type": "string", "nullable": true},
                "one": {
                    "allOf": [{"$ref": "#/components/schemas/B"}], "type": "object", "nullable": true,
                },
                "untyped": {"$ref": "#/components/schemas/C"},
                "many": {"oneOf": [{"$ref": "#/b"}, {"$ref": "#/c"}]},
                "both": {"oneOf": [{"$ref": "#/b"}, {"$ref": "#/c"}]},
                "shown": {"type": "string", "example": "x"},
            }}, "B": {"type": "object"}, "C": {"oneOf": []}}, "examples": {"kept": {"value": null}}},
        });
        assert_eq!(older, expected);
        assert!(of("no JSON").is_err());
    }
}
