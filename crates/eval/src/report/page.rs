//! The frame of a page that needs nothing beside it.

/// Quiet enough to print, in both colour schemes.
const STYLE: &str = "\
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}\
body{max-width:56rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%;margin:1rem 0;font-variant-numeric:tabular-nums}\
th,td{padding:.3rem .6rem;border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent);text-align:left}\
code{overflow-wrap:anywhere}svg{width:100%;height:auto}svg text{font-size:12px;fill:currentColor}\
.grid{stroke:currentColor;stroke-opacity:.15}.curve{fill:none;stroke:#1d8f6f;stroke-width:2.5}\
.mates{fill:#1d8f6f;fill-opacity:.7}.others{fill:#b4552d;fill-opacity:.6}\
.threshold{stroke:currentColor;stroke-width:1.5;stroke-dasharray:5 4}";

/// The beginning of a page, up to its heading. `title` is escaped already.
pub(crate) fn head(title: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style><h1>{title}</h1>"
    )
}

/// A file may be called anything.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out() {
        assert_eq!(escaped("<b>&.jpg"), "&lt;b&gt;&amp;.jpg");
    }
}
