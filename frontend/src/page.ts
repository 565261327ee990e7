/** What the pages of the service have in common before anything is drawn. */
import "./views/tokens.css";
import "./views/page-dark.css";
import "./views/page.css";
import "./views/flow.css";
import "./views/account.css";
import "./views/login/login.css";

// A photo dropped beside the field would otherwise replace the page.
for (const type of ["dragover", "drop"]) window.addEventListener(type, (event) => event.preventDefault());
