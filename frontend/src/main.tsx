import { render } from "preact";
import "./page";
import { createApi } from "./api/client";
import { App } from "./views/App";

/**
 * Origin of the service, when the page is hosted elsewhere. The host writes it into the page:
 * `<meta name="faceauth-service" content="https://auth.example.org">`.
 */
const service = document.querySelector<HTMLMetaElement>("meta[name=faceauth-service]")?.content.replace(/\/+$/, "") ?? "";

const root = document.getElementById("app");
if (root) render(<App api={createApi(service)} service={service} />, root);
