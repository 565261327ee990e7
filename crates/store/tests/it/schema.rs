//! The declared schema is the migrated one.

use std::fmt::Write as _;
use std::path::Path;

use faceauth_test_support::database::TestDatabase;
use tokio_postgres::Client;

use crate::support::tables;

/// Set to write `schema.rs` instead of checking it.
const WRITE: &str = "FACEAUTH_WRITE_SCHEMA";

#[tokio::test]
async fn schema_matches_the_migrated_database() {
    let database = TestDatabase::create().await;
    let expected = render(&database.client().await).await;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/schema.rs");
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    let declared = std::fs::read_to_string(path).unwrap();
    assert_eq!(declared, expected, "run again with {WRITE}=1 to rewrite src/schema.rs");
}

/// Writes down what the catalogue says, in diesel's words.
async fn render(client: &Client) -> String {
    let mut text =
        String::from("// @generated from the migrated database (see migrations/README.md).\n");
    let tables = tables(client).await;
    for table in &tables {
        let key = columns_of_key(client, table).await.join(", ");
        write!(text, "\ndiesel::table! {{\n    {table} ({key}) {{\n").unwrap();
        let sql = "SELECT column_name::text, udt_name::text, is_nullable = 'YES' \
                   FROM information_schema.columns \
                   WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position";
        for row in client.query(sql, &[table]).await.unwrap() {
            let (name, kind, nullable): (String, String, bool) =
                (row.get(0), row.get(1), row.get(2));
            let kind = diesel_type(&kind);
            let kind = if nullable { format!("Nullable<{kind}>") } else { kind.to_owned() };
            writeln!(text, "        {name} -> {kind},").unwrap();
        }
        text += "    }\n}\n";
    }
    text += "\n";
    let foreign = "SELECT k.conrelid::regclass::text, k.confrelid::regclass::text, a.attname::text \
                   FROM pg_constraint k \
                   JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] \
                   WHERE k.contype = 'f' AND k.conparentid = 0 ORDER BY 1, 2, 3";
    for row in client.query(foreign, &[]).await.unwrap() {
        let (from, to, column): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        writeln!(text, "diesel::joinable!({from} -> {to} ({column}));").unwrap();
    }
    text += "\ndiesel::allow_tables_to_appear_in_same_query!(\n";
    for table in &tables {
        writeln!(text, "    {table},").unwrap();
    }
    text += ");\n";
    let functions = functions(client).await;
    for (what, name, names) in [
        ("Every table above.", "TABLES", &tables),
        (
            "The functions of the migrations that statements of this crate call.",
            "FUNCTIONS",
            &functions,
        ),
    ] {
        let count = names.len();
        write!(text, "\n/// {what}\npub(crate) const {name}: [&str; {count}] = [\n").unwrap();
        for name in names {
            writeln!(text, "    \"{name}\",").unwrap();
        }
        text += "];\n";
    }
    text
}

/// The functions of the database that a source of this crate calls.
async fn functions(client: &Client) -> Vec<String> {
    let mut sources = String::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    let sql = "SELECT DISTINCT proname::text FROM pg_proc \
               WHERE pronamespace = 'public'::regnamespace ORDER BY 1";
    let names = client.query(sql, &[]).await.unwrap();
    let names = names.iter().map(|row| row.get::<_, String>(0));
    names.filter(|name| sources.contains(&format!("{name}("))).collect()
}

/// Adds every file below `folder` to `text`.
fn read(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, text);
        } else {
            *text += &std::fs::read_to_string(path).unwrap();
        }
    }
}

async fn columns_of_key(client: &Client, table: &str) -> Vec<String> {
    let sql = "SELECT a.attname::text FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k (n, o), \
               pg_attribute a WHERE i.indisprimary AND i.indrelid = $1::text::regclass \
               AND a.attrelid = i.indrelid AND a.attnum = k.n ORDER BY k.o";
    let key = client.query(sql, &[&table]).await.unwrap();
    if !key.is_empty() {
        return key.iter().map(|row| row.get(0)).collect();
    }
    // A partitioned table whose key is not that of the partitions: its numbers are drawn.
    let drawn = "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::text::regclass \
                 AND attidentity <> ''";
    let drawn = client.query(drawn, &[&table]).await.unwrap();
    if !drawn.is_empty() {
        return drawn.iter().map(|row| row.get(0)).collect();
    }
    // Or each of its partitions has the key by itself.
    let rest = format!("{table}_rest");
    client.query(sql, &[&rest]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

fn diesel_type(postgres: &str) -> &'static str {
    match postgres {
        "_text" => "Array<Text>",
        "bool" => "Bool",
        "bytea" => "Bytea",
        "int2" => "Int2",
        "int4" => "Int4",
        "int8" => "Int8",
        "text" => "Text",
        "timestamptz" => "Timestamptz",
        "uuid" => "Uuid",
        other => panic!("say which diesel type {other} is"),
    }
}

/// The error mapper goes by these names.
#[tokio::test]
async fn the_constraints_the_code_names_exist() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    let source = include_str!("../../src/error.rs");
    let named: Vec<&str> = source
        .split('"')
        .filter(|text| ["_unique", "_pkey", "_fkey"].iter().any(|end| text.ends_with(end)))
        .collect();
    assert_eq!(named.len(), 5, "{named:?}");
    for name in named {
        let sql = "SELECT FROM pg_constraint WHERE conname = $1 AND conparentid = 0";
        assert_eq!(client.query(sql, &[&name]).await.unwrap().len(), 1, "{name}");
    }
}
