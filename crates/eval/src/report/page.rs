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
.threshold{stroke:currentColor;stroke-width:1.5;stroke-dasharray:5 4}\
.wide{overflow-x:auto}section{margin-top:3rem}.refuses{font-weight:600}dt{font-weight:600}\
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(20rem,100%),1fr));gap:1.5rem}\
figure{margin:0}figcaption b{display:block}.key{display:inline-flex;align-items:center;gap:.3rem;margin-right:.8rem;font-size:.85rem}\
.key svg{width:24px;height:8px;flex:none}.charts svg text{paint-order:stroke;stroke:Canvas;stroke-width:3px}.charts .threshold{stroke-width:1;stroke-opacity:.7}\
.series{fill:none;stroke-width:2}.s0{stroke:#1d8f6f}.s1{stroke:#c0602f;stroke-dasharray:6 3}.s2{stroke:#4f7fd9;stroke-dasharray:2 3}\
.d0{fill:#1d8f6f}.d1{fill:#c0602f}.d2{fill:#4f7fd9}.lost{fill:currentColor;fill-opacity:.22}";

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
