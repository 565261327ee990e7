//! An example for every body. Fields have the examples, and bodies are put together from them, so
//! that each is written once.

use serde_json::{Map, Value, json};
use utoipa::openapi::content::Content;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::{OpenApi, RefOr};

use super::operations;
use crate::error::{ApiError, ErrorCode};
use crate::problems::example_of;

/// Any identifier.
const ID: &str = "0192a4f1-7c3e-7b6a-9d2f-3e5a8c1b4d70";
/// Any time.
const TIME: &str = "2026-11-28T09:30:00Z";
/// The content of any file: a document holds none.
const FILE: &str = "(the bytes of the file)";

const JSON: &str = "application/json";
const FORM: &str = "multipart/form-data";

/// Gives every body an example, and the document the problems that refusals refer to.
pub(super) fn add(document: &mut OpenApi) {
    let refused = serde_json::to_string(&document.paths).unwrap_or_default();
    let components = document.components.get_or_insert_default();
    for &code in ErrorCode::ALL {
        let reference = example_of(code);
        if refused.contains(&format!("\"{reference}\"")) {
            let example = ExampleBuilder::new().summary(code.title()).value(Some(problem(code)));
            components.examples.insert(code.as_str().to_owned(), example.build().into());
        }
    }
    let schemas = Schemas::of(document);
    for operation in operations(document) {
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            schemas.exemplify(body.content.iter_mut());
        }
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                schemas.exemplify(response.content.iter_mut());
            }
        }
    }
}

/// The problem that says `code`.
fn problem(code: ErrorCode) -> Value {
    let error = match code {
        ErrorCode::MissingField | ErrorCode::InvalidField => ApiError::at(code, "/username"),
        code => ApiError::new(code),
    };
    serde_json::to_value(error.problem(ID.to_owned())).unwrap_or_default()
}

/// The named schemas of a document.
pub(super) struct Schemas(Value);

impl Schemas {
    pub(super) fn of(document: &OpenApi) -> Self {
        let components = serde_json::to_value(&document.components).unwrap_or_default();
        Self(json!({ "components": components }))
    }

    /// Gives the contents of one body an example each.
    fn exemplify<'a>(&self, all: impl Iterator<Item = (&'a String, &'a mut RefOr<Content>)>) {
        let mut all: Vec<_> = all.collect();
        let twin = all.iter().find(|(media_type, _)| *media_type == JSON);
        let twin = twin.and_then(|(_, content)| self.of_content(content).ok());
        for (media_type, content) in &mut all {
            let form = twin.as_ref().filter(|_| *media_type == FORM);
            let example = match form {
                Some(twin) => self.of_form(content, twin),
                None => self.of_content(content).ok(),
            };
            if let RefOr::T(content) = *content
                && content.example.is_none()
                && content.examples.is_empty()
            {
                content.example = example;
            }
        }
    }

    fn of_content(&self, content: &RefOr<Content>) -> Result<Value, String> {
        self.compose(&schema_of(content))
    }

    /// What follows `schema`, put together from the examples of its fields: the required ones, and
    /// those that have one of their own.
    ///
    /// # Errors
    /// The place that has no example.
    pub(super) fn compose(&self, schema: &Value) -> Result<Value, String> {
        let schema = self.resolve(schema);
        if let Some(example) = own_example(schema) {
            return Ok(example.clone());
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in parts {
                if let Value::Object(fields) = self.compose(part)? {
                    whole.extend(fields);
                }
            }
            return Ok(whole.into());
        }
        if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            let choice = choices.iter().find(|choice| choice["type"] != "null");
            return choice.map_or_else(|| Err(String::new()), |choice| self.compose(choice));
        }
        match (kind(schema), schema["format"].as_str()) {
            ("object", _) => self.compose_object(schema),
            ("array", _) => Ok(json!([self.compose(&schema["items"]).map_err(inside("[]"))?])),
            ("boolean", _) => Ok(json!(true)),
            (_, Some("uuid")) => Ok(json!(ID)),
            (_, Some("date-time")) => Ok(json!(TIME)),
            (_, Some("binary")) => Ok(json!(FILE)),
            _ => Err(String::new()),
        }
    }

    fn compose_object(&self, schema: &Value) -> Result<Value, String> {
        let mut whole = Map::new();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let required =
                schema["required"].as_array().is_some_and(|all| all.contains(&json!(name)));
            if required || self.is_exemplified(field) {
                let value = self.compose(field).map_err(inside(name))?;
                whole.insert(name.clone(), value);
            }
        }
        Ok(whole.into())
    }

    /// Whether a field, or the text it may be, says itself what it looks like.
    fn is_exemplified(&self, field: &Value) -> bool {
        let choice = field["oneOf"].as_array().and_then(|choices| choices.first());
        let field = self.resolve(choice.unwrap_or(field));
        own_example(field).is_some() && field["enum"].is_null()
    }

    /// The form of `twin`.
    fn of_form(&self, content: &RefOr<Content>, twin: &Value) -> Option<Value> {
        let schema = schema_of(content);
        let fields = self.resolve(&schema)["properties"].as_object()?.clone();
        let shown = fields.iter().filter_map(|(name, field)| {
            let value = form_field(twin, name)?;
            let value = match (kind(field), &value) {
                ("string", Value::Object(object)) => {
                    Value::Object(object.clone()).to_string().into()
                }
                _ if field["format"] == "binary" => FILE.into(),
                ("array", Value::Array(items)) if field["items"]["format"] == "binary" => {
                    items.iter().map(|_| FILE).collect()
                }
                _ => value,
            };
            Some((name.clone(), value))
        });
        Some(shown.collect::<Map<_, _>>().into())
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let Some(reference) = schema["$ref"].as_str() else { return schema };
        self.0.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null)
    }
}

/// The value of a form's field in its JSON twin. The times of frames stand in the frames there.
fn form_field(twin: &Value, name: &str) -> Option<Value> {
    let pointer = format!("/{}", name.replace('.', "/"));
    if let Some(value) = twin.pointer(&pointer) {
        return Some(value.clone());
    }
    let frames = pointer.strip_suffix("t_ms").map(|path| format!("{path}frames"))?;
    let frames = twin.pointer(&frames)?.as_array()?;
    Some(frames.iter().map(|frame| frame["t_ms"].clone()).collect())
}

fn schema_of(content: &RefOr<Content>) -> Value {
    match content {
        RefOr::T(Content { schema: Some(schema), .. }) => {
            serde_json::to_value(schema).unwrap_or_default()
        }
        _ => Value::Null,
    }
}

/// What a schema says itself that its values look like.
fn own_example(schema: &Value) -> Option<&Value> {
    let examples =
        [&schema["example"], &schema["examples"][0], &schema["const"], &schema["enum"][0]];
    examples.into_iter().find(|example| !example.is_null())
}

/// The type of a schema, beside null.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        kind => kind.as_str(),
    }
    .unwrap_or_default()
}

/// Puts `name` before the place of an error.
fn inside(name: &str) -> impl Fn(String) -> String {
    move |place| format!("{name} {place}").trim_end().to_owned()
}
