import { render } from "preact";
import { createApi } from "./api/client";
import "./views/tokens.css";
import "./views/page.css";
import { App } from "./views/App";

// A photo dropped beside the field would otherwise replace the page.
for (const type of ["dragover", "drop"]) window.addEventListener(type, (event) => event.preventDefault());

const root = document.getElementById("app");
if (root) render(<App api={createApi()} />, root);
