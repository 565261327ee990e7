//! What a form looks like in the document: derived from its JSON twin and the table of files.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use utoipa::openapi::schema::{
    Array, ArrayBuilder, ArrayItems, KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat,
    SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::files::{self, CLIP_FIELD, FileKind, TIMES_FIELD};

/// A request body `T` as a form.
pub(crate) struct FormOf<T>(PhantomData<T>);

impl<T: ToSchema> ToSchema for FormOf<T> {
    /// The name of the twin, with another ending.
    fn name() -> Cow<'static, str> {
        let twin = T::name();
        let stem = ["Request", "Input"].iter().find_map(|end| twin.strip_suffix(end));
        format!("{}Form", stem.unwrap_or(&twin)).into()
    }
}

impl<T: ToSchema> PartialSchema for FormOf<T> {
    fn schema() -> RefOr<Schema> {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        let description = format!(
            "`{}` as a form. Pictures are files, and the field `b` of an object `a` is `a.b`.",
            T::name()
        );
        let object = ObjectBuilder::new().description(Some(description));
        let mut form = FormSchema { parts: parts.into_iter().collect(), object };
        form.add_object("", &T::schema(), true);
        form.object.into()
    }
}

/// The schema of a form while it is put together.
struct FormSchema {
    /// What the twin refers to, by name.
    parts: BTreeMap<String, RefOr<Schema>>,
    object: ObjectBuilder,
}

impl FormSchema {
    /// Adds the fields of an object whose own fields are called `path` and their name: the required
    /// ones first, in their order. Nothing is required of an object that may be missing.
    fn add_object(&mut self, path: &str, twin: &RefOr<Schema>, required: bool) {
        let Some(object) = self.object(twin) else { return };
        let optional = object.properties.keys().filter(|name| !object.required.contains(name));
        for name in object.required.iter().chain(optional) {
            let required = required && object.required.contains(name);
            self.add_field(path, name, &object.properties[name], required);
        }
    }

    fn add_field(&mut self, path: &str, name: &str, twin: &RefOr<Schema>, required: bool) {
        let full = format!("{path}{name}");
        let description = description(twin);
        match (files::kind(&full), twin) {
            (Some(FileKind::Picture), _) => {
                self.add(full, file(&format!("{description} As a file.")), required);
            }
            (Some(FileKind::List), RefOr::T(Schema::Array(list))) => {
                let description = format!("{description} As files, one field each.");
                self.add(full, several(list, file(""), &description), required);
            }
            (Some(FileKind::Frames), RefOr::T(Schema::Array(frames))) => {
                self.add(full, several(frames, file(""), &description), required);
                self.add_times(path, frames, required);
                self.add(format!("{path}{CLIP_FIELD}"), file(files::CLIP_DESCRIPTION), false);
            }
            _ if files::JSON_FIELDS.contains(&full.as_str()) => {
                self.add(full, json(), required);
            }
            (_, RefOr::T(Schema::Object(text))) => self.add(full, text.clone().into(), required),
            _ => self.add_object(&format!("{full}."), twin, required),
        }
    }

    /// When each of `frames` was taken.
    fn add_times(&mut self, path: &str, frames: &Array, required: bool) {
        let ArrayItems::RefOrSchema(frame) = &frames.items else { return };
        let Some(mut frame) = self.object(frame) else { return };
        let Some(RefOr::T(Schema::Object(mut time))) = frame.properties.remove(TIMES_FIELD) else {
            return;
        };
        let description = time.description.take().unwrap_or_default();
        let description = format!("{description} One field for each frame, in the same order.");
        let times = several(frames, time.into(), &description);
        self.add(format!("{path}{TIMES_FIELD}"), times, required);
    }

    fn add(&mut self, name: String, mut schema: Schema, required: bool) {
        if let Schema::Object(Object { schema_type, .. })
        | Schema::Array(Array { schema_type, .. }) = &mut schema
        {
            forbid_null(schema_type);
        }
        let object = std::mem::take(&mut self.object);
        self.object = if required {
            object.property(&name, schema).required(name)
        } else {
            object.property(name, schema)
        };
    }

    /// The object that `twin` is, refers to, or may be.
    fn object(&self, twin: &RefOr<Schema>) -> Option<Object> {
        match twin {
            RefOr::Ref(part) => {
                let name = part.ref_location.rsplit('/').next()?;
                self.parts.get(name).and_then(|part| self.object(part))
            }
            RefOr::T(Schema::Object(object)) => Some(object.clone()),
            RefOr::T(Schema::OneOf(one)) => one.items.first().and_then(|part| self.object(part)),
            RefOr::T(_) => None,
        }
    }
}

/// What `twin` says of itself.
fn description(twin: &RefOr<Schema>) -> String {
    match twin {
        RefOr::Ref(Ref { description, .. }) => description.clone(),
        RefOr::T(Schema::Object(object)) => object.description.clone().unwrap_or_default(),
        RefOr::T(Schema::Array(list)) => list.description.clone().unwrap_or_default(),
        RefOr::T(Schema::OneOf(one)) => one.items.first().map(description).unwrap_or_default(),
        RefOr::T(_) => String::new(),
    }
}

/// A file.
fn file(description: &str) -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
        .description((!description.is_empty()).then_some(description))
        .into()
}

/// A text that holds JSON.
fn json() -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .content_media_type("application/json")
        .description(Some(files::JSON_DESCRIPTION))
        .into()
}

/// A field that stands as often as `twin` has items.
fn several(twin: &Array, items: Schema, description: &str) -> Schema {
    ArrayBuilder::new()
        .items(RefOr::T(items))
        .min_items(twin.min_items)
        .max_items(twin.max_items)
        .description(Some(description))
        .into()
}

/// A form has no null: a field that is not meant is not there. Clients would send it as a text,
/// `None` or `null`.
fn forbid_null(schema_type: &mut SchemaType) {
    if let SchemaType::Array(types) = schema_type {
        types.retain(|one| *one != Type::Null);
        if let [only] = types.as_slice() {
            *schema_type = SchemaType::Type(only.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::*;
    use crate::extract::image::ImageInput;
    use crate::extract::liveness::LivenessInput;

    /// A sample with every kind of field.
    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only its schema counts")]
    struct SampleRequest {
        /// A name.
        #[schema(max_length = 8)]
        name: String,
        /// A picture.
        image: ImageInput,
        face_image: Option<ImageInput>,
        /// Some pictures.
        #[schema(min_items = 1, max_items = 5)]
        face_images: Option<Vec<ImageInput>>,
        liveness: Option<LivenessInput>,
        terms: Terms,
    }

    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only its schema counts")]
    struct Terms {
        /// A text.
        text: String,
        note: Option<String>,
    }

    fn form<T: ToSchema>() -> Value {
        serde_json::to_value(FormOf::<T>::schema()).expect("a schema")
    }

    #[test]
    fn a_form_has_the_fields_of_its_twin() {
        assert_eq!(FormOf::<SampleRequest>::name(), "SampleForm");
        assert_eq!(FormOf::<LivenessInput>::name(), "LivenessForm");
        let form = form::<SampleRequest>();
        assert_eq!(form["required"], json!(["name", "image", "terms.text"]));
        let fields = &form["properties"];
        let name = json!({ "type": "string", "maxLength": 8, "description": "A name." });
        assert_eq!(fields["name"], name);
        assert_eq!(fields["terms.text"], json!({ "type": "string", "description": "A text." }));
        assert_eq!(fields["terms.note"], json!({ "type": "string" }), "a form has no null");
        let file = json!({
            "type": "string", "format": "binary", "description": "A picture. As a file."
        });
        assert_eq!(fields["image"], file);
        let list = json!({
            "type": "array", "items": { "type": "string", "format": "binary" },
            "minItems": 1, "maxItems": 5,
            "description": "Some pictures. As files, one field each."
        });
        assert_eq!(fields["face_images"], list);
    }

    #[test]
    fn nothing_of_a_capture_is_required_where_the_capture_is_not() {
        let whole = form::<LivenessInput>();
        assert_eq!(whole["required"], json!(["session_id", "nonce"]));
        let part = form::<SampleRequest>();
        assert_eq!(part["required"], json!(["name", "image", "terms.text"]));
        for (name, schema) in whole["properties"].as_object().expect("fields") {
            let inside = &part["properties"][format!("liveness.{name}")];
            assert_eq!(inside["description"], schema["description"], "{name}");
            assert_eq!(inside["type"], schema["type"], "{name}");
        }
        assert_eq!(whole["properties"]["t_ms"]["items"]["type"], "number");
    }

    #[test]
    fn every_file_of_the_table_is_described() {
        let mut described = BTreeSet::new();
        for form in [form::<SampleRequest>(), form::<LivenessInput>()] {
            for (name, schema) in form["properties"].as_object().expect("fields") {
                let is_file = schema["format"] == "binary" || schema["items"]["format"] == "binary";
                assert_eq!(is_file, files::kind(name).is_some(), "{name}");
                described.extend(is_file.then(|| name.clone()));
            }
        }
        assert!(described.iter().eq(BTreeSet::from(files::FILES.map(|(name, _)| name))));
    }
}
