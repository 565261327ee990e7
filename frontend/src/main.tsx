import { render } from "preact";
import { createApi } from "./api/client";
import "./views/tokens.css";
import "./views/page-dark.css";
import "./views/page.css";
import "./views/flow.css";
import "./views/account.css";
import { App } from "./views/App";

// A photo dropped beside the field would otherwise replace the page.
for (const type of ["dragover", "drop"]) window.addEventListener(type, (event) => event.preventDefault());

/**
 * Origin of the service, when the page is hosted elsewhere. The host writes it into the page:
 * `<meta name="faceauth-service" content="https://auth.example.org">`.
 */
const service = document.querySelector<HTMLMetaElement>("meta[name=faceauth-service]")?.content.replace(/\/+$/, "") ?? "";

const root = document.getElementById("app");
if (root) render(<App api={createApi(service)} service={service} />, root);
