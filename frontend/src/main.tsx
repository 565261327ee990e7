import { render } from "preact";
import { createApi } from "./api/client";
import "./views/tokens.css";
import "./views/page.css";
import { App } from "./views/App";

const root = document.getElementById("app");
if (root) render(<App api={createApi()} />, root);
