/** The page at `/login`, to which apps send people to sign in. Its cookies are the service's own. */
import { render } from "preact";
import "./page";
import { createApi } from "./api/client";
import { createLoginApi } from "./api/login";
import { errandOf } from "./views/login/errand";
import { LoginPage } from "./views/login/LoginPage";

const root = document.getElementById("app");
if (root) render(<LoginPage api={createApi()} login={createLoginApi()} errand={errandOf(location.search)} />, root);
